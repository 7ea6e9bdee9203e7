"""Options of a mailbox as they come from its row's JSON, read field by field with a sentence for each that is wrong."""

from collections.abc import Mapping
from pathlib import Path

from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox.security import Security


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
        if not isinstance(value, str) or any(ord(letter) < 32 for letter in value):
            raise SettingsError(f"The option {self._prefix}{name} must be a text in one line.")
        return value

    def port(self, usual: int) -> int:
        value = self._values.get("port", usual)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
            raise SettingsError(f"The option {self._prefix}port must be a number from 1 to 65535.")
        return value

    def security(self, usual: Security) -> Security:
        value = self.text("security", usual)
        try:
            return Security(value)
        except ValueError:
            listed = ", ".join(f"`{one}`" for one in Security)
            raise SettingsError(
                f"The option {self._prefix}security is {value!r}; it must be one of {listed}."
            ) from None

    def path(self, name: str, default: str | None = None) -> Path | None:
        value = self.text(name, default)
        return Path(value).expanduser() if value else None

    def nested(self, name: str) -> "Options":
        if name not in self._values:
            raise SettingsError(f"The option {self._prefix}{name} is missing. Give it a value.")
        return Options(self._values[name], f"{self._prefix}{name}.")

    def known(self, *names: str) -> None:
        """Raises `SettingsError` for a name that is none of these: a typing error would be silently ignored."""
        for name in self._values:
            if name not in names:
                raise SettingsError(
                    f"There is no option {self._prefix}{name}. There are: {', '.join(self._prefix + one for one in names)}."
                )
