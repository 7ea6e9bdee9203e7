"""What a mailbox needs of OAuth 2.0 (RFC 6749): a token that is valid now. Who gives it out is `microsoft.py`, `google.py`."""

from datetime import datetime
from typing import Protocol


class TokenSource(Protocol):
    """Gives access tokens for one mailbox; keeps the present one and renews it before it ends. Safe between threads."""

    def token(self, force: bool = False) -> str:
        """A token that is valid for a few minutes at least; asks the network only when the present one is not, or on `force`.

        `force` is for a server that refused the present token: a new one is asked for, once. Raises `MailboxSignInRefused`
        (with what a person has to do), `MailboxUnreachable`, `MailboxCertificateRefused`; `SettingsError` for a damaged
        store of tokens.
        """
        ...

    def expires_at(self) -> datetime | None:
        """When the way in ends unless somebody renews it (aware, UTC); None where nobody can know. Asks no network."""
        ...
