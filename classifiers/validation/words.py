"""What the checks know of each language, read from `lang/<code>.toml`: independent of classifiers and extractors on purpose.

A check that shared its words with the code that it is to judge would share its faults too.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from inbox_agent.domain.taxonomy import Intent, Language

FOLDER = Path(__file__).parent / "lang"

_YEAR = r"(?P<year>20\d\d|['’]\d\d)"


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `dates` are (row of the guide's date table, pattern), in the order in which they are tried."""

    stop_words: frozenset[str]
    furniture: re.Pattern[str]
    negation: re.Pattern[str]
    condition: re.Pattern[str]
    payment: re.Pattern[str]
    usual: dict[Intent, re.Pattern[str]]
    months: dict[str, int]
    weekdays: dict[str, int]
    numbers: dict[str, int]
    ordinals: dict[str, int]
    dates: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def words(language: Language) -> Words:
    """The words of a language."""
    table = tomllib.loads((FOLDER / f"{language.value}.toml").read_text(encoding="utf-8"))
    places = {
        "weekday": _named("weekday", table["weekdays"]) + r"\.?",
        "month": _named("month", table["months"]),
        "n": rf"(?P<n>\d{{1,2}}|{_any(table['numbers'])})",
        "day": r"(?P<day>0?[1-9]|[12]\d|3[01])(?!\d|[.,]\d\d|%)",
        "ordinal": _named("ordinal", table["ordinals"]),
        "year": _YEAR,
    }
    return Words(
        stop_words=frozenset(table["stop_words"].split()),
        furniture=re.compile(rf"\s*(?:{table['greetings']}|{table['closings']})\b[^.?!]{{0,60}}$", re.IGNORECASE),
        negation=_whole(table["negations"]),
        condition=_whole(table["conditions"]),
        payment=_whole(table["payment"]),
        usual={Intent(name): _whole(pattern) for name, pattern in table["usual"].items()},
        months=table["months"],
        weekdays=table["weekdays"],
        numbers=table["numbers"],
        ordinals=table["ordinals"],
        dates=tuple(
            (row, _whole(_filled(pattern, places))) for row, patterns in table["dates"].items() for pattern in patterns
        ),
    )


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{pattern})(?!\w)", re.IGNORECASE)


def _any(names: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


def _named(group: str, names: dict[str, int]) -> str:
    return rf"(?P<{group}>{_any(names)})"


def _filled(pattern: str, places: dict[str, str]) -> str:
    """The pattern with its places filled in; a place that stands twice binds its group the first time only."""
    for name, place in places.items():
        mark = f"{{{name}}}"
        first, found, rest = pattern.partition(mark)
        if found:
            pattern = first + place + rest.replace(mark, re.sub(r"\(\?P<\w+>", "(?:", place))
    return pattern
