"""Every day written out in every notation parses back; no text raises or takes long, and offsets slice."""

from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from extractors.date_grammar import fold
from extractors.dates import Dates
from extractors.pattern_heads import heads
from inbox_agent.domain.taxonomy import Language

DATES = Dates()
RECEIVED = date(2025, 3, 12)
NUMERIC = ("dd-MM-yyyy", "d-M-yyyy", "d/M/yy", "dd.MM.yyyy", "d.M.yy", "yyyy-MM-dd", "dd/MM/yyyy")
WORDS = ("d MMMM yyyy", "EEEE d MMMM yyyy", "d MMM yyyy")
LANGUAGES = st.sampled_from(list(Language))
DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))

HOSTILE = [
    "op de " * 5000,
    "vrijdag " * 3000,
    "1" * 20_000,
    "1/" * 8000,
    "1.1." * 5000,
    "am 1. und " * 3000,
    "binnen 5 - 5 - 5 " * 2000,
    " \n" * 10_000,
    "eind van de " * 3000,
    "in april, " * 3000,
    "vrijdg" * 3000,
    "İ" * 5000 + " vrijdag",
]


@given(DAYS, LANGUAGES, st.sampled_from(NUMERIC + WORDS))
def test_written_out_and_read_back(day: date, language: Language, notation: str) -> None:
    written = format_date(day, notation, locale="en_GB" if language is Language.EN else language.value)
    text = f"Betaling: {written}, x"
    (phrase,) = DATES.phrases(text, 0, len(text), RECEIVED, language)
    assert phrase.ahead == day == phrase.behind
    assert text[phrase.start : phrase.end] in written


@given(DAYS, st.booleans())
def test_american_order_and_back(day: date, dashes: bool) -> None:
    text = format_date(day, "M-d-yyyy" if dashes else "M/d/yyyy", locale="en_US")
    (phrase,) = DATES.phrases(text, 0, len(text), RECEIVED, Language.EN, month_first=True)
    assert phrase.ahead == day


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), LANGUAGES)
def test_without_a_year_it_is_ahead_or_behind(day: date, language: Language) -> None:
    text = format_date(day, "d MMMM", locale=language.value)
    (phrase,) = DATES.phrases(text, 0, len(text), RECEIVED, language)
    assert phrase.ahead is not None
    assert phrase.ahead >= RECEIVED
    assert (phrase.ahead.month, phrase.ahead.day) == (day.month, day.day)


@given(st.text(max_size=300), LANGUAGES, st.dates(date(1, 1, 1), date(9999, 12, 31)), st.booleans())
def test_any_text_on_any_day(text: str, language: Language, received: date, month_first: bool) -> None:
    end = 0
    for phrase in DATES.phrases(text, 0, len(text), received, language, month_first=month_first):
        assert end <= phrase.start < phrase.end <= len(text)
        end = phrase.end


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_hostile_text_ends(text: str) -> None:
    for language in Language:
        for phrase in DATES.phrases(text, 0, len(text), RECEIVED, language):
            assert phrase.end <= len(text)


@given(st.text(max_size=60))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_a_name_put_right_keeps_its_offsets() -> None:
    text = "Betaling vrijdg, rest op dinsdagg en 4 november."
    words = [text[one.start : one.end] for one in DATES.phrases(text, 0, len(text), RECEIVED, Language.NL)]
    assert words == ["vrijdg", "dinsdagg", "4 november."]


def test_how_a_pattern_can_begin() -> None:
    assert heads(r"(?:op )?(?:ma|di)") == {"op", "ma", "di"}
    assert heads(r"[12]\d") == {first + second for first in "12" for second in "0123456789"}
