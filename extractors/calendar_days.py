"""Days of the calendar: months, weeks, feasts, and working days with the public holidays of a country.

The guide counts "within 5 working days" Monday to Friday, and so do its labels: `add_weekdays` knows no holidays. Where its
table is silent ("the next working day", "the last working day of the month") a bank holiday is no working day:
`next_working_day` and `last_working_day` ask `holidays`.
"""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from holidays import HolidayBase, country_holidays, list_supported_countries

FRIDAY = 4
_MOST = 400
"""Working days that are counted at most; nobody promises further ahead."""


def calendar_day(year: int, month: int, day: int) -> date | None:
    """That day, None when the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def last_day(year: int, month: int) -> date:
    """The last calendar day of a month."""
    return date(year, month, monthrange(year, month)[1])


def add_months(day: date, count: int) -> date:
    """The same day `count` months on, or the last of that month where it is shorter."""
    months = day.year * 12 + day.month - 1 + count
    year, month = months // 12, months % 12 + 1
    return calendar_day(year, month, day.day) or last_day(year, month)


def in_week(day: date, weeks: int, weekday: int) -> date:
    """A weekday (Monday is 0) of the ISO week `weeks` after that of `day`."""
    return day - timedelta(days=day.weekday()) + timedelta(weeks=weeks, days=weekday)


def nearest_year(month: int, day: int, on: date, *, future: bool) -> date | None:
    """A day and month without a year: the first not before `on` for promises, the latest not after for payments.

    29 February waits for the next leap year, eight years at most.
    """
    for step in range(9):
        found = calendar_day(on.year + (step if future else -step), month, day)
        if found and (found >= on if future else found <= on):
            return found
    return None


def add_weekdays(start: date, count: int) -> date:
    """`count` days after `start`, Monday to Friday alone counting (guide, "Resolving dates")."""
    day, left = start, min(count, _MOST)
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def next_working_day(after: date, country: str) -> date:
    """The first day after `after` that is no weekend and no public holiday of `country` (ISO 3166, "" for none)."""
    day = after + timedelta(days=1)
    while not _is_working_day(day, country):
        day += timedelta(days=1)
    return day


def last_working_day(month_end: date, country: str) -> date:
    """The last day up to `month_end` that is no weekend and no public holiday of `country`."""
    day = month_end
    while not _is_working_day(day, country):
        day -= timedelta(days=1)
    return day


def feast(rule: str, year: int) -> date | None:
    """The day of a feast: "12-25" is a fixed date, "easter+39" counts days from Easter Sunday, "11:3:4" is the fourth Thursday
    (Monday is 0) of November, "08:0:-1" the last Monday of August,
    "04-27/6:-1" the 27th of April or, when that is a Sunday, the day before."""
    if rule.startswith("easter"):
        return easter(year) + timedelta(days=int(rule.removeprefix("easter") or 0))
    if ":" in rule and "/" not in rule:
        month, weekday, nth = map(int, rule.split(":"))
        first = date(year, month, 1) if nth > 0 else add_months(date(year, month, 1), 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=nth - (nth > 0))
    fixed, _, instead = rule.partition("/")
    month, day = (int(part) for part in fixed.split("-"))
    found = calendar_day(year, month, day)
    on, _, moved = instead.partition(":")
    return found + timedelta(days=int(moved)) if found and instead and found.weekday() == int(on) else found


def easter(year: int) -> date:
    """Easter Sunday of a year of the Gregorian calendar (Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, *divmod(year, 100)
    leap, left = divmod(century, 4)
    epact = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * left + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _is_working_day(day: date, country: str) -> bool:
    return day.weekday() < 5 and day not in _holidays(country)


@lru_cache(maxsize=32)
def _holidays(country: str) -> HolidayBase | frozenset[date]:
    return country_holidays(country) if country in list_supported_countries() else frozenset()
