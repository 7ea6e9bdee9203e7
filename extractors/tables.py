"""The data files of the languages: `lang/<code>/<name>.toml`, one folder a language, read when asked and never at import."""

import tomllib
from pathlib import Path
from typing import Any

from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import Language

FOLDER = Path(__file__).parent / "lang"


def read_table(language: Language, name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The parsed file `name`.toml of a language. Raises `ModelError` when it is missing or is no TOML."""
    path = folder / language.value / f"{name}.toml"
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError as error:
        raise ModelError(f"The language file {path} is missing; install the program again.") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"The language file {path} cannot be read: {error}.") from error


def read_lists(name: str, key: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """The entries of list `key` in file `name`, of all languages together: mail mixes languages freely."""
    return tuple(str(entry) for language in Language for entry in read_table(language, name, folder).get(key, ()))
