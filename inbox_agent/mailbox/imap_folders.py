"""Which folders of an IMAP account the options mean: names as the server spells them (RFC 3501, 5.1), and its Sent folder."""

import imaplib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from imapclient import IMAPClient

INBOX = "INBOX"

_SENT_NAMES = (
    "sent",
    "sent items",
    "sent messages",
    "sent mail",
    "verzonden items",
    "verzonden",
    "verzonden berichten",
    "gesendete elemente",
    "gesendete objekte",
    "gesendet",
    "éléments envoyés",
    "envoyés",
)
"""How servers and Outlook name the Sent folder when they do not flag it (RFC 6154), most usual first."""

_CLOSED = {b"\\noselect", b"\\nonexistent"}


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """A folder that can be opened. `separator` stands between the levels of its name, "" where there are none."""

    name: str
    separator: str
    is_flagged_sent: bool


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder that mail is taken in from; `is_sent` when it holds what left."""

    name: str
    is_sent: bool = False


def list_folders(client: IMAPClient) -> list[ListedFolder]:
    """All that can be opened, names decoded from modified UTF-7 (RFC 3501, 5.1.3)."""
    found = []
    for flags, separator, name in client.list_folders():
        lower = {flag.lower() for flag in flags}
        if not lower & _CLOSED:
            parts = separator.decode("ascii", "replace") if separator else ""
            found.append(ListedFolder(str(name), parts, b"\\sent" in lower))
    return found


def personal_prefix(client: IMAPClient) -> str:
    """What every folder of one's own must begin with (RFC 2342), as `INBOX.` with Courier; mostly ""."""
    if not client.has_capability("NAMESPACE"):
        return ""
    try:
        own = client.namespace().personal
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, ValueError, TypeError):
        # Refused, or an answer with the extensions that RFC 2342 allows and imapclient does not read.
        return ""
    return str(own[0][0]) if own else ""


def spelled(name: str, there: Sequence[ListedFolder], prefix: str = "") -> str:
    """`name` as the server has it, or "": exactly; with its own separator in place of `/` or `.`, below `prefix`; and
    at last whatever the case of the letters and the way in which accents are composed, when only one folder reads so.
    """
    if name.upper() == INBOX:
        return INBOX
    names = {folder.name for folder in there}
    separators = {folder.separator for folder in there if folder.separator}
    levels = [name.replace(given, own) for own in sorted(separators) for given in "/."]
    candidates = [name, *levels, *(prefix + one for one in (name, *levels))]
    for candidate in candidates:
        if candidate in names:
            return candidate
    plain = {_plain(candidate) for candidate in candidates}
    alike = [folder for folder in names if _plain(folder) in plain]
    return alike[0] if len(alike) == 1 else ""


def sent_folder(there: Sequence[ListedFolder]) -> str:
    """The one flagged \\Sent, else the first with a usual name, else ""."""
    for folder in there:
        if folder.is_flagged_sent:
            return folder.name
    for usual in _SENT_NAMES:
        for folder in there:
            last = folder.name.rsplit(folder.separator, 1)[-1] if folder.separator else folder.name
            if _plain(last) == usual:
                return folder.name
    return ""


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
