"""Dates in mail, resolved by the guide's table ("Resolving dates") against the day the mail was received.

What a language says stands in `lang/<code>/dates.toml`; what it means stands in `_MEANINGS`.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from inbox_agent.domain.taxonomy import Language

from extractors.tables import read_table

FRIDAY = 4
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


@dataclass(frozen=True, slots=True)
class Saying:
    """One match of a rule: its numbers as far as named, and the day it counts from. `future`: a promise, not a payment."""

    received_on: date
    future: bool
    weekday: int | None = None
    month: int | None = None
    day: int | None = None
    year: int | None = None
    n: int | None = None


class Dates:
    """The date phrases of all languages, loaded when made."""

    def __init__(self) -> None:
        self._rules = {language: _rules(read_table(language, "dates")) for language in Language}
        self._ranges = {language: _range(read_table(language, "dates")) for language in Language}

    def find(
        self, text: str, start: int, end: int, received_on: date, language: Language, *, future: bool, month_first: bool = False
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


def last_day(year: int, month: int) -> date:
    """The last calendar day of a month."""
    return date(year, month, monthrange(year, month)[1])


def nearest_year(month: int, day: int, received_on: date, *, future: bool) -> date | None:
    """A day and month without a year: the first not before `received_on` for promises, the latest not after for payments."""
    years = (received_on.year, received_on.year + 1) if future else (received_on.year, received_on.year - 1)
    for year in years:
        if (found := _date(year, month, day)) and (found >= received_on if future else found <= received_on):
            return found
    return None


def add_working_days(start: date, count: int) -> date:
    """`count` days after `start`, Monday to Friday alone counting."""
    day, left = start, min(count, 400)
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_week(day: date, weeks: int, weekday: int) -> date:
    """A weekday of the ISO week `weeks` after that of `day`."""
    return day - timedelta(days=day.weekday()) + timedelta(weeks=weeks, days=weekday)


def _weekday(said: Saying) -> date | None:
    if said.weekday is None:
        return None
    distance = (said.weekday - said.received_on.weekday()) % 7 or 7
    return said.received_on + timedelta(days=distance if said.future else distance - 7 if distance < 7 else -7)


def _week_number(said: Saying) -> date | None:
    if said.n is None or not 1 <= said.n <= 53:
        return None
    for year in (said.received_on.year, said.received_on.year + 1) if said.future else (said.received_on.year,):
        try:
            friday = date.fromisocalendar(year, said.n, 5)
        except ValueError:
            continue
        if friday >= said.received_on or not said.future:
            return friday
    return None


def _day_month(said: Saying) -> date | None:
    if said.day is None:
        return None
    if said.month is None:
        return _day_only(said)
    if said.year is not None:
        return _date(said.year, said.month, said.day)
    return nearest_year(said.month, said.day, said.received_on, future=said.future)


def _day_only(said: Saying) -> date | None:
    """ "The 15th": the first such day not before, or for payments the latest not after."""
    if said.day is None or not 1 <= said.day <= 31:
        return None
    first = said.received_on.replace(day=1)
    for _ in range(4):
        found = _date(first.year, first.month, said.day)
        if found and (found >= said.received_on if said.future else found <= said.received_on):
            return found
        first = (first + timedelta(days=32 if said.future else -1)).replace(day=1)
    return None


def _end_month_name(said: Saying) -> date | None:
    if said.month is None:
        return None
    year = said.received_on.year
    found = last_day(year, said.month)
    if said.future:
        return found if found >= said.received_on else last_day(year + 1, said.month)
    return found if found <= said.received_on else last_day(year - 1, said.month)


def _mid_month_name(said: Saying) -> date | None:
    return nearest_year(said.month, 15, said.received_on, future=said.future) if said.month else None


def _this_week(said: Saying) -> date:
    return max(_in_week(said.received_on, 0, FRIDAY), said.received_on)


def _next_month_end(said: Saying) -> date:
    following = last_day(said.received_on.year, said.received_on.month) + timedelta(days=1)
    return last_day(following.year, following.month)


def _days(count: int) -> Callable[[Saying], date]:
    return lambda said: said.received_on + timedelta(days=count)


_MEANINGS: dict[str, Callable[[Saying], date | None]] = {
    "fixed_8": _days(8),
    "fixed_15": _days(15),
    "in_working_days": lambda said: add_working_days(said.received_on, said.n) if said.n else None,
    "in_days": lambda said: said.received_on + timedelta(days=said.n) if said.n else None,
    "in_weeks": lambda said: said.received_on + timedelta(weeks=said.n) if said.n else None,
    "next_week_weekday": lambda said: None if said.weekday is None else _in_week(said.received_on, 1, said.weekday),
    "last_week_weekday": lambda said: None if said.weekday is None else _in_week(said.received_on, -1, said.weekday),
    "last_weekday": lambda said: _weekday(Saying(said.received_on, future=False, weekday=said.weekday)),
    "day_month": _day_month,
    "end_month_name": _end_month_name,
    "mid_month_name": _mid_month_name,
    "month_end": lambda said: last_day(said.received_on.year, said.received_on.month),
    "next_month_end": _next_month_end,
    "year_end": lambda said: date(said.received_on.year, 12, 31),
    "week_number": _week_number,
    "next_week": lambda said: _in_week(said.received_on, 1, FRIDAY),
    "this_week": _this_week,
    "day_after_tomorrow": _days(2),
    "tomorrow": _days(1),
    "day_before_yesterday": _days(-2),
    "yesterday": _days(-1),
    "today": _days(0),
    "weekday": _weekday,
    "day_only": _day_only,
}


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
                pattern = head + value + tail.replace(word, re.sub(r"\?P<\w+>", "?:", value)) if word in pattern else pattern
            pattern = re.sub(r" (?![?\]])", r"\\s+", pattern)
            rules.append(
                _Rule(
                    re.compile(rf"(?<![\w-])(?:{pattern})(?!\w)", re.IGNORECASE),
                    _MEANINGS[name],
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
        return _date(int(match["iso"]), int(match["iso_month"]), int(match["iso_day"]))
    day, month = int(match["first"]), int(match["second"])
    if (month_first and match["sep"] != "." and day <= 12) or month > 12:
        day, month = month, day
    if match["year"]:
        return _date(_full_year(match["year"]) or 0, month, day)
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
            if len(between) <= 12 and (re.fullmatch(r"[\s,(]*(?:de|the|der|den|le)?\s*", between) or link.fullmatch(between)):
                kept.pop()
        kept.append(mention)
    return kept
