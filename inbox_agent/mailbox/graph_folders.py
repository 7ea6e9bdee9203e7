"""Folders of a Microsoft 365 mailbox by the names that people write: well-known ones, or paths as the mail program shows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inbox_agent.domain.errors import MailboxFolderMissing
from inbox_agent.mailbox.graph_client import GraphClient
from inbox_agent.mailbox.graph_failure import GraphRefusal

INBOX = "inbox"
SENT = "sentitems"
WELL_KNOWN = (INBOX, SENT, "archive", "drafts", "deleteditems", "junkemail", "outbox")
"""Names that hold in every language: https://learn.microsoft.com/graph/api/resources/mailfolder"""

_FIELDS = {"$select": "id,displayName,totalItemCount", "$top": "100"}


@dataclass(frozen=True, slots=True)
class Folder:
    """`path` is how people find it (`Inbox/Debtors`); `count` is how many messages lay in it when it was looked up."""

    folder_id: str
    path: str
    count: int
    is_sent: bool = False


def find(client: GraphClient, mailbox: str, wanted: tuple[str, ...], read_sent: bool) -> list[Folder]:
    """The folders to read, without repetition; the inbox where none is wanted; then the one of sent mail if it is read.

    Raises `MailboxFolderMissing` with the names that there are.
    """
    found: dict[str, Folder] = {}
    sent = _folder(client, SENT)
    for name in wanted or (INBOX,):
        folder = _by_path(client, mailbox, [part.strip() for part in name.split("/") if part.strip()], name)
        if folder.folder_id != sent.folder_id:
            found.setdefault(folder.folder_id, folder)
    if read_sent:
        found[sent.folder_id] = Folder(sent.folder_id, sent.path, sent.count, is_sent=True)
    return list(found.values())


def _by_path(client: GraphClient, mailbox: str, parts: list[str], name: str) -> Folder:
    first = parts[0].lower().replace(" ", "") if parts else ""
    folder: Folder | None = None
    if first in WELL_KNOWN:
        folder = _folder(client, first)
        parts = parts[1:]
    for part in parts:
        there = list(_children(client, folder))
        folder = next((one for one in there if one.path.rpartition("/")[2].casefold() == part.casefold()), None)
        if folder is None:
            raise _missing(name, mailbox, there)
    if folder is None:
        raise _missing(name, mailbox, list(_children(client, None)))
    return folder


def _folder(client: GraphClient, well_known: str) -> Folder:
    try:
        raw = client.get(client.user("mailFolders", well_known), {"$select": _FIELDS["$select"]})
    except GraphRefusal as error:
        if error.is_gone:
            raise MailboxFolderMissing(
                f"Microsoft 365 finds no folder {well_known} in the mailbox. Open the mailbox once in Outlook, or correct the "
                "option folders."
            ) from error
        raise
    return _read(raw, "")


def _children(client: GraphClient, parent: Folder | None) -> Iterator[Folder]:
    parts = ("mailFolders", parent.folder_id, "childFolders") if parent else ("mailFolders",)
    for page in client.pages(client.user(*parts), _FIELDS):
        for raw in page.get("value", []):
            yield _read(raw, f"{parent.path}/" if parent else "")


def _read(raw: dict[str, Any], above: str) -> Folder:
    return Folder(
        str(raw.get("id", "")), f"{above}{raw.get('displayName') or ''}"[:400], int(raw.get("totalItemCount") or 0)
    )


def _missing(name: str, mailbox: str, there: list[Folder]) -> MailboxFolderMissing:
    listed = ", ".join(sorted(one.path for one in there)[:20]) or "none"
    return MailboxFolderMissing(
        f"There is no folder {name} in mailbox {mailbox}. There are: {listed}. Correct the option folders; a folder in a folder "
        "is written as `Inbox/Name`."
    )
