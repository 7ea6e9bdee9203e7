"""What an IMAP server offers, and what that means for its mailbox, in plain words."""

from imapclient import IMAPClient

from inbox_agent.domain.errors import MailboxFolderRefused
from inbox_agent.mailbox.imap_account import FolderState, ImapAccount
from inbox_agent.mailbox.imap_connection import ImapConnection
from inbox_agent.mailbox.imap_folders import WatchedFolder, list_folders
from inbox_agent.mailbox.imap_replies import HANDLED
from inbox_agent.mailbox.options import Marking


def describe(connection: ImapConnection, account: ImapAccount) -> str:
    """Opens every folder read-only; one line. Raises what the first folder that cannot be read raises."""
    settings = connection.settings
    folders, missing = account.watched()
    if missing:
        raise missing
    with connection.client() as client:
        states = [(folder, account.open(client, folder.name)) for folder in folders]
        marks = _marking(client, account, settings.scope.marking, folders)
        told = [*_folders(states), _filed(client, account), *_offers(client), marks]
    begin = f"; mail from before {settings.scope.start_on} stays out" if settings.scope.start_on else ""
    return f"{settings.host}: {'; '.join(told)}{begin}"


def _folders(states: list[tuple[WatchedFolder, FolderState]]) -> list[str]:
    return [
        f"{'sent mail is read from' if folder.is_sent else 'folder'} {folder.name}"
        f"{', which' if folder.is_sent else ''} holds {state.mark.count} mails"
        for folder, state in states
    ]


def _filed(client: IMAPClient, account: ImapAccount) -> str:
    sent = account.sent(client)
    if not sent:
        return "a folder Sent will be made for replies"
    flagged = any(folder.name == sent and folder.is_flagged_sent for folder in list_folders(client))
    return f"replies are filed in {sent} ({'named by the server' if flagged else 'known by its name'})"


def _offers(client: IMAPClient) -> list[str]:
    push = client.has_capability("IDLE")
    told = client.has_capability("QRESYNC")
    return [
        "new mail is pushed (IDLE)" if push else "new mail is seen at the next poll (no IDLE)",
        "moved and deleted mail is told (QRESYNC)"
        if told
        else "moved and deleted mail is found by counting (no QRESYNC)",
        "with UIDPLUS" if client.has_capability("UIDPLUS") else "without UIDPLUS",
    ]


def _marking(client: IMAPClient, account: ImapAccount, marking: Marking, folders: list[WatchedFolder]) -> str:
    """Only a folder that is open for writing tells its flags (RFC 3501, 6.3.2)."""
    if marking is Marking.NONE:
        return "decided mail is not marked"
    try:
        states = [account.open(client, folder.name, readonly=False) for folder in folders if not folder.is_sent]
    except MailboxFolderRefused as error:
        return f"decided mail stays unmarked: {error.sentence}"
    if marking is Marking.READ:
        return "decided mail is marked as read"
    if all({b"\\*", HANDLED.encode("ascii")} & set(state.permanent_flags) for state in states):
        return f"decided mail gets the keyword {HANDLED}"
    return "decided mail stays unmarked, since the server keeps no keywords (the option marking can be `read`)"
