"""How far the folders of an IMAP mailbox were read, as a cursor; and what identifies a mail in them."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Any

from inbox_agent.mailbox.source import Cursor

SENT_BEFORE = timedelta(days=14)
"""How far back the Sent folder is read in a mailbox whose mail was already being read when that began."""

_EPOCH = re.compile(r"\d+(\.\d+)?")
_READ: Mapping[str, Callable[[Any], object]] = {"since": date.fromisoformat, "start_on": date.fromisoformat, "was": str}

_EPOCHS = 20
"""Epochs remembered while a folder that changes again and again is read anew."""

LAST_UID = 2**32 - 1
"""RFC 3501, 2.3.1.1."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far one folder was read: all mail with a UID up to `uid`, from `low` on, of this `validity`, was offered.

    `modseq` is the state of the folder up to which departed mail was told (RFC 7162), 0 where the server has none. Mail from
    before `since` is not offered; `start_on` is what the options asked for then. `again` counts how often UIDs began again
    under one UIDVALIDITY, which no server may do and some do. While `was` is set, mails with a UID up to `until` are those
    that had keys of one of those epochs before (parted by blanks).
    """

    validity: int = 0
    uid: int = 0
    low: int = 0
    modseq: int = 0
    since: date | None = None
    start_on: date | None = None
    again: int = 0
    was: str = ""
    until: int = 0

    @property
    def epoch(self) -> str:
        """While this stays, a UID is the same mail."""
        return f"{self.validity}.{self.again}" if self.again else str(self.validity)

    def offered(self, uid: int) -> "Position":
        """After this mail."""
        return replace(self, uid=max(uid, self.uid), low=self.low or uid)

    def started(self, start_on: date | None) -> "Position":
        """With the start date of the options as it is now: an earlier one begins again, a later one leaves mail out."""
        if start_on == self.start_on:
            return self
        if self.start_on is not None and (start_on is None or start_on < self.start_on):
            return replace(self, uid=0, low=0, modseq=0, since=start_on, start_on=start_on)
        since = max(self.since, start_on) if self.since and start_on else start_on or self.since
        return replace(self, since=since, start_on=start_on)

    def valid(self, validity: int, last_uid: int) -> "Position":
        """In the folder as it is now: begun again when its UIDVALIDITY changed, or when its highest UID, `last_uid`, is below
        what was offered already (RFC 3501, 2.3.1.1 forbids that; it happens after a restored backup)."""
        is_new = self.validity == 0
        if self.validity == validity and self.uid <= last_uid:
            return self
        again = self.again + 1 if self.validity == validity and not is_new else 0
        # Changed again before every mail got its new key: some bear the last epoch's, the others earlier ones.
        own = [] if is_new or (self.was and self.uid == 0) else [self.epoch]
        was = " ".join([*self.was.split(), *own][-_EPOCHS:])
        until = last_uid if was else 0
        return Position(validity, since=self.since, start_on=self.start_on, again=again, was=was, until=until)


@dataclass(frozen=True, slots=True)
class Positions:
    """Of every folder that was read. `first` is the folder whose keys are `uidvalidity:uid` alone, as those of mailboxes
    with one folder always were."""

    first: str = ""
    folders: Mapping[str, Position] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: Cursor, first: str) -> "Positions":
        """Of a cursor, also one of a mailbox that had one folder (`uidvalidity:uid`); anything else is the beginning."""
        validity, _, uid = cursor.partition(":")
        if validity.isdecimal() and uid.isdecimal():
            return cls(first, {first: Position(int(validity), int(uid), low=1)})
        try:
            stored = json.loads(cursor)
            folders = {name: _position(values) for name, values in stored["folders"].items()}
            return cls(str(stored["first"]), folders)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(first)

    def write(self) -> Cursor:
        """As it is stored."""
        folders = {
            name: {key: str(value) if isinstance(value, date) else value for key, value in asdict(one).items() if value}
            for name, one in self.folders.items()
        }
        return json.dumps({"first": self.first, "folders": folders}, ensure_ascii=False, separators=(",", ":"))

    def moved(self, folder: str, position: Position) -> "Positions":
        """With one folder's position changed."""
        return Positions(self.first, {**self.folders, folder: position})

    def begin(self, folder: str, is_sent: bool, start_on: date | None, today: date) -> Position:
        """Where a folder stands. A Sent folder that joins a mailbox already being read begins `SENT_BEFORE` today."""
        stored = self.folders.get(folder)
        if stored is not None:
            return stored.started(start_on)
        recent = today - SENT_BEFORE if is_sent and self.folders else None
        since = max(recent, start_on) if recent and start_on else recent or start_on
        return Position(since=since, start_on=start_on)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source key says that a mail lies. `uid` 0: nowhere."""

    folder: str
    epoch: str
    uid: int

    @property
    def validity(self) -> int:
        """UIDVALIDITY, 0 for nowhere."""
        return int(self.epoch.partition(".")[0] or 0)


def key_prefix(first: str, folder: str, epoch: str) -> str:
    """What the keys of all mails of a folder begin with during an epoch: mostly its UIDVALIDITY, see `Position.epoch`."""
    return f"{epoch}:" if folder == first else f"@{folder}:{epoch}:"


def place(source_key: str, first: str) -> Place:
    """Of a key: `key_prefix` and the UID."""
    rest, _, uid = source_key.rpartition(":")
    folder, _, epoch = rest.rpartition(":") if rest.startswith("@") else (f"@{first}", "", rest)
    if not (uid.isdecimal() and _EPOCH.fullmatch(epoch)):
        return Place(first, "", 0)
    return Place(folder[1:], epoch, int(uid))


def _position(values: Mapping[str, Any]) -> Position:
    known: dict[str, Any] = {}
    for one in fields(Position):
        if value := values.get(one.name):
            known[one.name] = _READ.get(one.name, int)(value)
    return Position(**known)
