"""Dates said in words, resolved by the guide's table ("Resolving dates"): the validator's own reading, to check labels with.

Only what the table settles is resolved; a form that it does not settle gives no day. Where a form has two honest readings (3/4 in
English, "last Friday" on a Saturday) both are given: the check asks whether a label contradicts the words, not which one is right.
"""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from classifiers.validation.words import Words, words
from inbox_agent.domain.taxonomy import Language

_ISO = re.compile(r"(?<![\w-])(20\d\d)-(\d\d)-(\d\d)(?!\w)")
_NUMERIC = re.compile(r"(?<![\w.,/-])(\d{1,2})([./-])(\d{1,2})(?:\2(20\d\d|\d\d)?(?!\d)|(?![\w/]|[.,-]\d|-))")
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Said:
    """Words `text[start:end]` and the days that they may mean; none when the table does not settle them (`vague`) or when
    they date something else (an invoice, a term)."""

    start: int
    end: int
    days: frozenset[dt.date]
    vague: bool = False


def said(text: str, language: Language, on: dt.date, *, past: bool = False) -> list[Said]:
    """The date words of a text in their order, relative to `on`, the local day received. `past`: of a payment made.

    Of forms that overlap the longest counts: "within ten days from today" says nothing about today.
    """
    found: list[Said] = []
    for one in sorted(_matches(text, language, on, past), key=lambda one: one.start - one.end):
        if not any(one.start < other.end and other.start < one.end for other in found):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def _matches(text: str, language: Language, on: dt.date, past: bool) -> Iterator[Said]:
    for match in _ISO.finditer(text):
        yield Said(match.start(), match.end(), frozenset(_day(*map(int, match.groups()))))
    for match in _NUMERIC.finditer(text):
        if days := _numeric(match, language, on, past):
            yield Said(match.start(), match.end(), frozenset(days))
    known = words(language)
    for row, pattern in known.dates:
        for match in pattern.finditer(text):
            values = _values({key: value.lower() for key, value in match.groupdict().items() if value}, known, on)
            days = _ROWS[row](values, on, past) if row in _ROWS else set()
            if days or row not in _ROWS:
                yield Said(match.start(), match.end(), frozenset(days), vague=row == "vague")


def _values(groups: dict[str, str], known: Words, on: dt.date) -> dict[str, int]:
    names = {"weekday": known.weekdays, "month": known.months, "n": known.numbers, "ordinal": known.ordinals}
    values = {}
    for key, value in groups.items():
        if key == "year":
            values[key] = int(value) if len(value) == 4 else on.year // 100 * 100 + int(value[1:])
        else:
            values[key] = int(value) if value.isdigit() else names[key][value.rstrip(".")]
    if "ordinal" in values:
        values.setdefault("day", values["ordinal"])
    return values


def _numeric(match: re.Match[str], language: Language, on: dt.date, past: bool) -> set[dt.date]:
    first, second, year = int(match[1]), int(match[3]), match[4]
    days = set()
    for day, month in {(first, second), (second, first)} if language is Language.EN else {(first, second)}:
        if year:
            days |= _day(int(year) if len(year) == 4 else 2000 + int(year), month, day)
        else:
            days |= _day_month({"day": day, "month": month}, on, past)
    return days


def _day(year: int, month: int, day: int) -> set[dt.date]:
    try:
        return {dt.date(year, month, day)}
    except ValueError:
        return set()


def _yearly(of_year: Callable[[int], set[dt.date]], on: dt.date, past: bool) -> set[dt.date]:
    """The first such day not before `on`, or for a payment made the latest not after it."""
    days = sorted(day for year in range(on.year - 4, on.year + 5) for day in of_year(year))
    chosen = [day for day in days if day <= on][-1:] if past else [day for day in days if day >= on][:1]
    return set(chosen)


def _last_of(year: int, month: int) -> dt.date:
    return dt.date(year, month, monthrange(year, month)[1])


def _friday(on: dt.date, weeks: int) -> dt.date:
    return on + dt.timedelta(days=5 - on.isoweekday(), weeks=weeks)


