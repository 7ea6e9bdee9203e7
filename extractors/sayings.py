"""What a date phrase means: the rows of the guide's table ("Resolving dates") as functions of the day received.

Where the table is silent: "mid next week" is its Wednesday, as "mid-May" is the 15th; "the first week of May" the Friday of the
week of 1 May (of the next one if that Friday lies in April); a weekend its Sunday; "this month" said of what is to come its last
day; "within 48 hours" two days. A month alone, a quarter alone and "early May" name no day.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from extractors.calendar_days import (
    FRIDAY,
    add_months,
    add_weekdays,
    calendar_day,
    feast,
    in_week,
    last_day,
    last_working_day,
    nearest_year,
    next_working_day,
)

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Saying:
    """One match of a rule: its numbers as far as named, and the day it counts from. `future`: it lies ahead (a promise), else
    it is past (a payment made). `anchor` is the day named just before, for "the day after that"."""

    received_on: date
    future: bool
    weekday: int | None = None
    month: int | None = None
    day: int | None = None
    year: int | None = None
    n: int | None = None
    feast: str = ""
    anchor: date | None = None
    country: str = ""


Meaning = Callable[[Saying], date | None]


def _nearest_weekday(said: Saying) -> date | None:
    """The next such day after the day received; of what is past the latest before it."""
    if said.weekday is None:
        return None
    ahead = (said.weekday - said.received_on.weekday()) % 7 or 7
    return said.received_on + (ahead if said.future else ahead - 7 if ahead < 7 else -7) * _DAY


def _weekday_of_week(weeks: int) -> Meaning:
    return lambda said: None if said.weekday is None else in_week(said.received_on, weeks, said.weekday)


def _weekday_and_weeks(said: Saying) -> date | None:
    """ "Friday week", "vrijdag over twee weken", "a week last Friday"."""
    found = _nearest_weekday(said)
    return found and found + (said.n or 1) * _WEEK * (1 if said.future else -1)


def _week_number(said: Saying) -> date | None:
    if said.n is None or not 1 <= said.n <= 53:
        return None
    years = (said.received_on.year - 1, said.received_on.year, said.received_on.year + 1)
    found = [day for year in years if (day := _friday(year, said.n))]
    if said.future:
        return min((day for day in found if day >= said.received_on), default=None)
    return max((day for day in found if day <= said.received_on + _WEEK), default=None)


def _friday(year: int, week: int) -> date | None:
    try:
        return date.fromisocalendar(year, week, FRIDAY + 1)
    except ValueError:
        return None


def _day_month(said: Saying) -> date | None:
    if said.day is None:
        return None
    if said.month is None:
        return _day_only(said)
    if said.year is not None:
        return calendar_day(said.year, said.month, said.day)
    return nearest_year(said.month, said.day, said.received_on, future=said.future)


def _day_only(said: Saying) -> date | None:
    """ "The 15th": the first such day not before, or for payments the latest not after; "Friday the 15th" one that is a Friday
    where there is one within four months."""
    if said.day is None:
        return None
    months = [add_months(said.received_on.replace(day=1), step if said.future else -step) for step in range(4)]
    days = [day for month in months if (day := calendar_day(month.year, month.month, said.day))]
    found = [day for day in days if (day >= said.received_on if said.future else day <= said.received_on)]
    named = [day for day in found if day.weekday() == said.weekday]
    return next(iter([*named, *found]), None)


def _each_day(said: Saying) -> date | None:
    """ "Every 5th", "telkens de 10de": the first one to come."""
    return _day_only(replace(said, future=True, received_on=said.received_on + _DAY))


def _day_of_month(months: int) -> Meaning:
    def meaning(said: Saying) -> date | None:
        first = add_months(said.received_on.replace(day=1), months)
        return None if said.day is None else calendar_day(first.year, first.month, said.day)

    return meaning


def _end_month_name(said: Saying) -> date | None:
    if said.month is None:
        return None
    if said.year is not None:
        return last_day(said.year, said.month)
    found = last_day(said.received_on.year, said.month)
    if said.future:
        return found if found >= said.received_on else last_day(found.year + 1, said.month)
    return found if found <= said.received_on else last_day(found.year - 1, said.month)


def _mid_month_name(said: Saying) -> date | None:
    return _day_month(replace(said, day=15)) if said.month else None


def _first_week(said: Saying) -> date | None:
    """The Friday of a named month's first week; of the next month's where none is named."""
    if said.month is None:
        first = add_months(said.received_on.replace(day=1), 1)
    elif (start := nearest_year(said.month, 7, said.received_on, future=said.future)) is None:
        return None
    else:
        first = start.replace(day=1)
    friday = in_week(first, 0, FRIDAY)
    return friday if friday >= first else friday + _WEEK


def _weekend(said: Saying) -> date:
    """This week's Sunday; of what is past the latest Sunday before."""
    sunday = in_week(said.received_on, 0, _SUNDAY)
    return sunday if said.future else sunday if sunday <= said.received_on else sunday - _WEEK


