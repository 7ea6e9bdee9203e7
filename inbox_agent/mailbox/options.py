"""Options of a mailbox as they come from its row's JSON, read field by field with a sentence for each that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from inbox_agent.domain.errors import SettingsError

_Choice = TypeVar("_Choice", bound=StrEnum)


class Marking(StrEnum):
    """How a mail that was decided shows in its mailbox: a keyword or category, as read, or not at all."""

    LABEL = "label"
    READ = "read"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which of a mailbox's mail is taken in, for every kind of mailbox; and how decided mail is marked there.

    `folders` () is the kind's usual one. What arrived before `start_on` (UTC day) stays where it is. `read_sent`: the folder
    of sent mail is read too, so that a colleague's answer from a mail program counts.
    """

    folders: tuple[str, ...] = ()
    start_on: date | None = None
    read_sent: bool = True
    marking: Marking = Marking.LABEL


SCOPE = ("folders", "folder", "start_on", "read_sent", "marking")
"""Names of the options that `Options.scope` reads. `folder`, one name, is how earlier releases wrote `folders`."""


class Options:
    """Raises `SettingsError` that names the option; `prefix` is where these are nested, for sentences. "" is not given."""

    def __init__(self, values: object, prefix: str = "") -> None:
        if not isinstance(values, Mapping):
            raise SettingsError(f"The option {prefix.rstrip('.') or 'list'} must be a table of names and values.")
        self._values = values
        self._prefix = prefix

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name, default)
        if value is None or (default is None and value == ""):
            raise SettingsError(f"The option {self._prefix}{name} is missing. Give it a value.")
        if not isinstance(value, str) or not _one_line(value):
            raise SettingsError(f"The option {self._prefix}{name} must be a text in one line.")
        return value

    def port(self, usual: int) -> int:
        value = self._values.get("port", usual)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
            raise SettingsError(f"The option {self._prefix + 'port'} must be a number from 1 to 65535.")
        return value

    def choice(self, name: str, usual: _Choice) -> _Choice:
        """One of the words of `usual`'s kind."""
        value = self.text(name, usual)
        try:
            return type(usual)(value)
        except ValueError:
            listed = ", ".join(f"`{one}`" for one in type(usual))
            raise SettingsError(f"The option {self._prefix}{name} is {value!r}; it must be one of {listed}.") from None

    def path(self, name: str, default: str | None = None) -> Path | None:
        value = self.text(name, default)
        return Path(value).expanduser() if value else None

    def nested(self, name: str) -> "Options":
        if name not in self._values:
            raise SettingsError(f"The option {self._prefix}{name} is missing. Give it a value.")
        return Options(self._values[name], f"{self._prefix}{name}.")

    def scope(self) -> Scope:
        """What every kind has in common."""
        single = self.text("folder", "")
        return Scope(
            folders=self._texts("folders") or ((single,) if single else ()),
            start_on=self.day("start_on"),
            read_sent=self.flag("read_sent", True),
            marking=self.choice("marking", Marking.LABEL),
        )

    def flag(self, name: str, default: bool) -> bool:
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise SettingsError(f"The option {self._prefix}{name} must be true or false.")
        return value

    def _texts(self, name: str) -> tuple[str, ...]:
        values = self._values.get(name, [])
        if not isinstance(values, list) or not all(isinstance(one, str) and one and _one_line(one) for one in values):
            raise SettingsError(f"The option {self._prefix}{name} must be a list of texts, each in one line.")
        return tuple(dict.fromkeys(values))

    def day(self, name: str) -> date | None:
        value = self.text(name, "")
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise SettingsError(f"The option {self._prefix}{name} must be a day, as in 2026-11-24.") from None

    def known(self, *names: str) -> None:
        """Raises `SettingsError` for a name that is none of these: a typing error would be silently ignored."""
        for name in self._values:
            if name not in names:
                raise SettingsError(
                    f"There is no option {self._prefix}{name}. There are: {', '.join(self._prefix + one for one in names)}."
                )


def _one_line(text: str) -> bool:
    return all(ord(letter) >= 32 for letter in text)
