"""The folders of one IMAP account: which are watched, opened over the one connection, and what the server says of them."""

import imaplib
import re
from dataclasses import dataclass

from imapclient import IMAPClient

from inbox_agent.domain.errors import MailboxFolderMissing, MailboxFolderRefused
from inbox_agent.mailbox.failure import folder_missing, folder_refused
from inbox_agent.mailbox.imap_connection import ImapConnection
from inbox_agent.mailbox.imap_folders import (
    INBOX,
    ListedFolder,
    WatchedFolder,
    list_folders,
    personal_prefix,
    sent_folder,
    spelled,
)
from inbox_agent.mailbox.imap_position import Position

_STATUS = ("UIDVALIDITY", "UIDNEXT", "MESSAGES")
_EARLIER = re.compile(rb"\(EARLIER\) ([\d:,]+)")

FOLDER_FAILED = (MailboxFolderMissing, MailboxFolderRefused)
"""What concerns one folder only: the others can still be read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What changes when mail comes or goes. `next_uid` is 0 when the server does not say."""

    uid_validity: int
    next_uid: int
    count: int


@dataclass(frozen=True, slots=True)
class FolderState:
    """What the server says on opening a folder. `modseq` is 0 when it keeps none, `vanished` are ranges of UIDs that were
    asked for and are gone (RFC 7162, 3.2.5); None when it does not tell.
    """

    mark: Mark
    permanent_flags: tuple[bytes, ...]
    modseq: int
    vanished: tuple[tuple[int, int], ...] | None = None


class ImapAccount:
    """Finds and opens folders. For one thread at a time, as its connection."""

    def __init__(self, connection: ImapConnection) -> None:
        self._connection = connection
        self._settings = connection.settings
        self._listed_by: IMAPClient | None = None
        self._listed: list[ListedFolder] = []
        self._prefix = ""
        self.qresync = True

    def watched(self) -> tuple[list[WatchedFolder], MailboxFolderMissing | None]:
        """The folders of the options, then Sent unless it is not read or there is none; and the first that is missing."""
        scope = self._settings.scope
        with self._connection.client() as client:
            there = self._folders(client)
            names = {name: spelled(name, there, self._prefix) for name in scope.folders or (INBOX,)}
            if not all(names.values()) and self._listed_by is client:
                there = self._folders(client, afresh=True)
                names = {name: spelled(name, there, self._prefix) for name in names}
            missing = [folder_missing(name, _names(there), self._settings.server) for name in names if not names[name]]
            sent = ""
            if scope.read_sent:
                try:
                    sent = self.sent(client)
                except MailboxFolderMissing as error:
                    missing.append(error)
        found = dict.fromkeys(name for name in names.values() if name and name != sent)
        folders = [WatchedFolder(name) for name in found]
        return folders + [WatchedFolder(sent, is_sent=True)] * bool(sent), missing[0] if missing else None

    def first(self) -> str:
        """The folder that the options name first, as the server spells it, or as they do when it is not there."""
        name = (self._settings.scope.folders or (INBOX,))[0]
        with self._connection.client() as client:
            return spelled(name, self._folders(client), self._prefix) or name

    def sent(self, client: IMAPClient) -> str:
        """The configured Sent folder, else the one found by itself, else "". Raises `MailboxFolderMissing`."""
        there = self._folders(client)
        configured = self._settings.sent_folder
        found = spelled(configured, there, self._prefix) if configured else sent_folder(there)
        if not found:
            there = self._folders(client, afresh=True)
            found = spelled(configured, there, self._prefix) if configured else sent_folder(there)
        if configured and not found:
            raise folder_missing(configured, _names(there), self._settings.server)
        return found

    def make_sent(self, client: IMAPClient) -> str:
        """Makes a folder Sent where this account may have one."""
        self._folders(client)
        name = f"{self._prefix}Sent"
        client.create_folder(name)
        self._listed_by = None
        return name

    def open(
        self, client: IMAPClient, folder: str, readonly: bool = True, since: Position | None = None
    ) -> FolderState:
        """Opens `folder` afresh; read-only leaves even \\Recent alone. With `since`, asks what is gone of what was offered.

        Raises `MailboxFolderMissing`, or `MailboxFolderRefused` when the server does not let it be opened.
        """
        asked = client._normalise_folder(folder)
        told = self.qresync and since is not None and since.modseq > 0 and client.has_capability("QRESYNC")
        if told and since is not None:
            known = f"{since.low or 1}:{max(since.uid, 1)}"
            asked += f" (QRESYNC ({since.validity} {since.modseq} {known}))".encode("ascii")
        try:
            client._command_and_check("select", asked, readonly)
        except imaplib.IMAP4.abort as error:
            if not isinstance(error, imaplib.IMAP4.readonly):
                raise
            self._connection.selected = ""
            raise folder_refused(folder, "it is read-only", self._settings.server) from None
        except imaplib.IMAP4.error as error:
            self._connection.selected = ""
            raise self._refusal(client, folder, error) from None
        self._connection.selected = folder
        untagged = client._imap.untagged_responses
        answer = client._process_select_response(untagged)
        return FolderState(
            mark=Mark(answer.get(b"UIDVALIDITY", 0), answer.get(b"UIDNEXT", 0), answer[b"EXISTS"]),
            permanent_flags=tuple(flag.strip(b"()") for flag in answer.get(b"PERMANENTFLAGS", ())),
            modseq=answer.get(b"HIGHESTMODSEQ", 0),
            vanished=_ranges(untagged.get("VANISHED", ())) if told else None,
        )

    def look(self, client: IMAPClient, folder: str) -> Mark:
        """What the server says of a folder, without opening it unless it is open already. Raises as `open`."""
        if self._connection.selected == folder:
            # STATUS of the open folder may be out of date (RFC 3501, 6.3.10).
            return self.open(client, folder).mark
        try:
            answer = client.folder_status(folder, _STATUS)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            # Some servers answer STATUS for some folders only; opening tells what is wrong, if anything.
            return self.open(client, folder).mark
        return Mark(answer.get(b"UIDVALIDITY", 0), answer.get(b"UIDNEXT", 0), answer.get(b"MESSAGES", 0))

    def _refusal(
        self, client: IMAPClient, folder: str, error: Exception
    ) -> MailboxFolderMissing | MailboxFolderRefused:
        there = _names(self._folders(client, afresh=True))
        if folder != INBOX and folder not in there:
            return folder_missing(folder, there, self._settings.server)
        return folder_refused(folder, str(error), self._settings.server)

    def _folders(self, client: IMAPClient, afresh: bool = False) -> list[ListedFolder]:
        """Asked for once in a connection, unless something is not where it should be."""
        if afresh or self._listed_by is not client:
            self._listed, self._prefix = list_folders(client), personal_prefix(client)
            self._listed_by = client
        return self._listed


def _names(folders: list[ListedFolder]) -> list[str]:
    return [folder.name for folder in folders]


def _ranges(lines: list[bytes] | tuple[()]) -> tuple[tuple[int, int], ...]:
    """UIDs of VANISHED lines, `(EARLIER) 41,43:116`."""
    ranges = []
    for line in lines:
        if found := _EARLIER.search(line):
            for one in found[1].split(b","):
                low, _, high = one.partition(b":")
                ranges.append((int(low), int(high or low)))
    return tuple(ranges)
