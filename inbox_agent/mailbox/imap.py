"""A mailbox on an IMAP server (RFC 3501), replies by SMTP. Reading leaves no trace: nothing becomes \\Seen."""

import imaplib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from threading import Event
from typing import Any

import structlog
from imapclient import SEEN, IMAPClient

from inbox_agent.domain.errors import MailboxError, MailboxUnreachable
from inbox_agent.mailbox import smtp
from inbox_agent.mailbox.imap_connection import FolderState, ImapConnection, ImapSettings
from inbox_agent.mailbox.source import Cursor, Departed, Fetched, Listed

HANDLED = "$InboxAgentHandled"
"""Keyword (RFC 3501, 2.3.2) of a mail that was decided."""

_AT_ONCE = 4 * 1024 * 1024
"""Bytes of mail asked for in one command: a larger mail comes alone, so that memory holds one large mail at most."""
_HEADERS_AT_MOST = 256 * 1024
_MEASURED_AT_ONCE = 200
_MESSAGE_ID = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
_SEARCHED_AT_ONCE = 50_000
"""imaplib refuses an answer line of a million bytes; 50 000 UIDs take half of that."""
_BROKEN_IN_A_ROW = 3
"""So many undeliverable mails one after another are the server's trouble, not the mails'."""
_IDLE_RENEWED = 9 * 60.0
"""Seconds; RFC 2177 says under 29 minutes, but routers forget quiet connections sooner."""
_STOP_LOOK = 0.5

log = structlog.get_logger(__name__)


