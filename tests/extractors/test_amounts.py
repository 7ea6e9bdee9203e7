"""Amounts in the notations of the four languages; what is no amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.amounts import find_amounts
from inbox_agent.domain.money import Money

WRITTEN = [
    ("€ 1.250,00", "1250.00", "EUR"),
    ("1.250,00 EUR", "1250.00", "EUR"),
    ("EUR 1,250.00", "1250.00", "EUR"),
    ("1 250,00 €", "1250.00", "EUR"),
    ("CHF 4'416.–", "4416.00", "CHF"),
    ("CHF 1'944.00", "1944.00", "CHF"),
    ("€ 1.689,-", "1689.00", "EUR"),
    ("£86.40", "86.40", "GBP"),
    ("$3,905.22", "3905.22", "USD"),
    ("275 euro", "275.00", "EUR"),
    ("de 38,46 die", "38.46", "EUR"),
    ("5.000 euro", "5000.00", "EUR"),
    ("het bedrag van 12.299,64 gaat", "12299.64", "EUR"),
]


@pytest.mark.parametrize(("text", "amount", "currency"), WRITTEN)
def test_written(text: str, amount: str, currency: str) -> None:
    assert [mention.amount for mention in find_amounts(text, 0, len(text), "EUR")] == [Money.parse(amount, currency)]


@pytest.mark.parametrize(
    "text", ["ongeveer € 3.000", "€12.4k", "6,4 %", "11.02.2025", "2024/0112", "€ 1,12/kg", "21.40 uur", "12"]
)
def test_no_amount(text: str) -> None:
    assert find_amounts(text, 0, len(text), "EUR") == []


def test_bare_number_that_the_ledger_knows() -> None:
    mentions = find_amounts("de 1187 gaat de 15e weg", 0, 23, "EUR", {Money(118_700)})
    assert [(mention.amount, mention.sure) for mention in mentions] == [(Money(118_700), False)]


@given(st.text(alphabet="0123456789.,'-€ EURabc%", max_size=80))
def test_any_text(text: str) -> None:
    for mention in find_amounts(text, 0, len(text), "EUR"):
        assert 0 <= mention.start < mention.end <= len(text)
