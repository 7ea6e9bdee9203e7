"""Mails of one folder by their UIDs, whole, without leaving a trace: nothing becomes \\Seen (BODY.PEEK)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import structlog
from imapclient import IMAPClient

from inbox_agent.domain.errors import MailboxUnreachable
from inbox_agent.mailbox.failure import folder_refused
from inbox_agent.mailbox.imap_account import ImapAccount
from inbox_agent.mailbox.imap_connection import ImapConnection

_AT_ONCE = 4 * 1024 * 1024
"""Bytes of mail asked for in one command: a larger mail comes alone, so that memory holds one large mail at most."""
_HEADERS_AT_MOST = 256 * 1024
_MEASURED_AT_ONCE = 200
_LISTED_AT_ONCE = 500
_BROKEN_IN_A_ROW = 3
"""So many undeliverable mails one after another are the server's trouble, not the mails'."""
_MESSAGE_ID = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
_UNDELIVERABLE = (
    "The mail server lists this mail but does not deliver it, also when asked again. Open it in the mail program."
)

log = structlog.get_logger(__name__)


class FolderReplaced(Exception):
    """UIDVALIDITY changed between two commands of one fetch: its UIDs mean nothing any more."""


@dataclass(frozen=True, slots=True)
class Read:
    """A mail as it was read; `problem` and what `raw` then holds as in `source.Fetched`."""

    uid: int
    received_at: datetime
    raw: bytes
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A mail that was only listed; `message_id` "" if it has none."""

    uid: int
    received_at: datetime
    message_id: str


