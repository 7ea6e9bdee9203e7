"""The data files of the languages: `lang/<code>/<name>.toml`, one folder a language, read when asked and never at import."""

import tomllib
from pathlib import Path
from typing import Any

from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import Language

FOLDER = Path(__file__).parent / "lang"
_OTHER = "other"


def read_table(language: Language, name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The parsed file `name`.toml of a language. Raises `ModelError` when it is missing or is no TOML."""
    return _parsed(folder / language.value / f"{name}.toml")


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError as error:
        raise ModelError(f"The language file {path} is missing; install the program again.") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"The language file {path} cannot be read: {error}.") from error


def read_lists(name: str, key: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """The entries of list `key` in file `name`, of all languages together: mail mixes languages freely.

    The folder `other`, where it has such a file, adds what mail in languages looks like that the product does not write.
    """
    tables = [read_table(language, name, folder) for language in Language]
    if (path := folder / _OTHER / f"{name}.toml").exists():
        tables.append(_parsed(path))
    return tuple(str(entry) for table in tables for entry in table.get(key, ()))


def alternatives(name: str, key: str) -> str:
    """A regular expression for any entry of list `key` in file `name`, of all languages."""
    return "|".join(read_lists(name, key))
