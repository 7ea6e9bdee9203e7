"""The guide's date table, row by row, in four languages; received on Wednesday 12 March 2025."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.dates import Dates
from inbox_agent.domain.taxonomy import Language

RECEIVED = date(2025, 3, 12)
DATES = Dates()

PROMISED = [
    ("nl", "morgen", "2025-03-13"),
    ("nl", "overmorgen", "2025-03-14"),
    ("nl", "vrijdag", "2025-03-14"),
    ("nl", "woensdag", "2025-03-19"),
    ("nl", "volgende week vrijdag", "2025-03-21"),
    ("nl", "aankomende vrijdag", "2025-03-14"),
    ("nl", "deze week", "2025-03-14"),
    ("nl", "volgende week", "2025-03-21"),
    ("nl", "week 23", "2025-06-06"),
    ("nl", "eind deze maand", "2025-03-31"),
    ("nl", "eind maart", "2025-03-31"),
    ("nl", "eind februari", "2026-02-28"),
    ("nl", "binnen 8 dagen", "2025-03-20"),
    ("nl", "binnen acht dagen", "2025-03-20"),
    ("nl", "binnen tien werkdagen", "2025-03-26"),
    ("nl", "half mei", "2025-05-15"),
    ("nl", "uiterlijk de 15e", "2025-03-15"),
    ("nl", "tussen 10 en 14 maart", "2025-03-14"),
    ("nl", "dinsdag 23 december", "2025-12-23"),
    ("en", "tomorrow", "2025-03-13"),
    ("en", "this Friday", "2025-03-14"),
    ("en", "next Friday", "2025-03-21"),
    ("en", "this week's payment run", "2025-03-14"),
    ("en", "end of next week", "2025-03-21"),
    ("en", "the end of March", "2025-03-31"),
    ("en", "by the 15th", "2025-03-15"),
    ("en", "within 5 working days", "2025-03-19"),
    ("en", "mid-May", "2025-05-15"),
    ("en", "between the 13th and the 17th", "2025-03-17"),
    ("en", "Dec 5", "2025-12-05"),
    ("de", "am Freitag", "2025-03-14"),
    ("de", "nächsten Freitag", "2025-03-21"),
    ("de", "am kommenden Dienstag", "2025-03-18"),
    ("de", "KW 21", "2025-05-23"),
    ("de", "Monatsende", "2025-03-31"),
    ("de", "Mitte Mai", "2025-05-15"),
    ("de", "spätestens am 15. März", "2025-03-15"),
    ("de", "innerhalb von 5 Werktagen", "2025-03-19"),
    ("de", "Donnerstag, der 27.", "2025-03-27"),
    ("fr", "demain", "2025-03-13"),
    ("fr", "vendredi", "2025-03-14"),
    ("fr", "vendredi prochain", "2025-03-21"),
    ("fr", "fin du mois", "2025-03-31"),
    ("fr", "sous huitaine", "2025-03-20"),
    ("fr", "sous quinzaine", "2025-03-27"),
    ("fr", "mi-mai", "2025-05-15"),
    ("fr", "au plus tard le 15 avril", "2025-04-15"),
    ("fr", "semaine 14", "2025-04-04"),
]

PAID = [
    ("nl", "gisteren", "2025-03-11"),
    ("nl", "maandag", "2025-03-10"),
    ("nl", "vorige week dinsdag", "2025-03-04"),
    ("nl", "3 maart", "2025-03-03"),
    ("nl", "20 december", "2024-12-20"),
    ("nl", "12-02-2025", "2025-02-12"),
    ("en", "on the 24th", "2025-02-24"),
    ("en", "last Friday", "2025-03-07"),
    ("de", "am 3. März", "2025-03-03"),
    ("de", "am 4.3.", "2025-03-04"),
    ("de", "vorgestern", "2025-03-10"),
    ("fr", "avant-hier", "2025-03-10"),
    ("fr", "le 7 mars", "2025-03-07"),
]


def days(phrase: str, language: str, *, future: bool, month_first: bool = False) -> list[str]:
    mentions = DATES.find(phrase, 0, len(phrase), RECEIVED, Language(language), future=future, month_first=month_first)
    return [mention.day.isoformat() for mention in mentions]


@pytest.mark.parametrize(("language", "phrase", "day"), PROMISED)
def test_promised(language: str, phrase: str, day: str) -> None:
    assert days(phrase, language, future=True) == [day]


@pytest.mark.parametrize(("language", "phrase", "day"), PAID)
def test_paid(language: str, phrase: str, day: str) -> None:
    assert days(phrase, language, future=False) == [day]


def test_month_first_where_the_sender_writes_so() -> None:
    assert days("2/9", "en", future=False, month_first=True) == ["2025-02-09"]
    assert days("12/30", "en", future=False) == ["2024-12-30"]


@pytest.mark.parametrize("phrase", ["31 februari", "99-99-2025", "1.204,55", "op termijn", "week 99"])
def test_no_calendar_day_is_no_date(phrase: str) -> None:
    assert days(phrase, "nl", future=True) == []


@given(st.text(max_size=200), st.sampled_from(list(Language)), st.booleans())
def test_any_text(text: str, language: Language, future: bool) -> None:
    for mention in DATES.find(text, 0, len(text), RECEIVED, language, future=future):
        assert 0 <= mention.start < mention.end <= len(text)
