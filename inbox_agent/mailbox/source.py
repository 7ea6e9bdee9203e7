"""What the worker needs of a mailbox, whatever it is. No caller asks which source it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Protocol

Cursor = str
"""Opaque to the worker: where a source went on to. "" is the beginning."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message from a mailbox.

    `source_key` identifies it within its mailbox for ever (IMAP `uidvalidity:uid`, Graph immutable id).
    `raw` are its bytes, unchanged. `received_at` is when the server got it (aware, UTC).
    `cursor` is the position after this message: stored in the same transaction as the message.
    `problem` is set, and `raw` may be empty, when the message could not be fetched whole (too large): it is parked.
    """

    source_key: str
    raw: bytes
    received_at: datetime
    cursor: Cursor
    problem: str = ""


class MailSource(Protocol):
    """A mailbox: read from it, reply through it. Every method may raise `MailboxError` with a plain sentence."""

    def fetch_since(self, cursor: Cursor) -> Iterator[Fetched]:
        """What arrived after `cursor`, oldest first. May offer again what was fetched before; the key tells."""
        ...

    def wait(self, seconds: float, stop: Event) -> None:
        """Returns when something may have arrived, after `seconds`, or soon after `stop` is set."""
        ...

    def put_reply(self, raw: bytes, message_id: str, sender: str, recipients: tuple[str, ...]) -> None:
        """Sends the reply and files it among the sent mail.

        Raises `ReplyRefused` when it certainly did not leave, `ReplyUncertain` when nobody can know.
        """
        ...

    def has_reply(self, message_id: str) -> bool:
        """Whether a sent mail with this Message-ID is there."""
        ...

    def mark_handled(self, source_key: str) -> None:
        """Shows in the mailbox that this mail was decided; degrades silently where the server cannot."""
        ...

    def check(self) -> str:
        """Signs in, looks at the folders, changes nothing. Returns one line on what it found."""
        ...

    def close(self) -> None:
        """Ends the connection, if any."""
        ...
