"""What the worker needs of a mailbox, whatever it is. No caller asks which source it has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
    `folder` is where it lies, as its server names it; `is_sent` says that this is the folder of sent mail. `conversation` is
    the server's own id of the conversation, or "". `supersedes` is set when the server gave all its messages new keys: the same
    bytes under an old key that begins so are this message, not another one.
    """

    source_key: str
    raw: bytes
    received_at: datetime
    cursor: Cursor
    problem: str = ""
    folder: str = ""
    is_sent: bool = False
    conversation: str = ""
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Departed:
    """A message that lies no longer where it was fetched from: moved or deleted. `cursor` as in `Fetched`."""

    source_key: str
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Listed:
    """One message that the server has, without its content. `received_at` as in `Fetched`; `message_id` "" if it has none."""

    source_key: str
    folder: str
    received_at: datetime
    message_id: str


class MailSource(Protocol):
    """A mailbox: read from it, reply through it. Every method may raise `MailboxError` with a plain sentence."""

    def fetch_since(self, cursor: Cursor) -> Iterator[Fetched | Departed]:
        """What arrived or departed after `cursor`, oldest first. May offer again what was fetched before; the key tells.

        A folder that cannot be read is raised after all others were gone through.
        """
        ...

    def list_since(self, day: date) -> Iterator[Listed]:
        """All that lies in the folders now and arrived on `day` (UTC) or later, in no order. Fetches no content."""
        ...

    def fetch_keys(self, source_keys: Sequence[str]) -> Iterator[Fetched]:
        """These messages, as far as they are still there; `cursor` is "": they move no position."""
        ...

    def wait(self, seconds: float, stop: Event) -> None:
        """Returns when something may have arrived, after `seconds`, or soon after `stop` is set."""
        ...

    def put_reply(
        self, raw: bytes, message_id: str, sender: str, recipients: tuple[str, ...], answers: str = ""
    ) -> None:
        """Sends the reply and files it among the sent mail. `answers` is the source key of the mail that it answers.

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

    def sign_in_expires_at(self) -> datetime | None:
        """When the way in ends unless somebody renews it; None when that cannot be known."""
        ...

    def close(self) -> None:
        """Ends the connection, if any."""
        ...
