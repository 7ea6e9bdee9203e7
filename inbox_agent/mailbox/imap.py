"""A mailbox on an IMAP server (RFC 3501), replies by SMTP. Reading leaves no trace: nothing becomes \\Seen."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Event

from inbox_agent.domain.errors import MailboxError, MailboxUnreachable
from inbox_agent.mailbox import smtp
from inbox_agent.mailbox.imap_account import FOLDER_FAILED, ImapAccount, Mark
from inbox_agent.mailbox.imap_check import describe
from inbox_agent.mailbox.imap_connection import ImapConnection, ImapSettings
from inbox_agent.mailbox.imap_folders import WatchedFolder
from inbox_agent.mailbox.imap_idle import IdleRefused, idle
from inbox_agent.mailbox.imap_position import LAST_UID, Place, Position, Positions, key_prefix, place
from inbox_agent.mailbox.imap_reader import FolderReplaced, ImapReader, Read
from inbox_agent.mailbox.imap_replies import ImapReplies
from inbox_agent.mailbox.imap_search import search_uids
from inbox_agent.mailbox.imap_visit import Memory, Visit
from inbox_agent.mailbox.source import Cursor, Departed, Fetched, Listed


class ImapSource:
    """`MailSource` over IMAP and SMTP. Connects lazily and again after a failure. For one thread at a time."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._connection = ImapConnection(settings)
        self._account = ImapAccount(self._connection)
        self._replies = ImapReplies(self._connection, self._account)
        self._memories: defaultdict[str, Memory] = defaultdict(Memory)
        self._marks: dict[str, Mark] = {}
        self._stands: dict[str, Position] = {}
        self._first = ""
        self._idle_refused = False

    def fetch_since(self, cursor: Cursor) -> Iterator[Fetched | Departed]:
        """Folder by folder, new mail in order of UID, all of it where UIDVALIDITY changed; then what left the folders.

        So a mail that was moved from one to another is in its new place before it is gone from the old one. A mail above
        `max_bytes` has `problem` set and only its headers in `raw`; one that the server does not deliver in two attempts has
        `problem` set and no bytes. What was expunged meanwhile is skipped.
        """
        failed: MailboxError | None
        folders, failed = self._account.watched()
        positions = Positions.read(cursor, self._account.first())
        self._first = positions.first
        visits, today, stored = [], datetime.now(UTC).date(), positions
        for folder in folders:
            visit = Visit(self._connection, self._account, folder, self._memories[folder.name])
            begin = stored.begin(folder.name, folder.is_sent, self._settings.scope.start_on, today)
            try:
                visit.look(stored.folders.get(folder.name), begin)
            except FOLDER_FAILED as error:
                failed = failed or error
                continue
            self._marks[folder.name] = visit.mark
            self._stands[folder.name] = visit.position
            positions = positions.moved(folder.name, visit.position)
            visits.append(visit)
        # What left before these looks came elsewhere before them: everything is looked at once more.
        afresh = any(visit.departed for visit in visits)
        for visit in visits:
            try:
                for read in visit.arrivals(afresh):
                    positions = positions.moved(visit.folder.name, visit.position)
                    yield self._fetched(visit.folder, visit.position, read, positions.write())
            except FolderReplaced:
                # The next call sees the new UIDVALIDITY and starts again.
                visit.failed = True
            except FOLDER_FAILED as error:
                visit.failed, failed = True, failed or error
        for visit in visits:
            if visit.departed and not visit.failed:
                told = visit.departures_told()
                prefix = key_prefix(positions.first, visit.folder.name, told.epoch)
                for uid in visit.departed[:-1]:
                    yield Departed(f"{prefix}{uid}", positions.write())
                positions = positions.moved(visit.folder.name, told)
                yield Departed(f"{prefix}{visit.departed[-1]}", positions.write())
        for visit in visits:
            if not visit.failed:
                visit.end(positions.folders[visit.folder.name])
        if failed:
            raise failed

    def list_since(self, day: date) -> Iterator[Listed]:
        """What `fetch_since` offers of what arrived on `day` or later; only dates and Message-IDs are fetched."""
        failed: MailboxError | None
        folders, failed = self._account.watched()
        for folder in folders:
            stands = self._stands.get(folder.name)
            begin = stands.since if stands else self._settings.scope.start_on
            since = max(day, begin) if begin else day
            try:
                with self._connection.client() as client:
                    mark = self._account.open(client, folder.name).mark
                    found = search_uids(client, 1, LAST_UID, mark, since)
                    uids = [uid for portion in found for uid in portion]
                reader = ImapReader(self._connection, self._account, folder.name, mark.uid_validity)
                prefix = key_prefix(self._plain(), folder.name, self._position(folder.name, mark.uid_validity).epoch)
                for header in reader.headers(uids):
                    if header.received_at.date() >= since:
                        yield Listed(f"{prefix}{header.uid}", folder.name, header.received_at, header.message_id)
            except FolderReplaced:
                raise MailboxUnreachable(
                    f"The folder {folder.name} of mailbox {self._settings.mailbox} was replaced while it was listed. "
                    "It is listed again at the next comparison."
                ) from None
            except FOLDER_FAILED as error:
                failed = failed or error
        if failed:
            raise failed

    def fetch_keys(self, source_keys: Sequence[str]) -> Iterator[Fetched]:
        """These mails, where their folder is still watched and its UIDVALIDITY the same."""
        wanted: defaultdict[str, list[Place]] = defaultdict(list)
        for one in (place(key, self._plain()) for key in source_keys):
            wanted[one.folder].append(one)
        folders, _ = self._account.watched()
        for folder in folders:
            if not (places := wanted.get(folder.name)):
                continue
            with self._connection.client() as client:
                validity = self._account.open(client, folder.name).mark.uid_validity
            position = self._position(folder.name, validity)
            uids = sorted({one.uid for one in places if one.epoch == position.epoch and one.uid})
            try:
                for read in ImapReader(self._connection, self._account, folder.name, validity).read(uids):
                    yield self._fetched(folder, position, read, "")
            except FolderReplaced:
                continue

    def wait(self, seconds: float, stop: Event) -> None:
        """IDLE on the first folder where the server offers it, else sleep; the other folders are looked at once.

        A connection lost meanwhile is made again, or that is raised.
        """
        deadline = time.monotonic() + seconds
        folders, _ = self._account.watched()
        if self._changed(folders):
            return
        try:
            with self._connection.client() as client:
                if folders and not self._idle_refused and client.has_capability("IDLE"):
                    if self._connection.selected != folders[0].name:
                        self._account.open(client, folders[0].name)
                    idle(client, deadline, stop)
                    return
        except IdleRefused:
            self._idle_refused = True
        except MailboxUnreachable:
            if not stop.is_set():
                with self._connection.client() as client:
                    self._account.open(client, folders[0].name)
            return
        stop.wait(max(0.0, deadline - time.monotonic()))

    def put_reply(
        self, raw: bytes, message_id: str, sender: str, recipients: tuple[str, ...], answers: str = ""
    ) -> None:
        """Sends by SMTP, then files a copy in Sent, unless the server did. A reply that left is never reported as failed."""
        smtp.send(self._settings.smtp, raw, sender, recipients)
        self._replies.file(raw, message_id, lambda: place(answers, self._plain()))

    def has_reply(self, message_id: str) -> bool:
        """Whether Sent holds a mail with this Message-ID (angle brackets or not)."""
        return self._replies.has(message_id)

    def mark_handled(self, source_key: str) -> None:
        """Marks it as the option `marking` says; nothing where the server keeps no such mark or the mail is gone."""
        handled = place(source_key, self._plain())
        if handled.epoch == self._position(handled.folder, handled.validity).epoch:
            self._replies.mark_handled(handled)

    def check(self) -> str:
        """Signs in to both servers, opens the folders, says what the server offers."""
        told = describe(self._connection, self._account)
        return f"{told}; {smtp.check(self._settings.smtp)}."

    def sign_in_expires_at(self) -> datetime | None:
        """None for a password: its end is not told."""
        tokens = self._settings.tokens
        return tokens.expires_at() if tokens else None

    def close(self) -> None:
        """Signs out."""
        self._connection.close()

    def _changed(self, folders: Sequence[WatchedFolder]) -> bool:
        """Whether mail came or went since the last fetch. The first folder is open afterwards, for IDLE."""
        with self._connection.client() as client:
            for folder in reversed(folders):
                try:
                    if folder == folders[0]:
                        mark = self._account.open(client, folder.name).mark
                    else:
                        mark = self._account.look(client, folder.name)
                except FOLDER_FAILED:
                    # The next fetch tells it.
                    continue
                if self._marks.setdefault(folder.name, mark) != mark:
                    return True
        return False

    def _plain(self) -> str:
        """The folder whose keys are `uidvalidity:uid`: what the cursor says, else the first one of the options."""
        return self._first or self._account.first()

    def _position(self, folder: str, validity: int) -> Position:
        """Where the last fetch found a folder, if that still holds."""
        stands = self._stands.get(folder)
        return Position(validity) if stands is None or stands.validity != validity else replace(stands, was="")

    def _fetched(self, folder: WatchedFolder, position: Position, read: Read, cursor: Cursor) -> Fetched:
        first = self._plain()
        renamed = position.was and read.uid <= position.until
        return Fetched(
            source_key=f"{key_prefix(first, folder.name, position.epoch)}{read.uid}",
            raw=read.raw,
            received_at=read.received_at,
            cursor=cursor,
            problem=read.problem,
            folder=folder.name,
            is_sent=folder.is_sent,
            supersedes=tuple(key_prefix(first, folder.name, epoch) for epoch in position.was.split())
            if renamed
            else (),
        )
