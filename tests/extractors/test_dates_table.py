"""The guide's date table against received days that are hard: a Friday, a Sunday, a leap day, a year's last day."""

from datetime import date, timedelta

import pytest

from extractors.dates import Dates
from inbox_agent.domain.taxonomy import Language

DATES = Dates()
WEDNESDAY = date(2025, 3, 12)
FRIDAY = date(2025, 3, 14)
SUNDAY = date(2025, 3, 16)
LEAP_DAY = date(2024, 2, 29)
LAST_DAY = date(2024, 12, 31)

ROWS = {
    "today": {"nl": "vandaag", "en": "today", "de": "heute", "fr": "aujourd'hui"},
    "tomorrow": {"nl": "morgen", "en": "tomorrow", "de": "morgen", "fr": "demain"},
    "the day after": {"nl": "overmorgen", "en": "the day after tomorrow", "de": "übermorgen", "fr": "après-demain"},
    "friday": {"nl": "vrijdag", "en": "on Friday", "de": "am Freitag", "fr": "vendredi"},
    "coming friday": {
        "nl": "a.s. vrijdag",
        "en": "this coming Friday",
        "de": "am kommenden Freitag",
        "fr": "ce vendredi",
    },
    "next friday": {
        "nl": "volgende week vrijdag",
        "en": "next Friday",
        "de": "nächsten Freitag",
        "fr": "vendredi prochain",
    },
    "this week": {"nl": "deze week", "en": "this week", "de": "diese Woche", "fr": "cette semaine"},
    "next week": {"nl": "volgende week", "en": "next week", "de": "nächste Woche", "fr": "la semaine prochaine"},
    "end of next week": {
        "nl": "eind volgende week",
        "en": "the end of next week",
        "de": "Ende nächster Woche",
        "fr": "fin de semaine prochaine",
    },
    "week 23": {"nl": "week 23", "en": "week 23", "de": "KW 23", "fr": "semaine 23"},
    "month end": {"nl": "eind van de maand", "en": "end of the month", "de": "Monatsende", "fr": "fin du mois"},
    "end of march": {"nl": "eind maart", "en": "the end of March", "de": "Ende März", "fr": "fin mars"},
    "within 8 days": {
        "nl": "binnen 8 dagen",
        "en": "within 8 days",
        "de": "innerhalb von acht Tagen",
        "fr": "sous huit jours",
    },
    "within 5 working days": {
        "nl": "binnen 5 werkdagen",
        "en": "within five working days",
        "de": "innerhalb von 5 Werktagen",
        "fr": "sous 5 jours ouvrés",
    },
    "by the 15th": {"nl": "uiterlijk de 15e", "en": "by the 15th", "de": "bis zum 15.", "fr": "au plus tard le 15"},
    "mid may": {"nl": "half mei", "en": "mid-May", "de": "Mitte Mai", "fr": "mi-mai"},
    "15 april": {"nl": "15 april", "en": "April 15th", "de": "15. April", "fr": "15 avril"},
    "a range": {
        "nl": "10 t/m 14 april",
        "en": "between 10 and 14 April",
        "de": "vom 10. bis 14. April",
        "fr": "du 10 au 14 avril",
    },
}

EXPECTED = {
    "today": lambda d: d,
    "tomorrow": lambda d: d + timedelta(days=1),
    "the day after": lambda d: d + timedelta(days=2),
    "friday": lambda d: _next_weekday(d, 4),
    "coming friday": lambda d: _next_weekday(d, 4),
    "next friday": lambda d: _monday(d) + timedelta(days=11),
    "this week": lambda d: max(_monday(d) + timedelta(days=4), d),
    "next week": lambda d: _monday(d) + timedelta(days=11),
    "end of next week": lambda d: _monday(d) + timedelta(days=11),
    "week 23": lambda d: _first(d, [date.fromisocalendar(d.year + step, 23, 5) for step in (0, 1)]),
    "month end": lambda d: (d.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1),
    "end of march": lambda d: _first(d, [date(d.year + step, 3, 31) for step in (0, 1)]),
    "within 8 days": lambda d: d + timedelta(days=8),
    "within 5 working days": lambda d: _working_days(d, 5),
    "by the 15th": lambda d: _first(d, [day for day in _days(d, 60) if day.day == 15]),
    "mid may": lambda d: _first(d, [date(d.year + step, 5, 15) for step in (0, 1)]),
    "15 april": lambda d: _first(d, [date(d.year + step, 4, 15) for step in (0, 1)]),
    "a range": lambda d: _first(d, [date(d.year + step, 4, 14) for step in (0, 1)]),
}

