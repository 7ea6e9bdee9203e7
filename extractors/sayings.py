"""What a date phrase means: the rows of the guide's table ("Resolving dates") as functions of the day received."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

FRIDAY = 4


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


def last_day(year: int, month: int) -> date:
    """The last calendar day of a month."""
    return date(year, month, monthrange(year, month)[1])


def nearest_year(month: int, day: int, received_on: date, *, future: bool) -> date | None:
    """A day and month without a year: the first not before `received_on` for promises, the latest not after for payments."""
    years = (received_on.year, received_on.year + 1) if future else (received_on.year, received_on.year - 1)
    for year in years:
        if (found := calendar_day(year, month, day)) and (found >= received_on if future else found <= received_on):
            return found
    return None


def add_working_days(start: date, count: int) -> date:
    """`count` days after `start`, Monday to Friday alone counting."""
    day, left = start, min(count, 400)
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def calendar_day(year: int, month: int, day: int) -> date | None:
    """That day, None when the calendar has none."""
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
        return calendar_day(said.year, said.month, said.day)
    return nearest_year(said.month, said.day, said.received_on, future=said.future)


def _day_only(said: Saying) -> date | None:
    """ "The 15th": the first such day not before, or for payments the latest not after."""
    if said.day is None or not 1 <= said.day <= 31:
        return None
    first = said.received_on.replace(day=1)
    for _ in range(4):
        found = calendar_day(first.year, first.month, said.day)
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


MEANINGS: dict[str, Callable[[Saying], date | None]] = {
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
"""By the name of a rule in `lang/<code>/dates.toml`."""
