"""Which mails left a folder of an IMAP server that does not tell it (no QRESYNC, as Exchange and Gmail)."""

import time
from array import array
from bisect import bisect_right

from imapclient import IMAPClient

from inbox_agent.mailbox.imap_account import Mark
from inbox_agent.mailbox.imap_position import Position
from inbox_agent.mailbox.imap_search import search_uids

_FREE = 0.25
"""Seconds that a comparison may take without a pause after it."""
_SHARE = 20
"""A longer one is not repeated before so many times its duration: 5 % of the time at most."""


class Presence:
    """The UIDs that were offered from one folder, four bytes each, kept in memory only: what departs while nobody looks is
    found by comparing all that is listed (`MailSource.list_since`).

    Counting is enough to know that nothing left: then as many mails came as UIDs were given out. Else the UIDs that
    are still there are searched for once.
    """

    def __init__(self) -> None:
        self.is_due = False
        self._known: array[int] | None = None
        self._counted: Mark | None = None
        self._not_before = 0.0

    def departed(self, client: IMAPClient, position: Position, mark: Mark) -> list[int]:
        """UIDs that were offered before and are gone from the folder, which is open and which `mark` describes.

        They are told again until `told`. Nothing is known at the first call, nor after another UIDVALIDITY.
        """
        counted = self._counted
        if self._known is None or counted is None or counted.uid_validity != mark.uid_validity:
            there = search_uids(client, position.low or 1, position.uid, mark, position.since)
            self._known = array("I", [uid for portion in there for uid in portion])
            self._counted = mark
            self.is_due = False
            return []
        # A caller that goes back to an earlier position is offered the later ones again.
        del self._known[bisect_right(self._known, position.uid) :]
        if mark.next_uid and mark.count - counted.count == mark.next_uid - counted.next_uid:
            self._counted = mark
            self.is_due = False
            return []
        self.is_due = time.monotonic() < self._not_before
        return [] if self.is_due or not self._known else self._compare(client, position, mark)

    def offered(self, uid: int) -> None:
        """Remembers one that is offered now."""
        if self._known is not None and (not self._known or self._known[-1] < uid):
            self._known.append(uid)

    def told(self, departed: list[int], mark: Mark) -> None:
        """The caller knows of these, as of `mark`."""
        if self._known is not None and not self.is_due:
            gone = set(departed)
            self._known = array("I", [uid for uid in self._known if uid not in gone]) if gone else self._known
            self._counted = mark

    def _compare(self, client: IMAPClient, position: Position, mark: Mark) -> list[int]:
        assert self._known is not None
        begun = time.monotonic()
        low, high = self._known[0], self._known[-1]
        gone = set(self._known)
        for portion in search_uids(client, low, high, mark, position.since):
            gone.difference_update(portion)
        took = time.monotonic() - begun
        self._not_before = time.monotonic() + _SHARE * took if took > _FREE else 0.0
        return sorted(gone)