class ImapSource:
    """`MailSource` over IMAP and SMTP. Connects lazily and again after a failure. For one thread at a time."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._connection = ImapConnection(settings)
        self._idle_refused = False
        self._known: tuple[int, int] | None = None

    def fetch_since(self, cursor: Cursor) -> Iterator[Fetched | Departed]:
        """Mail with a UID above the cursor's (`uidvalidity:uid`), in order of UID; all of it when UIDVALIDITY changed.

        A mail above `max_bytes` has `problem` set and only its headers in `raw`; one that the server does not deliver
        in two attempts has `problem` set and no bytes. What was expunged meanwhile is skipped.
        """
        validity, last = _position(cursor)
        with self._connection.client() as client:
            state = self._connection.open(client, self._settings.folder)
            if state.uid_validity != validity:
                last = 0
            self._known = _mark(state)
            uids = _uids_after(client, last, state)
        broken = 0
        try:
            for start in range(0, len(uids), _MEASURED_AT_ONCE):
                for fetched in self._fetch(uids[start : start + _MEASURED_AT_ONCE], state.uid_validity):
                    broken = broken + 1 if fetched.problem and not fetched.raw else 0
                    if broken > _BROKEN_IN_A_ROW:
                        raise MailboxUnreachable(
                            f"The {self._settings.server} does not deliver the mails of mailbox {self._settings.mailbox} "
                            "although it lists them. It is tried again; ask its administrator when it stays so."
                        )
                    yield fetched
        except _FolderReplacedError:
            # Its UIDs mean nothing any more; the next call sees the new UIDVALIDITY and starts again.
            return

    def list_since(self, day: date) -> Iterator[Listed]:
        """What arrived on `day` or later, by the server's own time; only dates and Message-IDs are fetched."""
        with self._connection.client() as client:
            state = self._connection.open(client, self._settings.folder)
            uids = sorted(client.search(["SINCE", day])) if state.count else []
        for start in range(0, len(uids), _MEASURED_AT_ONCE):
            asked = ["INTERNALDATE", _MESSAGE_ID]
            answers = self._ask(uids[start : start + _MEASURED_AT_ONCE], asked, state.uid_validity)
            for uid, answer in answers.items():
                received_at = ((answer or {}).get(b"INTERNALDATE") or datetime.now(UTC)).astimezone(UTC)
                if received_at.date() >= day:
                    headers = (answer or {}).get(b"BODY[HEADER.FIELDS (MESSAGE-ID)]") or b""
                    message_id = b" ".join(headers.partition(b":")[2].split()).decode("utf-8", "replace")
                    yield Listed(f"{state.uid_validity}:{uid}", self._settings.folder, received_at, message_id)

    def fetch_keys(self, source_keys: Sequence[str]) -> Iterator[Fetched]:
        """These mails, unless UIDVALIDITY changed since."""
        with self._connection.client() as client:
            state = self._connection.open(client, self._settings.folder)
        uids = sorted(uid for validity, uid in map(_position, source_keys) if validity == state.uid_validity)
        for start in range(0, len(uids), _MEASURED_AT_ONCE):
            for fetched in self._fetch(uids[start : start + _MEASURED_AT_ONCE], state.uid_validity):
                yield replace(fetched, cursor="")

    def wait(self, seconds: float, stop: Event) -> None:
        """IDLE where the server offers it, else sleep. A connection lost meanwhile is made again, or that is raised."""
        deadline = time.monotonic() + seconds
        with self._connection.client() as client:
            state = self._connection.open(client, self._settings.folder)
            if self._known is not None and self._known != _mark(state):
                return
            self._known = _mark(state)
            can_idle = not self._idle_refused and client.has_capability("IDLE")
        if can_idle:
            try:
                with self._connection.client() as client:
                    self._idle(client, deadline, stop)
            except MailboxUnreachable:
                if not stop.is_set():
                    self._reopen()
        else:
            stop.wait(max(0.0, deadline - time.monotonic()))

    def put_reply(
        self, raw: bytes, message_id: str, sender: str, recipients: tuple[str, ...], answers: str = ""
    ) -> None:
        """Sends by SMTP, then files a copy in Sent, unless the server did. A reply that left is never reported as failed."""
        smtp.send(self._settings.smtp, raw, sender, recipients)
        try:
            with self._connection.client() as client:
                folder = self._connection.sent_folder(client)
                if not folder:
                    folder = "Sent"
                    client.create_folder(folder)
                self._connection.open(client, folder)
                if not _find(client, message_id):
                    client.append(folder, smtp.wire(raw), flags=(SEEN,))
        except Exception as error:  # whatever it was: to raise would invite a second sending
            log.warning(
                "reply_not_filed",
                mailbox=self._settings.mailbox,
                message_id=message_id,
                reason=error.sentence if isinstance(error, MailboxError) else type(error).__name__,
                exc_info=error,
            )

    def has_reply(self, message_id: str) -> bool:
        """Whether Sent holds a mail with this Message-ID (angle brackets or not)."""
        with self._connection.client() as client:
            folder = self._connection.sent_folder(client)
            if not folder:
                return False
            self._connection.open(client, folder)
            return bool(_find(client, message_id))

    def mark_handled(self, source_key: str) -> None:
        """Adds the keyword `$InboxAgentHandled`; nothing where the server keeps no keywords or the mail is gone."""
        validity, uid = _position(source_key)
        with self._connection.client() as client:
            state = self._connection.open(client, self._settings.folder, readonly=False)
            allowed = (b"\\*", HANDLED.encode("ascii"))
            if state.uid_validity != validity or not any(flag in allowed for flag in state.permanent_flags):
                return
            try:
                client.add_flags([uid], [HANDLED], silent=True)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                log.debug("handled_not_marked", mailbox=self._settings.mailbox, uid=uid, reason=str(error))

    def check(self) -> str:
        """Signs in to both servers, opens the folder read-only, finds Sent."""
        with self._connection.client() as client:
            state = self._connection.open(client, self._settings.folder)
            sent = self._connection.sent_folder(client)
            push = "with push (IDLE)" if client.has_capability("IDLE") else "without push (IDLE)"
            plus = "with UIDPLUS" if client.has_capability("UIDPLUS") else "without UIDPLUS"
        filed = f"replies are filed in {sent}" if sent else "a folder Sent will be made for replies"
        outgoing = smtp.check(self._settings.smtp)
        return (
            f"{self._settings.host}: folder {self._settings.folder} holds {state.count} mails, {push}, {plus}; "
            f"{filed}; {outgoing}."
        )

    def sign_in_expires_at(self) -> datetime | None:
        """As far as it is known of tokens; a password's end is not told."""
        tokens = self._settings.tokens
        return tokens.expires_at() if tokens else None

    def close(self) -> None:
        """Signs out."""
        self._connection.close()

    def _fetch(self, uids: list[int], validity: int) -> Iterator[Fetched]:
        """These mails, the small ones in portions, each large one alone."""
        portion: list[_Listed] = []
        size = 0
        for listed in self._measure(uids, validity):
            too_large = listed.size > self._settings.max_bytes
            if portion and (listed.problem or too_large or size + listed.size > _AT_ONCE):
                yield from self._fetch_portion(portion, validity)
                portion, size = [], 0
            if listed.problem:
                yield listed.fetched(validity, b"", listed.problem)
            elif too_large:
                yield self._fetch_headers(listed, validity)
            else:
                portion.append(listed)
                size += listed.size
        if portion:
            yield from self._fetch_portion(portion, validity)

    def _measure(self, uids: list[int], validity: int) -> Iterator["_Listed"]:
        answers = self._ask(uids, ["RFC822.SIZE", "INTERNALDATE"], validity)
        for uid in uids:
            if uid not in answers:
                continue
            answer = answers[uid]
            if answer is None:
                yield _Listed(uid, 0, datetime.now(UTC), _UNDELIVERABLE)
                continue
            received_at = answer.get(b"INTERNALDATE") or datetime.now(UTC)
            yield _Listed(uid, answer.get(b"RFC822.SIZE") or 0, received_at.astimezone(UTC))

    def _fetch_portion(self, portion: list["_Listed"], validity: int) -> Iterator[Fetched]:
        answers = self._ask([listed.uid for listed in portion], ["BODY.PEEK[]"], validity)
        for listed in portion:
            if listed.uid not in answers:
                continue
            answer = answers.pop(listed.uid)
            raw = (answer or {}).get(b"BODY[]") or b""
            if answer and not raw:
                # Some servers deliver nothing of a mail that another program expunged meanwhile.
                self._reopen(validity)
                again = self._ask([listed.uid], ["BODY.PEEK[]"], validity)
                if listed.uid not in again:
                    continue
                raw = (again[listed.uid] or {}).get(b"BODY[]") or b""
            yield listed.fetched(validity, raw, "" if raw else _UNDELIVERABLE)

    def _fetch_headers(self, listed: "_Listed", validity: int) -> Fetched:
        answer = self._ask([listed.uid], [f"BODY.PEEK[HEADER]<0.{_HEADERS_AT_MOST}>"], validity).get(listed.uid)
        return listed.fetched(
            validity,
            (answer or {}).get(b"BODY[HEADER]<0>") or b"",
            f"This mail is {_megabytes(listed.size)} MB; mails over {_megabytes(self._settings.max_bytes)} MB are not read. "
            "Open it in the mail program.",
        )

    def _ask(self, uids: list[int], items: list[str], validity: int) -> dict[int, dict[bytes, Any] | None]:
        """The server's answer for each mail: left out when it is gone, None when it failed twice.

        Raises `MailboxUnreachable` when the server itself is gone.
        """
        try:
            return self._ask_once(uids, items, validity)
        except MailboxUnreachable:
            self._reopen(validity)
        answers: dict[int, dict[bytes, Any] | None] = {}
        for uid in uids:
            for attempt in range(2 if len(uids) > 1 else 1):
                try:
                    answers.update(self._ask_once([uid], items, validity))
                    break
                except MailboxUnreachable as error:
                    self._reopen(validity)
                    log.info(
                        "mail_not_delivered",
                        mailbox=self._settings.mailbox,
                        uid=uid,
                        attempt=attempt,
                        reason=str(error),
                    )
            else:
                answers[uid] = None
        return answers

    def _ask_once(self, uids: list[int], items: list[str], validity: int) -> dict[int, dict[bytes, Any] | None]:
        with self._connection.client() as client:
            if self._connection.selected != self._settings.folder:
                state = self._connection.open(client, self._settings.folder)
                if state.uid_validity != validity:
                    raise _FolderReplacedError
            answers = client.fetch(uids, items)
            # Unasked-for flag changes of an expunged or other mail come in the same answer: they are no delivery.
            wanted = items[0].partition("[")[0].removesuffix(".PEEK").encode("ascii")
            return {uid: answer for uid, answer in answers.items() if any(key.startswith(wanted) for key in answer)}

    def _reopen(self, validity: int | None = None) -> None:
        """Raises the `MailboxError` that tells why when the server is really gone."""
        with self._connection.client() as client:
            state = self._connection.open(client, self._settings.folder)
        if validity not in (None, state.uid_validity):
            raise _FolderReplacedError

    def _idle(self, client: IMAPClient, deadline: float, stop: Event) -> None:
        if self._connection.selected != self._settings.folder:
            self._connection.open(client, self._settings.folder)
        while not stop.is_set() and time.monotonic() < deadline:
            try:
                client.idle()
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                # News before the "+" is legal and means that something happened; anything else is a refusal.
                self._idle_refused = "* " not in str(error)
                raise
            if self._idle_round(client, min(deadline, time.monotonic() + _IDLE_RENEWED), stop):
                return

    def _idle_round(self, client: IMAPClient, until: float, stop: Event) -> bool:
        """One IDLE from "+" to DONE. Whether mail came."""
        arrived = False
        while not arrived and not stop.is_set() and (left := until - time.monotonic()) > 0:
            asked_at = time.monotonic()
            news = client.idle_check(timeout=min(_STOP_LOOK, left))
            arrived = any(map(_is_arrival, news))
            if not news and time.monotonic() - asked_at < min(_STOP_LOOK, left) / 2:
                break  # readable, yet nothing to read: the end of the connection, which DONE then meets
        _, late = client.idle_done()
        return arrived or any(map(_is_arrival, late))