AS_WRITTEN = [
    ("nl", "vrijdg", "2025-03-14"),
    ("nl", "vrijdag a.s.", "2025-03-14"),
    ("nl", "aanstaande vrijdag", "2025-03-14"),
    ("nl", "eind vd maand", "2025-03-31"),
    ("nl", "per ultimo", "2025-03-31"),
    ("nl", "over twee weken", "2025-03-26"),
    ("nl", "volgende week wo", "2025-03-19"),
    ("nl", "de 15e van volgende maand", "2025-04-15"),
    ("nl", "di 18 mrt", "2025-03-18"),
    ("nl", "vrijdag over een week", "2025-03-21"),
    ("nl", "telkens rond de 10de", "2025-04-10"),
    ("nl", "de tiende van elke maand", "2025-04-10"),
    ("nl", "in april, de 10e", "2025-04-10"),
    ("nl", "voor Koningsdag", "2025-04-26"),
    ("nl", "op de eerstvolgende werkdag", "2025-03-13"),
    ("nl", "betaaldatum 23-05", "2025-05-23"),
    ("en", "mid next week", "2025-03-19"),
    ("en", "the 15th of next month", "2025-04-15"),
    ("en", "14 days from today", "2025-03-26"),
    ("en", "in two weeks", "2025-03-26"),
    ("en", "the first week of May", "2025-05-02"),
    ("en", "end of Q1", "2025-03-31"),
    ("en", "tmrw", "2025-03-13"),
    ("en", "Firday", "2025-03-14"),
    ("en", "Friday week", "2025-03-21"),
    ("en", "on Friday 25th", "2025-04-25"),
    ("en", "5/4/25", "2025-04-05"),
    ("en", "the twelfth of April", "2025-04-12"),
    ("de", "nächste Woche Mittwoch", "2025-03-19"),
    ("de", "Ende KW 12", "2025-03-21"),
    ("de", "statt am 10. erst am 29. Mai", "2025-05-29"),
    ("de", "MAERZ 28", None),
    ("de", "am 28. MÄRZ", "2025-03-28"),
    ("de", "vor Fronleichnam", "2025-06-19"),
    ("fr", "d'ici vendredi", "2025-03-14"),
    ("fr", "sous 48h", "2025-03-14"),
    ("fr", "vendredi en huit", "2025-03-21"),
    ("fr", "fevrier 2026", None),
    ("fr", "avant Noël", "2025-12-25"),
    ("fr", "1er avril", "2025-04-01"),
]

NO_DATE = [
    ("en", "I may pay; the sun sat on it"),
    ("en", "net 30 days from invoice date"),
    ("nl", "goede morgen, zo doen wij het di"),
    ("nl", "over de 15 dozen, 24/7 bereikbaar, 1/3 van het bedrag"),
    ("nl", "factuur 24/0655, termijn 2/4"),
    ("de", "Guten Morgen, so mi das"),
    ("fr", "facture 2/4, paiement à 30 jours"),
]


@pytest.mark.parametrize("received", [WEDNESDAY, FRIDAY, SUNDAY, LEAP_DAY, LAST_DAY], ids=str)
@pytest.mark.parametrize(("row", "language"), [(row, code) for row in ROWS for code in ("nl", "en", "de", "fr")])
def test_the_table(row: str, language: str, received: date) -> None:
    assert _ahead(ROWS[row][language], language, received)[-1:] == [EXPECTED[row](received)]


@pytest.mark.parametrize(("language", "phrase", "day"), AS_WRITTEN)
def test_as_people_write(language: str, phrase: str, day: str | None) -> None:
    assert [str(found) for found in _ahead(phrase, language, WEDNESDAY)][-1:] == ([day] if day else [])


@pytest.mark.parametrize(("language", "text"), NO_DATE)
def test_words_that_look_like_dates(language: str, text: str) -> None:
    assert _ahead(text, language, WEDNESDAY) == []


def test_american_order() -> None:
    (phrase,) = DATES.phrases("3/4", 0, 3, WEDNESDAY, Language.EN, month_first=True)
    assert phrase.behind == date(2025, 3, 4)


def test_a_day_paid_is_past_but_tomorrows_value_date_is_not_last_years() -> None:
    (past,) = DATES.phrases("am 3. April", 0, 11, WEDNESDAY, Language.DE)
    (soon,) = DATES.phrases("Valuta 13.03.", 0, 13, WEDNESDAY, Language.DE)
    assert (past.behind, soon.behind) == (date(2024, 4, 3), date(2025, 3, 13))


def test_the_next_working_day_is_no_holiday_of_the_country() -> None:
    text = "the next working day"
    days = {
        country: DATES.phrases(text, 0, len(text), date(2025, 4, 17), Language.EN, country=country)[0].ahead
        for country in ("DE", "US")
    }
    assert days == {"DE": date(2025, 4, 22), "US": date(2025, 4, 18)}


def _ahead(text: str, language: str, received: date) -> list[date]:
    phrases = DATES.phrases(text, 0, len(text), received, Language(language))
    return [phrase.ahead for phrase in phrases if phrase.ahead]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next_weekday(day: date, weekday: int) -> date:
    return next(later for later in _days(day + timedelta(days=1), 7) if later.weekday() == weekday)


def _working_days(day: date, count: int) -> date:
    return [later for later in _days(day + timedelta(days=1), 20) if later.weekday() < 5][count - 1]


def _days(day: date, count: int) -> list[date]:
    return [day + timedelta(days=step) for step in range(count)]


def _first(received: date, days: list[date]) -> date:
    return min(day for day in days if day >= received)