def _month_end(months: int) -> Meaning:
    def meaning(said: Saying) -> date:
        first = add_months(said.received_on.replace(day=1), months)
        return last_day(first.year, first.month)

    return meaning


def _quarter_end(said: Saying) -> date | None:
    """The last day of quarter `n`, the first not before; without a number that of the present one."""
    quarter = said.n or (said.received_on.month + 2) // 3
    return _end_month_name(replace(said, month=quarter * 3)) if 1 <= quarter <= 4 else None


def _last_working_day(said: Saying) -> date | None:
    end = _end_month_name(replace(said, month=said.month or said.received_on.month))
    return end and last_working_day(end, said.country)


def _feast(said: Saying) -> date | None:
    years = [said.received_on.year + step for step in ((0, 1) if said.future else (0, -1))]
    found = [day for year in years if (day := feast(said.feast, year))]
    return next((day for day in found if (day >= said.received_on if said.future else day <= said.received_on)), None)


def _days(count: int) -> Meaning:
    return lambda said: said.received_on + count * _DAY


def _after_anchor(count: int) -> Meaning:
    return lambda said: said.anchor and said.anchor + count * _DAY


def _weekday_after_anchor(said: Saying) -> date | None:
    return _nearest_weekday(replace(said, received_on=said.anchor, future=True)) if said.anchor else None


def _counted(unit: timedelta, *, past: bool = False) -> Meaning:
    def meaning(said: Saying) -> date | None:
        if said.n is None or (past and said.future):
            return None
        return said.received_on + said.n * unit * (-1 if past else 1)

    return meaning


def _nothing(_said: Saying) -> None:
    return None


MEANINGS: dict[str, Meaning] = {
    "nothing": _nothing,
    "due_date": _nothing,
    "month_alone": _nothing,
    "fixed_8": _days(8),
    "fixed_14": _days(14),
    "fixed_15": _days(15),
    "in_working_days": lambda said: add_weekdays(said.received_on, said.n) if said.n else None,
    "in_hours": lambda said: said.received_on + -(-said.n // 24) * _DAY if said.n else None,
    "in_days": _counted(_DAY),
    "in_weeks": _counted(_WEEK),
    "in_months": lambda said: add_months(said.received_on, said.n) if said.n else None,
    "days_ago": _counted(_DAY, past=True),
    "weeks_ago": _counted(_WEEK, past=True),
    "weekday_and_weeks": _weekday_and_weeks,
    "weekday_weeks_ago": lambda said: _weekday_and_weeks(replace(said, future=False)),
    "this_week_weekday": _weekday_of_week(0),
    "next_week_weekday": _weekday_of_week(1),
    "week_after_next_weekday": _weekday_of_week(2),
    "last_week_weekday": _weekday_of_week(-1),
    "last_weekday": lambda said: _nearest_weekday(replace(said, future=False)),
    "coming_weekday": lambda said: _nearest_weekday(replace(said, future=True)),
    "day_month": _day_month,
    "numeric": _day_month,
    "each_day": _each_day,
    "day_this_month": _day_of_month(0),
    "day_next_month": _day_of_month(1),
    "day_last_month": _day_of_month(-1),
    "first_week": _first_week,
    "end_month_name": _end_month_name,
    "mid_month_name": _mid_month_name,
    "mid_month": lambda said: _day_only(replace(said, day=15)),
    "mid_next_month": lambda said: _day_of_month(1)(replace(said, day=15)),
    "this_month": lambda said: _month_end(0)(said) if said.future else None,
    "month_end": _month_end(0),
    "next_month_end": _month_end(1),
    "last_month_end": _month_end(-1),
    "quarter_end": _quarter_end,
    "year_end": lambda said: date(said.received_on.year, 12, 31),
    "last_working_day": _last_working_day,
    "next_working_day": lambda said: next_working_day(said.received_on, said.country),
    "feast": _feast,
    "week_number": _week_number,
    "mid_next_week": lambda said: in_week(said.received_on, 1, 2),
    "week_after_next": lambda said: in_week(said.received_on, 2, FRIDAY),
    "next_week": lambda said: in_week(said.received_on, 1, FRIDAY),
    "this_week": lambda said: max(in_week(said.received_on, 0, FRIDAY), said.received_on),
    "weekend": _weekend,
    "day_after_tomorrow": _days(2),
    "tomorrow": _days(1),
    "day_before_yesterday": _days(-2),
    "yesterday": _days(-1),
    "today": _days(0),
    "just_now": _days(0),
    "weekday": _nearest_weekday,
    "day_only": _day_only,
    "same_day": _after_anchor(0),
    "day_after": _after_anchor(1),
    "weekday_after": _weekday_after_anchor,
}
"""By the name of a rule in `lang/<code>/dates.toml`."""
