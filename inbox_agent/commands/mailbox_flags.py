"""The flags that `mailbox add` and `mailbox set` share: who works a mailbox, which mail of it, and how it answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from inbox_agent.commands.mailbox_saving import Given
from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox.options import Marking


class MailLanguage(StrEnum):
    """In what a reply is written when the mail's language is unclear; `mail`: as it seems."""

    NL = "nl"
    EN = "en"
    DE = "de"
    FR = "fr"
    MAIL = "mail"


DisplayName = Annotated[str | None, typer.Option(help="Name on outgoing mail, for instance `Debiteuren Halvermaan`.")]
Teams = Annotated[
    list[str] | None,
    typer.Option("--team", help="Team that works it, made when new; repeat for several. Default: as before."),
]
Companies = Annotated[
    list[str] | None,
    typer.Option("--company", help="Code of an own company that it serves; repeat. Default: as before, all when new."),
]
Folders = Annotated[
    list[str] | None, typer.Option("--folder", help="Folder to read; repeat for several. Default: the inbox.")
]
StartOn = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Mail that arrived before this day (UTC) stays where it is."),
]
ReadSent = Annotated[
    bool | None,
    typer.Option("--read-sent/--no-read-sent", help="Read sent mail too, so that colleagues' answers count."),
]
MarkingFlag = Annotated[
    Marking | None, typer.Option("--marking", help="How decided mail shows in the mailbox. Default: label.")
]
LanguageFlag = Annotated[
    MailLanguage | None,
    typer.Option("--language", help="What replies are written in when a mail's language is unclear."),
]
SignatureFile = Annotated[Path | None, typer.Option(help="Text file with the signature below every reply.")]


@dataclass(frozen=True, slots=True)
class Shared:
    """These flags as given; None is not given."""

    display_name: str | None = None
    teams: list[str] | None = None
    companies: list[str] | None = None
    folders: list[str] | None = None
    start_on: datetime | None = None
    read_sent: bool | None = None
    marking: Marking | None = None
    language: MailLanguage | None = None
    signature_file: Path | None = None

    def options(self) -> dict[str, Any]:
        """Those of them that are options of the adapter (`mailbox.options.Scope`)."""
        every = {
            "folders": self.folders or None,
            "start_on": f"{self.start_on:%Y-%m-%d}" if self.start_on else None,
            "read_sent": self.read_sent,
            "marking": self.marking.value if self.marking else None,
        }
        return {name: value for name, value in every.items() if value is not None}

    def given(self) -> Given:
        """The others. Raises `SettingsError` when the signature cannot be read."""
        language = None if self.language is None else "" if self.language is MailLanguage.MAIL else self.language.value
        return Given(self.display_name, self.teams or None, self.companies or None, language, self._signature())

    def _signature(self) -> str | None:
        if self.signature_file is None:
            return None
        try:
            return self.signature_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise SettingsError(f"The signature in {self.signature_file} cannot be read: {why}.") from error