@dataclass(frozen=True, slots=True)
class _Listed:
    """A mail that the server lists; `size` in bytes as it says."""

    uid: int
    size: int
    received_at: datetime
    problem: str = ""

    def fetched(self, validity: int, raw: bytes, problem: str) -> Fetched:
        key = f"{validity}:{self.uid}"
        return Fetched(key, raw, self.received_at, cursor=key, problem=problem)


class _FolderReplacedError(Exception):
    """UIDVALIDITY changed between two commands of one fetch."""


_UNDELIVERABLE = (
    "The mail server lists this mail but does not deliver it, also when asked again. Open it in the mail program."
)


def _position(text: str) -> tuple[int, int]:
    """`uidvalidity:uid` of a cursor or source key; (0, 0), the beginning, for anything else."""
    validity, _, uid = text.partition(":")
    return (int(validity), int(uid)) if validity.isdecimal() and uid.isdecimal() else (0, 0)


def _mark(state: FolderState) -> tuple[int, int]:
    """What changes when mail arrives."""
    return state.uid_validity, state.next_uid or state.count


def _uids_after(client: IMAPClient, last: int, state: FolderState) -> list[int]:
    """UIDs above `last` in the open folder, ascending.

    `n:*` always holds the last mail, also when its UID is below n (RFC 3501, 6.4.8): it is filtered out.
    """
    if state.next_uid and state.next_uid <= last + 1:
        return []
    if state.count <= _SEARCHED_AT_ONCE or not state.next_uid:
        found = client.search(["UID", f"{last + 1}:*"]) if state.count else []
        return sorted(uid for uid in found if uid > last)
    uids: list[int] = []
    for low in range(last + 1, state.next_uid, _SEARCHED_AT_ONCE):
        high = min(low + _SEARCHED_AT_ONCE, state.next_uid) - 1
        uids.extend(sorted(uid for uid in client.search(["UID", f"{low}:{high}"]) if uid > last))
    return uids


def _find(client: IMAPClient, message_id: str) -> list[int]:
    """UIDs with this Message-ID in the open folder. The brackets keep `<1@x>` from finding `<11@x>`."""
    bare = message_id.strip().strip("<>")
    return list(client.search(["HEADER", "Message-ID", f"<{bare}>"]))


def _is_arrival(news: tuple[Any, ...]) -> bool:
    """Whether an IDLE line such as (3, b"EXISTS") tells of mail; flags, expunges and "still here" do not."""
    if news[0] == b"BYE":
        raise imaplib.IMAP4.abort("the server said goodbye")
    return len(news) > 1 and news[1] in (b"EXISTS", b"RECENT")


def _megabytes(size: int) -> int:
    return -(-size // (1024 * 1024))