def _weekday(values: dict[str, int], on: dt.date, past: bool) -> set[dt.date]:
    if past:
        return {on - _DAY * ((on.isoweekday() - values["weekday"] - 1) % 7 + 1)} | (
            {on} if on.isoweekday() == values["weekday"] else set()
        )
    return {on + _DAY * ((values["weekday"] - on.isoweekday() - 1) % 7 + 1)}


def _of_week(values: dict[str, int], on: dt.date, weeks: int) -> dt.date:
    return on + dt.timedelta(days=values["weekday"] - on.isoweekday(), weeks=weeks)


def _week_number(values: dict[str, int], on: dt.date, past: bool) -> set[dt.date]:
    def friday(year: int) -> set[dt.date]:
        try:
            return {dt.date.fromisocalendar(year, values["n"], 5)}
        except ValueError:
            return set()

    return _yearly(friday, on, past)


def _named_month(day: Callable[[int, int], set[dt.date]]) -> Callable[[dict[str, int], dt.date, bool], set[dt.date]]:
    def resolve(values: dict[str, int], on: dt.date, past: bool) -> set[dt.date]:
        if "year" in values:
            return day(values["year"], values["month"])
        return _yearly(lambda year: day(year, values["month"]), on, past)

    return resolve


def _day_month(values: dict[str, int], on: dt.date, past: bool) -> set[dt.date]:
    return _named_month(lambda year, month: _day(year, month, values.get("day", 1)))(values, on, past)


def _day_only(values: dict[str, int], on: dt.date, past: bool) -> set[dt.date]:
    day = values.get("day", 1)
    months = [(on.year + (on.month - 1 + step) // 12, (on.month - 1 + step) % 12 + 1) for step in range(-3, 4)]
    days = sorted(one for year, month in months for one in _day(year, month, day))
    return set([one for one in days if one <= on][-1:] if past else [one for one in days if one >= on][:1])


def _working_days(values: dict[str, int], on: dt.date, past: bool) -> set[dt.date]:
    day, left = on, values["n"]
    while left:
        day += _DAY
        left -= day.isoweekday() <= 5
    return {day}


def _next_month_end(values: dict[str, int], on: dt.date, past: bool) -> set[dt.date]:
    first = _last_of(on.year, on.month) + _DAY
    return {_last_of(first.year, first.month)}


_ROWS: dict[str, Callable[[dict[str, int], dt.date, bool], set[dt.date]]] = {
    "today": lambda values, on, past: {on},
    "tomorrow": lambda values, on, past: {on + _DAY},
    "day_after": lambda values, on, past: {on + 2 * _DAY},
    "yesterday": lambda values, on, past: {on - _DAY},
    "day_before": lambda values, on, past: {on - 2 * _DAY},
    "weekday": _weekday,
    "weekday_day": _day_only,
    "weekday_week": lambda values, on, past: {day + 7 * _DAY for day in _weekday(values, on, False)},
    "next_weekday": lambda values, on, past: {_of_week(values, on, 1)},
    "last_weekday": lambda values, on, past: _weekday(values, on, True) | {_of_week(values, on, -1)},
    "last_week_weekday": lambda values, on, past: {_of_week(values, on, -1)},
    "this_week": lambda values, on, past: {max(on, _friday(on, 0))},
    "next_week": lambda values, on, past: {_friday(on, 1)},
    "week_number": _week_number,
    "end_of_month": lambda values, on, past: {_last_of(on.year, on.month)},
    "end_of_next_month": _next_month_end,
    "end_of_named_month": _named_month(lambda year, month: {_last_of(year, month)}),
    "mid_named_month": _named_month(lambda year, month: {dt.date(year, month, 15)}),
    "within_days": lambda values, on, past: {on + values["n"] * _DAY},
    "within_working_days": _working_days,
    "within_weeks": lambda values, on, past: {on + values["n"] * 7 * _DAY},
    "eight_days": lambda values, on, past: {on + 8 * _DAY},
    "fifteen_days": lambda values, on, past: {on + 15 * _DAY},
    "day_month": _day_month,
    "day_only": _day_only,
}
