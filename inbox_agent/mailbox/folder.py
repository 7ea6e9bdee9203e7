"""A folder into which `.eml` files are dropped: a mailbox without a server, for trying out and for exports.

Give a mail another name (`.part`) while it is written and rename it, or it may be read half. Mails are never changed
or removed. Sub-folders, hidden files and other suffixes are ignored; replies are written to the sub-folder `sent`.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from email import message_from_bytes
from email.policy import compat32
from operator import itemgetter
from pathlib import Path
from threading import Event

from inbox_agent.domain.errors import MailboxError, MailboxFolderMissing, MailboxUnreachable, ReplyRefused
from inbox_agent.mailbox.folder_file import MailFile, Version, header_part, list_files, read_file
from inbox_agent.mailbox.source import Cursor, Departed, Fetched, Listed
from inbox_agent.whole_file import write_whole

_SETTLED_AFTER = 0.15
"""Seconds without a change after which a file counts as written."""
_UNREADABLE_AFTER = 2.0
"""Seconds that a file may lack read permission (its owner may still be setting it) before it is parked."""
_TICK_NS = 50_000_000
_LOOK = 0.1


class FolderSource:
    """`MailSource` over a folder. For one thread at a time.

    The cursor is `run:number`: which instance offered the mail, and as which. A new instance reads every file once,
    whatever the cursor says (the key tells the caller what it has): no time stamp can be trusted to tell what is new,
    `cp -p` and `mv` bring old ones. After that it reads only what came or changed, and what the caller did not take.
    """

    def __init__(self, folder: Path, max_bytes: int, start_on: date | None = None) -> None:
        """`max_bytes` is per mail; files whose time is before `start_on` (UTC day) are left alone."""
        self._folder = folder
        self._start_on = start_on
        self._max_bytes = max_bytes
        self._run = secrets.token_hex(4)
        self._offered: dict[str, _Offer] = {}
        self._first_seen: dict[str, tuple[Version, float]] = {}
        self._gone: list[str] = []
        self._number = 0
        self._quiet_since: int | None = None

    def fetch_since(self, cursor: Cursor) -> Iterator[Fetched | Departed]:
        """New and changed files in order of arrival, then those that went. One being written, or not yet readable, waits
        for the next look.

        A changed file is another mail: the one that it was is gone.
        """
        again, new = [], []
        for file in self._look():
            offer = self._offer_of(file)
            if offer is None:
                new.append(file)
            elif not self._covered(cursor, offer):
                again.append((offer.number, file))
        # Numbers must rise within a pass, or a cursor would cover what its caller never got.
        for file in [file for _, file in sorted(again, key=itemgetter(0))] + new:
            offer = self._offer_of(file)
            number = offer.number if offer else self._number + 1
            if self._ready(file) and (fetched := self._read(file, number)) is not None:
                if offer is None and file.name in self._offered:
                    self._gone.append(self._offered[file.name].key)
                offer = self._offered[file.name] = _Offer(file.version, number, fetched.source_key)
                self._number = max(self._number, number)
                self._first_seen.pop(file.name, None)
                yield fetched
                # The caller came back for more, so it dealt with this one.
                offer.taken = True
                cursor = fetched.cursor
        there = {offer.key for offer in self._offered.values()}
        while self._gone:
            if self._gone[0] not in there:
                yield Departed(self._gone[0], cursor)
            self._gone.pop(0)

    def list_since(self, day: date) -> Iterator[Listed]:
        """The files whose time is `day` (UTC) or later; each is read, since its content is part of its key."""
        for fetched in self._read_all(lambda file: file.arrived_at.date() >= day):
            headers = message_from_bytes(header_part(fetched.raw), policy=compat32)
            yield Listed(
                fetched.source_key, "", fetched.received_at, " ".join(str(headers.get("Message-ID", "")).split())
            )

    def fetch_keys(self, source_keys: Sequence[str]) -> Iterator[Fetched]:
        """The files with these names, where their content is still what the key says."""
        wanted = set(source_keys)
        names = {key.rpartition(":")[0] for key in wanted}
        for fetched in self._read_all(lambda file: file.shown in names):
            if fetched.source_key in wanted:
                yield fetched

    def wait(self, seconds: float, stop: Event) -> None:
        """Looks at the folder's own time stamp ten times a second, and at its files only when that changed."""
        deadline = time.monotonic() + seconds
        while not stop.is_set() and not self._something_new():
            left = deadline - time.monotonic()
            if left <= 0:
                return
            stop.wait(min(_LOOK, left))

    def put_reply(
        self, raw: bytes, message_id: str, sender: str, recipients: tuple[str, ...], answers: str = ""
    ) -> None:
        """Writes the reply to `sent`; the same Message-ID twice is one file."""
        try:
            write_whole(self._sent(message_id), [raw])
        except OSError as error:
            raise ReplyRefused(
                f"The reply could not be written to {self._folder / 'sent'} ({error.strerror}). "
                "Make room or correct the permissions, and approve it again."
            ) from error

    def has_reply(self, message_id: str) -> bool:
        """Whether its file is in `sent`."""
        return self._sent(message_id).is_file()

    def mark_handled(self, source_key: str) -> None:
        """Nothing: the files are left as they are."""

    def check(self) -> str:
        """Lists the folder; says whether replies can be written."""
        count = len(self._look())
        place = self._folder / "sent"
        if not os.access(place if place.is_dir() else self._folder, os.W_OK | os.X_OK):
            raise MailboxUnreachable(
                f"Replies cannot be written to {place}. Give the worker's account write permission."
            )
        return f"{self._folder}: {count} mails; replies are written to {place}."

    def sign_in_expires_at(self) -> datetime | None:
        """Never: nobody signs in."""
        return None

    def close(self) -> None:
        """Nothing is open."""

    def _read_all(self, wanted: Callable[[MailFile], bool]) -> Iterator[Fetched]:
        """These files as they are now; moves no position."""
        for file in self._look():
            if wanted(file) and self._ready(file) and (fetched := self._read(file, 0)) is not None:
                yield replace(fetched, cursor="")

    def _look(self) -> list[MailFile]:
        """The `.eml` files there are, oldest first. Forgets what is gone."""
        try:
            begun_at = time.time_ns()
            changed_at = self._folder.stat().st_mtime_ns
            files = [file for file in list_files(self._folder) if self._is_in_scope(file)]
        except OSError as error:
            raise _unusable(self._folder, error) from error
        # A file that comes within the same tick of the file system's clock would leave the time stamp as it is.
        self._quiet_since = None if 0 <= begun_at - changed_at <= _TICK_NS else changed_at
        there = {file.name for file in files}
        for gone in self._offered.keys() - there:
            self._gone.append(self._offered.pop(gone).key)
        now = time.monotonic()
        seen = self._first_seen
        self._first_seen = {}
        for file in files:
            if self._offer_of(file) is None:
                before = seen.get(file.name)
                self._first_seen[file.name] = before if before and before[0] == file.version else (file.version, now)
        return sorted(files, key=lambda file: (file.changed_ns, file.name))

    def _is_in_scope(self, file: MailFile) -> bool:
        return self._start_on is None or file.arrived_at.date() >= self._start_on

    def _something_new(self) -> bool:
        """Whether a file that was not offered yet is ready."""
        try:
            unchanged = self._folder.stat().st_mtime_ns == self._quiet_since
        except OSError as error:
            raise _unusable(self._folder, error) from error
        if unchanged and not self._first_seen:
            return False
        return any(file.name in self._first_seen and self._ready(file) for file in self._look())

    def _ready(self, file: MailFile) -> bool:
        """Whether nobody seems to be writing it, and it can be read or will not become readable."""
        _, seen_at = self._first_seen.get(file.name, (file.version, 0.0))
        known_for = time.monotonic() - seen_at
        age = (time.time_ns() - max(file.changed_ns, file.modified_ns)) / 1e9
        # The age tells at once; where the clocks differ (a share, a date in the future) only watching does.
        if age < _SETTLED_AFTER and known_for < _SETTLED_AFTER:
            return False
        effective = os.access in os.supports_effective_ids
        return known_for >= _UNREADABLE_AFTER or os.access(self._folder / file.name, os.R_OK, effective_ids=effective)

    def _offer_of(self, file: MailFile) -> "_Offer | None":
        offer = self._offered.get(file.name)
        return offer if offer is not None and offer.version == file.version else None

    def _covered(self, cursor: Cursor, offer: "_Offer") -> bool:
        """Whether the caller had this offer when it stored `cursor`, perhaps another worker's."""
        run, _, number = cursor.partition(":")
        if run == self._run and number.isdecimal():
            return offer.number <= int(number)
        return cursor != "" and offer.taken

    def _read(self, file: MailFile, number: int) -> Fetched | None:
        """The mail, or what is wrong with it; None when it changed or went away under our hands."""
        content = read_file(self._folder, file, self._max_bytes)
        if content is None:
            return None
        return Fetched(
            source_key=f"{file.shown}:{content.mark}",
            raw=content.raw,
            received_at=file.arrived_at,
            cursor=f"{self._run}:{number}",
            problem=content.problem,
        )

    def _sent(self, message_id: str) -> Path:
        bare = message_id.strip().strip("<>")
        return self._folder / "sent" / f"{hashlib.sha256(bare.encode('utf-8')).hexdigest()[:32]}.eml"


@dataclass(slots=True)
class _Offer:
    """What this instance gave to its caller, as which, and whether the caller went on to the next."""

    version: Version
    number: int
    key: str
    taken: bool = False


def _unusable(folder: Path, error: OSError) -> MailboxError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return MailboxFolderMissing(
            f"There is no folder {folder}. Create it or correct the option path of the mailbox."
        )
    return MailboxUnreachable(f"The folder {folder} cannot be read ({error.strerror}). Correct its permissions.")
