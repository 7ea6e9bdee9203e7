"""How a mailbox is set up, for the people who work it: read only, and never a secret."""

from collections.abc import Iterable
from dataclasses import dataclass

from inbox_agent.domain.taxonomy import Language
from inbox_agent.records.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """`kind` is folder, imap or graph; `place` its server or path. `folders` () is the kind's usual one; `start_on` ""
    means from the beginning, `language` None as the mail seems. `marking`: how decided mail shows in the mailbox.
    """

    address: str
    display_name: str
    kind: str
    place: str
    active: bool
    teams: tuple[str, ...]
    folders: tuple[str, ...]
    start_on: str
    read_sent: bool
    marking: str
    language: Language | None
    signature: str


def settings_of(mailbox: Mailbox, teams: Iterable[str]) -> MailboxSettings:
    """What of a mailbox's options may be shown; the options of all kinds are those of `mailbox.options.Scope`."""
    options = mailbox.options
    folders = options.get("folders") or [options.get("folder", "")]
    return MailboxSettings(
        address=mailbox.address,
        display_name=mailbox.display_name,
        kind=mailbox.kind.value,
        place=str(options.get("host") or options.get("path") or ""),
        active=mailbox.active,
        teams=tuple(teams),
        folders=tuple(str(one) for one in folders if one),
        start_on=str(options.get("start_on") or ""),
        read_sent=bool(options.get("read_sent", True)),
        marking=str(options.get("marking") or "label"),
        language=mailbox.usual_language,
        signature=mailbox.signature,
    )
