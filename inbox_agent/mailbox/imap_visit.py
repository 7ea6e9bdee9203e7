"""One look into one folder of an IMAP mailbox: where it stands, what left, what came; and what is remembered of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from imapclient import IMAPClient

from inbox_agent.domain.errors import MailboxFolderRefused, MailboxUnreachable
from inbox_agent.mailbox.imap_account import FolderState, ImapAccount, Mark
from inbox_agent.mailbox.imap_connection import ImapConnection
from inbox_agent.mailbox.imap_folders import WatchedFolder
from inbox_agent.mailbox.imap_position import LAST_UID, Position
from inbox_agent.mailbox.imap_presence import Presence
from inbox_agent.mailbox.imap_reader import FolderReplaced, ImapReader, Read
from inbox_agent.mailbox.imap_search import search_uids


@dataclass(slots=True)
class Memory:
    """What this process remembers of a folder after a whole visit, so that a folder at rest costs one command.

    `reached` is where the visit ended: as a cursor it may never have been stored, since nothing was offered with it.
    It holds for a caller who comes with the position that the visit `ended` with, or `began` with and offered nothing.
    """

    mark: Mark | None = None
    began: Position | None = None
    ended: Position | None = None
    reached: Position | None = None
    offered_any: bool = False
    presence: Presence = field(default_factory=Presence)

    def holds(self, stored: Position | None) -> bool:
        """Whether who comes with this stored position was offered all up to `reached`."""
        known = stored == self.ended or (stored == self.began and not self.offered_any)
        return self.reached is not None and known


class Visit:
    """Of one folder. `stored` is its position in the caller's cursor, `begin` where it begins by the options.

    After `look`, `position` is where it stands, and moves with each mail; `departed` are UIDs that are gone from it.
    """

    def __init__(self, connection: ImapConnection, account: ImapAccount, folder: WatchedFolder, memory: Memory) -> None:
        self.folder = folder
        self.position = Position()
        self.departed: list[int] = []
        self.failed = False
        self._connection = connection
        self._account = account
        self._memory = memory
        self._mark = Mark(0, 0, 0)
        self._stored: Position | None = None
        self._modseq = 0
        self._at_rest = False
        self._offered_any = False

    @property
    def mark(self) -> Mark:
        """What the server said of the folder."""
        return self._mark

    def look(self, stored: Position | None, begin: Position) -> None:
        """Asks the server where the folder stands and what left it. Raises what concerns this folder only as `ImapAccount`."""
        self._stored = stored
        try:
            self._look(begin)
        except (MailboxFolderRefused, MailboxUnreachable) as error:
            asked_what_vanished = self._account.qresync and self.position.modseq > 0
            if isinstance(error, MailboxUnreachable) and not asked_what_vanished:
                raise
            # An answer that is too long for imaplib, or a server that is not up to what it offers: without, once for all.
            # Or a session that was there before a folder was replaced, and knows the old one only.
            self._account.qresync = self._account.qresync and not asked_what_vanished
            self._connection.drop()
            self._look(begin)

    def _look(self, begin: Position) -> None:
        memory = self._memory
        remembered = memory.reached if memory.holds(self._stored) else None
        self.position = remembered or begin
        with self._connection.client() as client:
            if remembered and self._connection.selected != self.folder.name:
                self._mark = self._account.look(client, self.folder.name)
                if self._rests(self.position.modseq):
                    return
            state = self._account.open(client, self.folder.name, since=self.position)
            self._mark = state.mark
            if remembered and self._rests(state.modseq if self._tells(client, state) else 0):
                return
            before = self.position.epoch
            self.position = self.position.valid(state.mark.uid_validity, (state.mark.next_uid or LAST_UID + 1) - 1)
            was_valid = self.position.epoch == before
            if not was_valid:
                memory.presence = Presence()
            self._see_departed(client, state, was_valid)

    def arrivals(self, afresh: bool) -> Iterator[Read]:
        """Mails after the position, in order of UID; `afresh` looks again first, for what came since `look`.

        Raises `FolderReplaced` when UIDVALIDITY changed meanwhile.
        """
        if self._at_rest and not afresh:
            return
        name, mark, begun = self.folder.name, self._mark, self.position
        with self._connection.client() as client:
            if not afresh and mark.next_uid and mark.next_uid <= begun.uid + 1:
                return
            if afresh or self._connection.selected != name:
                mark = self._account.open(client, name).mark
                if mark.uid_validity != begun.validity:
                    raise FolderReplaced
            found = search_uids(client, begun.uid + 1, LAST_UID, mark, begun.since)
            uids = [uid for portion in found for uid in portion]
        reader = ImapReader(self._connection, self._account, name, begun.validity)
        for read in reader.read(uids, begun.since):
            self.position = self.position.offered(read.uid)
            self._offered_any = True
            yield read
            self._memory.presence.offered(read.uid)
        last = mark.next_uid - 1 if mark.next_uid else uids[-1] if uids else 0
        self.position = replace(self.position, uid=max(self.position.uid, last))

    def departures_told(self) -> Position:
        """The position once the last of `departed` is told."""
        self._offered_any = True
        return replace(self.position, modseq=self._modseq)

    def end(self, stored: Position | None) -> None:
        """All was taken: remembers it. `stored` is the folder's position in the last cursor that was given out."""
        memory = self._memory
        memory.began, memory.ended, memory.offered_any = self._stored, stored, self._offered_any
        memory.reached = replace(self.position, modseq=self._modseq)
        if not self._at_rest:
            memory.mark = self._mark
            if not self._modseq:
                memory.presence.told(self.departed, self._mark)

    def _tells(self, client: IMAPClient, state: FolderState) -> bool:
        """Whether the server tells what vanished from this folder."""
        return self._account.qresync and client.has_capability("QRESYNC") and state.modseq > 0

    def _rests(self, modseq: int) -> bool:
        """Whether nothing came or went since the visit before; `modseq` is then that of now."""
        memory = self._memory
        # Without UIDNEXT one that came and one that went would look like nothing.
        self._at_rest = bool(self._mark.next_uid) and self._mark == memory.mark and not memory.presence.is_due
        if self._at_rest:
            self._modseq = modseq
            self.position = replace(self.position, modseq=modseq)
        return self._at_rest

    def _see_departed(self, client: IMAPClient, state: FolderState, was_valid: bool) -> None:
        position = self.position
        tells = self._tells(client, state)
        self._modseq = state.modseq if tells else 0
        if tells:
            if was_valid:
                low, high = position.low or 1, position.uid
                for first, last in state.vanished or ():
                    self.departed.extend(range(max(first, low), min(last, high) + 1))
        else:
            self.departed = self._memory.presence.departed(client, position, state.mark)
        # Until all that left is told, a crash must find it again.
        if not self.departed:
            self.position = replace(position, modseq=self._modseq)
