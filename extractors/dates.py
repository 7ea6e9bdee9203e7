"""Dates in mail, resolved by the guide's table ("Resolving dates") against the day the mail was received.

What a language says stands in `lang/<code>/dates.toml`; what it means stands in `sayings.py`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from extractors.sayings import MEANINGS, Saying, calendar_day, nearest_year
from extractors.tables import read_table
from inbox_agent.domain.taxonomy import Language

_NUMERIC = re.compile(
    r"(?<![\d.,/-])(?:(?P<iso>\d{4})-(?P<iso_month>\d{1,2})-(?P<iso_day>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<sep>[./-])(?P<second>\d{1,2})(?:(?P=sep)(?P<year>\d{4}|\d{2}))?)(?![\d/]|[.,-]\d|\s?%)"
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A stretch `text[start:end]` that names a day, and the day it resolves to."""

    day: date
    start: int
    end: int


class Dates:
    """The date phrases of all languages, loaded when made."""

    def __init__(self) -> None:
        self._rules = {language: _rules(read_table(language, "dates")) for language in Language}
        self._ranges = {language: _range(read_table(language, "dates")) for language in Language}

    def find(
        self,
        text: str,
        start: int,
        end: int,
        received_on: date,
        language: Language,
        *,
        future: bool,
        month_first: bool = False,
    ) -> list[DateMention]:
        """The days named in `text[start:end]`, in order; of a range only the last day.

        `month_first` reads 3/4 as 4 March. Nothing that is no calendar day is returned.
        """
        found: list[DateMention] = []
        for match in _NUMERIC.finditer(text, start, end):
            _add(found, match, _numeric(match, received_on, future=future, month_first=month_first))
        for rule in self._rules[language]:
            for match in rule.pattern.finditer(text, start, end):
                _add(found, match, rule.resolve(match, received_on, future=future))
        found.sort(key=lambda mention: mention.start)
        return _last_of_ranges(text, found, self._ranges[language])


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    meaning: Callable[[Saying], date | None]
    weekdays: tuple[re.Pattern[str], ...]
    months: tuple[re.Pattern[str], ...]
    numbers: dict[str, int]

    def resolve(self, match: re.Match[str], received_on: date, *, future: bool) -> date | None:
        groups = match.groupdict()
        day, year, n = groups.get("day"), groups.get("year"), groups.get("n")
        said = Saying(
            received_on,
            future,
            weekday=_position(groups.get("weekday"), self.weekdays),
            month=None if (month := _position(groups.get("month"), self.months)) is None else month + 1,
            day=int(day) if day else None,
            year=_full_year(year),
            n=self.numbers.get(n.lower(), int(n) if n.isdigit() else 0) if n else None,
        )
        try:
            return self.meaning(said)
        except (OverflowError, ValueError):
            return None


def _position(word: str | None, patterns: Iterable[re.Pattern[str]]) -> int | None:
    return next((index for index, pattern in enumerate(patterns) if word and pattern.fullmatch(word)), None)


def _full_year(digits: str | None) -> int | None:
    return None if not digits else int(digits) + (2000 if len(digits) == 2 else 0)


def _rules(table: dict[str, Any]) -> list[_Rule]:
    weekdays, months, numbers = table["weekdays"], table["months"], table["numbers"]
    words = {
        "{weekday}": rf"(?P<weekday>{'|'.join(weekdays)})",
        "{month}": rf"(?P<month>{'|'.join(months)})\b",
        "{day}": r"(?P<day>\d{1,2})",
        "{year}": r"(?P<year>\d{4})",
        "{n}": rf"(?P<n>\d{{1,3}}|{'|'.join(numbers)})",
    }
    rules = []
    for name, patterns in table["rules"].items():
        for raw in patterns:
            pattern = raw
            for word, value in words.items():
                head, _, tail = pattern.partition(word)
                pattern = (
                    head + value + tail.replace(word, re.sub(r"\?P<\w+>", "?:", value)) if word in pattern else pattern
                )
            pattern = re.sub(r" (?![?\]])", r"\\s+", pattern)
            rules.append(
                _Rule(
                    re.compile(rf"(?<![\w-])(?:{pattern})(?!\w)", re.IGNORECASE),
                    MEANINGS[name],
                    tuple(re.compile(re.sub(r"\(\?[=!].*", "", entry), re.IGNORECASE) for entry in weekdays),
                    tuple(re.compile(entry, re.IGNORECASE) for entry in months),
                    numbers,
                )
            )
    return rules


def _range(table: dict[str, Any]) -> re.Pattern[str]:
    links = "|".join(re.escape(word) for word in table["and"])
    return re.compile(rf"\s*(?:-|–|{links})\s*(?:de|the|dem|den|le|der|am)?\s*", re.IGNORECASE)


def _numeric(match: re.Match[str], received_on: date, *, future: bool, month_first: bool) -> date | None:
    if match["iso"]:
        return calendar_day(int(match["iso"]), int(match["iso_month"]), int(match["iso_day"]))
    day, month = int(match["first"]), int(match["second"])
    if (month_first and match["sep"] != "." and day <= 12) or month > 12:
        day, month = month, day
    if match["year"]:
        return calendar_day(_full_year(match["year"]) or 0, month, day)
    if match["sep"] == "-" or (match["sep"] == "." and len(match["second"]) == 2 and match["second"][0] not in "01"):
        return None
    return nearest_year(month, day, received_on, future=future)


def _add(found: list[DateMention], match: re.Match[str], day: date | None) -> None:
    """Keeps a mention unless an earlier, more specific rule already holds that place."""
    if day and not any(match.start() < other.end and other.start < match.end() for other in found):
        found.append(DateMention(day, match.start(), match.end()))


def _last_of_ranges(text: str, found: list[DateMention], link: re.Pattern[str]) -> list[DateMention]:
    """Drops the first day of a range, and a weekday that only introduces its own date ("Friday 14 March")."""
    kept: list[DateMention] = []
    for mention in found:
        if kept:
            between = text[kept[-1].end : mention.start]
            if len(between) <= 12 and (
                re.fullmatch(r"[\s,(]*(?:de|the|der|den|le)?\s*", between) or link.fullmatch(between)
            ):
                kept.pop()
        kept.append(mention)
    return kept
