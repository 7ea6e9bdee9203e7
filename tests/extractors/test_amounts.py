"""Amounts in the notations of the four languages; what is no amount."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.amounts import find_amounts
from inbox_agent.domain.money import Money

WRITTEN = [
    ("€ 1.250,00", "1250.00", "EUR"),
    ("1.250,00 EUR", "1250.00", "EUR"),
    ("EUR 1,250.00", "1250.00", "EUR"),
    ("1 250,00 €", "1250.00", "EUR"),
    ("1\u202f250,00 €", "1250.00", "EUR"),
    ("CHF 4'416.–", "4416.00", "CHF"),
    ("CHF 1'944.00", "1944.00", "CHF"),
    ("CHF 1’944.00", "1944.00", "CHF"),
    ("€ 1.689,-", "1689.00", "EUR"),
    ("1.250,=", "1250.00", "EUR"),
    ("£86.40", "86.40", "GBP"),
    ("£1,250", "1250.00", "GBP"),
    ("$3,905.22", "3905.22", "USD"),
    ("₹1,25,000", "125000.00", "INR"),
    ("Rs. 12,50,000.00", "1250000.00", "INR"),
    ("1 312 000 F CFA", "1312000.00", "XOF"),
    ("R88 550,00", "88550.00", "ZAR"),
    ("EUR1250,00", "1250.00", "EUR"),
    ("275 euro", "275.00", "EUR"),
    ("de 38,46 die", "38.46", "EUR"),
    ("5.000 euro", "5000.00", "EUR"),
    ("het bedrag van 12.299,64 gaat", "12299.64", "EUR"),
    ("-1.250,00", "-1250.00", "EUR"),
    ("1.250,00-", "-1250.00", "EUR"),
    ("€ -1.250,00", "-1250.00", "EUR"),
    ("reject   -£4,610.00", "-4610.00", "GBP"),
    ("150 euros par mois", "150.00", "EUR"),
]


@pytest.mark.parametrize(("text", "amount", "currency"), WRITTEN)
def test_written(text: str, amount: str, currency: str) -> None:
    assert [mention.amount for mention in find_amounts(text, 0, len(text), "EUR")] == [Money.parse(amount, currency)]


@pytest.mark.parametrize(
    "text",
    [
        "ongeveer € 3.000",
        "ca. 1.250 €",
        "about £1,250",
        "€12.4k",
        "6,4 %",
        "11.02.2025",
        "seit 09.01. bezahlt",
        "2024/0112",
        "€ 1,12/kg",
        "21.40 uur",
        "12",
        "100-200",
    ],
)
def test_no_amount(text: str) -> None:
    assert find_amounts(text, 0, len(text), "EUR") == []


def test_bare_number_that_the_ledger_knows() -> None:
    mentions = find_amounts("de 1187 gaat de 15e weg", 0, 23, "EUR", {Money(118_700)})
    assert [(mention.amount, mention.sure) for mention in mentions] == [(Money(118_700), False)]


def test_bare_numbers_when_asked_for() -> None:
    text = "in 2024 waren het 390 en 1.116 stuks"
    assert [str(mention.amount) for mention in find_amounts(text, 0, len(text), "EUR", bare=True)] == ["390.00"]


def _written(whole: int, cents: int, mark: str, point: str) -> str:
    return f"{whole:,}".replace(",", mark) + f"{point}{cents:02}"


NOTATIONS = [
    (".", ",", "€ {}", "EUR"),
    (".", ",", "{} EUR", "EUR"),
    (",", ".", "£{}", "GBP"),
    (",", ".", "{} USD", "USD"),
    ("'", ".", "CHF {}", "CHF"),
    (" ", ",", "{} €", "EUR"),
    ("\u202f", ",", "{}\u00a0€", "EUR"),
    ("\u00a0", ",", "PLN {}", "PLN"),
    ("", ",", "EUR {}", "EUR"),
    ("", ".", "$ {}", "USD"),
]


@given(st.integers(1, 9_999_999), st.integers(0, 99), st.sampled_from(NOTATIONS))
def test_every_notation_parses_back(whole: int, cents: int, notation: tuple[str, str, str, str]) -> None:
    mark, point, form, currency = notation
    text = "betaald: " + form.format(_written(whole, cents, mark, point)) + " aan u"
    [mention] = find_amounts(text, 0, len(text), "EUR")
    assert mention.amount == Money.parse(Decimal(f"{whole}.{cents:02}"), currency)
    assert mention.sure


@given(st.text(alphabet="0123456789.,'-€ EURabc%\u202f", max_size=80))
def test_any_text(text: str) -> None:
    for mention in find_amounts(text, 0, len(text), "EUR", bare=True):
        assert 0 <= mention.start < mention.end <= len(text)


@pytest.mark.parametrize(
    "piece", ["1", "1,", "1 ", "1.250,00 ", "-1", "€", "1,25", "EUR ", "' ", "123.123", "--", "1'"]
)
@settings(deadline=None)
@given(st.integers(20_000, 20_001))
def test_long_texts_end(piece: str, length: int) -> None:
    text = (piece * length)[:length]
    assert all(mention.end <= length for mention in find_amounts(text, 0, length, "EUR", bare=True))
