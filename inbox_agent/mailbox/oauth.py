"""What a mailbox needs of OAuth 2.0 (RFC 6749): a token that is valid now. `microsoft.py` and `google.py` obtain them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Protocol

from inbox_agent.domain.errors import MailboxUnreachable

_RENEWED_BEFORE = 300.0
"""Seconds before its end at which a token is renewed: one must last for as long as a server takes to look at it."""


class TokenSource(Protocol):
    """Gives access tokens for one mailbox; keeps the present one and renews it before it ends. Safe between threads."""

    def token(self, force: bool = False) -> str:
        """A token that is valid for a while; asks the network only when the present one ends soon, or on `force`.

        `force` is for a server that refused the present token: a new one is asked for, once. Raises `MailboxSignInRefused`
        (with what a person has to do), `MailboxUnreachable`, `MailboxCertificateRefused`; `SettingsError` where kept sign-ins
        cannot be read or written.
        """
        ...

    def expires_at(self) -> datetime | None:
        """When the way in ends unless somebody renews it (aware, UTC); None where nobody can know. Asks no network."""
        ...


class Person(Protocol):
    """Who signs in, at a terminal."""

    def show(self, text: str) -> None:
        """Tells something."""
        ...

    def ask(self, question: str) -> str:
        """Asks for a line."""
        ...


class SignIn(Protocol):
    """A way in that a person opens once."""

    def sign_in(self, person: Person) -> str:
        """Has `person` sign in, waits for that, keeps it. Returns as whom, "" where that is not told. Raises as `token`."""
        ...


@dataclass(frozen=True, slots=True)
class Granted:
    """An access token; `ends_at` in seconds since 1970."""

    token: str = field(repr=False)
    ends_at: float


class Present:
    """The token of the moment. `obtain` asks for a new one; its flag says that the present one was refused."""

    def __init__(self, obtain: Callable[[bool], Granted]) -> None:
        self._obtain = obtain
        self._granted: Granted | None = None
        self._lock = Lock()

    def token(self, force: bool) -> str:
        """As `TokenSource.token`. A token near its end serves on while whoever renews it cannot be reached."""
        with self._lock:
            held, now = self._granted, time.time()
            if held is not None and not force and held.ends_at - now > _RENEWED_BEFORE:
                return held.token
            try:
                self._granted = self._obtain(force)
            except MailboxUnreachable:
                if held is None or force or held.ends_at <= now:
                    raise
                return held.token
            return self._granted.token
