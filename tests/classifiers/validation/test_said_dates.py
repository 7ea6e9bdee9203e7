"""Every row of the guide's date table, in four languages, for a mail received on Wednesday 12 March 2025."""

from datetime import date

import pytest

from classifiers.validation.said_dates import said
from inbox_agent.domain.taxonomy import Language

ON = date(2025, 3, 12)


def days(text: str, language: str, *, past: bool = False) -> set[str]:
    return {str(day) for one in said(text, Language(language), ON, past=past) for day in one.days}


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("nl", "ik betaal vandaag", "2025-03-12"),
        ("en", "I pay tomorrow", "2025-03-13"),
        ("de", "wir zahlen übermorgen", "2025-03-14"),
        ("de", "heute Morgen überwiesen", "2025-03-12"),
        ("nl", "vrijdag staat het er", "2025-03-14"),
        ("nl", "woensdag staat het er", "2025-03-19"),
        ("en", "next Friday", "2025-03-21"),
        ("nl", "volgende week vrijdag", "2025-03-21"),
        ("nl", "aankomende vrijdag", "2025-03-14"),
        ("de", "nächsten Freitag", "2025-03-21"),
        ("fr", "vendredi prochain", "2025-03-21"),
        ("en", "in this week's payment run", "2025-03-14"),
        ("nl", "eind volgende week", "2025-03-21"),
        ("en", "Friday week", "2025-03-21"),
        ("fr", "le lundi 24", "2025-03-24"),
        ("en", "in week 23", "2025-06-06"),
        ("de", "in KW 10", "2026-03-06"),
        ("fr", "fin du mois", "2025-03-31"),
        ("de", "zum Monatsende", "2025-03-31"),
        ("de", "Ende nächsten Monats", "2025-04-30"),
        ("en", "end of February", "2026-02-28"),
        ("en", "within ten days from today", "2025-03-22"),
        ("nl", "binnen 10 werkdagen", "2025-03-26"),
        ("de", "in zwei Wochen", "2025-03-26"),
        ("en", "by the 15th", "2025-03-15"),
        ("nl", "uiterlijk de 5e", "2025-04-05"),
        ("fr", "le 15", "2025-03-15"),
        ("de", "am 3. Mai", "2025-05-03"),
        ("en", "on January 3rd", "2026-01-03"),
        ("de", "am 03.05.", "2025-05-03"),
        ("nl", "op 03-05-2026", "2026-05-03"),
        ("en", "on 2025-06-01", "2025-06-01"),
        ("nl", "half mei", "2025-05-15"),
        ("fr", "mi-mai", "2025-05-15"),
        ("fr", "sous huitaine", "2025-03-20"),
        ("nl", "binnen acht dagen", "2025-03-20"),
        ("fr", "sous quinzaine", "2025-03-27"),
    ],
)
def test_what_is_said_of_the_future(language: str, text: str, day: str) -> None:
    assert days(text, language) == {day}


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("nl", "is vrijdag betaald", "2025-03-07"),
        ("en", "paid on 20 March", "2024-03-20"),
        ("de", "am 14. überwiesen", "2025-02-14"),
        ("fr", "payé hier", "2025-03-11"),
        ("nl", "vorige week dinsdag betaald", "2025-03-04"),
    ],
)
def test_what_is_said_of_a_payment_made(language: str, text: str, day: str) -> None:
    assert days(text, language, past=True) == {day}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "begin volgende week"),
        ("en", "some time early next month"),
        ("en", "we may pay 12 of them"),
        ("de", "30 Tage netto"),
        ("nl", "factuur 25-0771 van 3 maart"),
        ("en", "INV-25-03-12-7"),
        ("fr", "il manque 15 cartons"),
        ("nl", "op 31-02-2025"),
    ],
)
def test_what_the_table_does_not_settle(language: str, text: str) -> None:
    assert days(text, language) == set()


def test_two_readings_of_an_english_date() -> None:
    assert days("on 3/4/2025", "en") == {"2025-04-03", "2025-03-04"}