class ImapReader:
    """Of one folder while its UIDVALIDITY is this; another one raises `FolderReplaced`.

    Opens the folder again when another was opened meanwhile, and connects again when the connection was lost.
    """

    def __init__(self, connection: ImapConnection, account: ImapAccount, folder: str, validity: int) -> None:
        self._connection = connection
        self._account = account
        self._settings = connection.settings
        self._folder = folder
        self._validity = validity

    def read(self, uids: Sequence[int], since: date | None = None) -> Iterator[Read]:
        """These mails that arrived on `since` (UTC) or later. What was expunged meanwhile is skipped.

        Raises `MailboxFolderRefused` when several in a row are listed, but not delivered.
        """
        broken = 0
        for start in range(0, len(uids), _MEASURED_AT_ONCE):
            for mail in self._read(uids[start : start + _MEASURED_AT_ONCE], since):
                broken = broken + 1 if mail.problem and not mail.raw else 0
                if broken > _BROKEN_IN_A_ROW:
                    raise folder_refused(self._folder, "it does not deliver mails that it lists", self._settings.server)
                yield mail

    def headers(self, uids: Sequence[int]) -> Iterator[Header]:
        """When these mails arrived, and their Message-IDs."""
        for start in range(0, len(uids), _LISTED_AT_ONCE):
            answers = self._ask(uids[start : start + _LISTED_AT_ONCE], ["INTERNALDATE", _MESSAGE_ID])
            for uid, answer in answers.items():
                line = (answer or {}).get(b"BODY[HEADER.FIELDS (MESSAGE-ID)]") or b""
                message_id = b" ".join(line.partition(b":")[2].split()).decode("utf-8", "replace")
                yield Header(uid, _received_at(answer), message_id)

    def _read(self, uids: Sequence[int], since: date | None) -> Iterator[Read]:
        """The small ones in portions, each large one alone."""
        portion: list[_Listed] = []
        size = 0
        for listed in self._measure(uids):
            if since and listed.received_at.date() < since:
                continue
            too_large = listed.size > self._settings.max_bytes
            if portion and (listed.problem or too_large or size + listed.size > _AT_ONCE):
                yield from self._read_portion(portion)
                portion, size = [], 0
            if listed.problem:
                yield Read(listed.uid, listed.received_at, b"", listed.problem)
            elif too_large:
                yield self._read_headers(listed)
            else:
                portion.append(listed)
                size += listed.size
        if portion:
            yield from self._read_portion(portion)

    def _measure(self, uids: Sequence[int]) -> Iterator["_Listed"]:
        answers = self._ask(uids, ["RFC822.SIZE", "INTERNALDATE"])
        for uid in uids:
            if uid in answers:
                answer = answers[uid]
                problem = _UNDELIVERABLE if answer is None else ""
                yield _Listed(uid, (answer or {}).get(b"RFC822.SIZE") or 0, _received_at(answer), problem)

    def _read_portion(self, portion: list["_Listed"]) -> Iterator[Read]:
        answers = self._ask([listed.uid for listed in portion], ["BODY.PEEK[]"])
        for listed in portion:
            if listed.uid not in answers:
                continue
            answer = answers.pop(listed.uid)
            raw = (answer or {}).get(b"BODY[]") or b""
            if answer and not raw:
                # Some servers deliver nothing of a mail that another program expunged meanwhile.
                self._reopen()
                again = self._ask([listed.uid], ["BODY.PEEK[]"])
                if listed.uid not in again:
                    continue
                raw = (again[listed.uid] or {}).get(b"BODY[]") or b""
            yield Read(listed.uid, listed.received_at, raw, "" if raw else _UNDELIVERABLE)

    def _read_headers(self, listed: "_Listed") -> Read:
        answer = self._ask([listed.uid], [f"BODY.PEEK[HEADER]<0.{_HEADERS_AT_MOST}>"]).get(listed.uid)
        return Read(
            listed.uid,
            listed.received_at,
            (answer or {}).get(b"BODY[HEADER]<0>") or b"",
            f"This mail is {_megabytes(listed.size)} MB; mails over {_megabytes(self._settings.max_bytes)} MB are not read. "
            "Open it in the mail program.",
        )

    def _ask(self, uids: Sequence[int], items: list[str]) -> dict[int, dict[bytes, Any] | None]:
        """The server's answer for each mail: left out when it is gone, None when it failed twice.

        Raises `MailboxUnreachable` when the server itself is gone.
        """
        try:
            return self._ask_once(uids, items)
        except MailboxUnreachable:
            self._reopen()
        answers: dict[int, dict[bytes, Any] | None] = {}
        for uid in uids:
            for attempt in range(2 if len(uids) > 1 else 1):
                try:
                    answers.update(self._ask_once([uid], items))
                    break
                except MailboxUnreachable as error:
                    self._reopen()
                    log.info(
                        "mail_not_delivered",
                        mailbox=self._settings.mailbox,
                        folder=self._folder,
                        uid=uid,
                        attempt=attempt,
                        reason=str(error),
                    )
            else:
                answers[uid] = None
        return answers

    def _ask_once(self, uids: Sequence[int], items: list[str]) -> dict[int, dict[bytes, Any] | None]:
        with self._connection.client() as client:
            if self._connection.selected != self._folder:
                self._open(client)
            answers = client.fetch(uids, items)
            # Unasked-for flag changes of an expunged or other mail come in the same answer: they are no delivery.
            wanted = items[0].partition("[")[0].removesuffix(".PEEK").encode("ascii")
            asked = set(uids)
            return {
                uid: answer
                for uid, answer in answers.items()
                if uid in asked and any(key.startswith(wanted) for key in answer)
            }

    def _reopen(self) -> None:
        """Raises the `MailboxError` that tells why when the server or the folder is really gone."""
        with self._connection.client() as client:
            self._open(client)

    def _open(self, client: IMAPClient) -> None:
        state = self._account.open(client, self._folder)
        if state.mark.uid_validity != self._validity:
            raise FolderReplaced


@dataclass(frozen=True, slots=True)
class _Listed:
    """A mail that the server lists; `size` in bytes as it says."""

    uid: int
    size: int
    received_at: datetime
    problem: str = ""


def _received_at(answer: dict[bytes, Any] | None) -> datetime:
    """The server's own date; now for a mail of which it does not tell even that."""
    told: datetime = (answer or {}).get(b"INTERNALDATE") or datetime.now(UTC)
    return told.astimezone(UTC)


def _megabytes(size: int) -> int:
    return -(-size // (1024 * 1024))
