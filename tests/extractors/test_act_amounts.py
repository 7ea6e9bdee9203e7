"""The amount of an act: of all that a mail names, the one that it is about (guide, "Acts")."""

from datetime import UTC, date, datetime

import pytest

from extractors.act_amounts import ActAmounts
from extractors.dates import Dates
from extractors.nlp import Sentences
from extractors.reading import Reading
from extractors.segments import new_sentences, said
from extractors.stated import Stated
from inbox_agent.domain.act import Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Intent

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
DAY = date(2025, 1, 1)
READING, SENTENCES, DATES, AMOUNTS = Reading(), Sentences(), Dates(), ActAmounts()
LEDGER = Ledger(
    invoices=(
        Invoice("25-0771", DAY, DAY, Money(124_000), Money(124_000)),
        Invoice("25-0802", DAY, DAY, Money(31_000), Money(31_000)),
    )
)


def amounts(text: str, *acts: tuple[Intent, str, str]) -> list[str | None]:
    mail = Mail(RECEIVED, RECEIVED.date(), Address("jan@deboer.example", "Jan"), "", text)
    read = READING.read(mail)
    sentences = new_sentences(read, SENTENCES, read.language)
    pairs = [(intent, Evidence(words, text.index(words), text.index(words) + len(words))) for intent, words, _ in acts]
    places = said(mail, pairs, sentences)
    found = AMOUNTS.of(Stated(mail, read, LEDGER, DATES), places)
    return [
        str(amount) if (amount := found.amount_of(place, [InvoiceLink(number, LinkReason.NUMBER)])) else None
        for place, (_, _, number) in zip(places, acts, strict=True)
    ]


PAID, DISPUTE = Intent.PAYMENT_NOTIFICATION, Intent.DISPUTE
PLAN, PROMISE = Intent.PAYMENT_PLAN_REQUEST, Intent.PROMISE_TO_PAY


@pytest.mark.parametrize(
    ("text", "acts", "found"),
    [
        (
            "Beste Ilse, factuur 25-0771 van € 1.240,00 is gisteren betaald.",
            [(PAID, "is gisteren betaald", "25-0771")],
            ["1240.00"],
        ),
        (
            "Beste Ilse, factuur 25-0771 is gisteren betaald.",
            [(PAID, "is gisteren betaald", "25-0771")],
            [None],
        ),
        (
            "Hi Ilse, we paid about £1,200 of invoice 25-0771 yesterday.",
            [(PAID, "we paid about £1,200 of invoice 25-0771 yesterday", "25-0771")],
            [None],
        ),
        (
            "Beste Ilse, van 25-0771 hebben wij € 1.000,00 betaald, € 240,00 houden wij in vanwege schade.",
            [(PAID, "hebben wij € 1.000,00 betaald", "25-0771"), (DISPUTE, "€ 240,00 houden wij in", "25-0771")],
            ["1000.00", "240.00"],
        ),
        (
            "Beste Ilse, 25-0771 (€ 1.240,00) betalen wij vrijdag en 25-0802 (€ 310,00) betwisten wij.",
            [
                (PROMISE, "25-0771 (€ 1.240,00) betalen wij vrijdag", "25-0771"),
                (DISPUTE, "25-0802 (€ 310,00) betwisten wij", "25-0802"),
            ],
            ["1240.00", "310.00"],
        ),
        (
            "Guten Tag, dürfen wir die 1.240,00 € in drei Raten zahlen?",
            [(PLAN, "dürfen wir die 1.240,00 € in drei Raten zahlen", "25-0771")],
            ["1240.00"],
        ),
    ],
)
def test_amount_of_each_act(text: str, acts: list[tuple[Intent, str, str]], found: list[str | None]) -> None:
    assert amounts(text, *acts) == found


def test_an_intent_without_amount_has_none() -> None:
    assert amounts("Stuur svp een overzicht van € 1.240,00.", (Intent.STATEMENT_REQUEST, "Stuur svp", "25-0771")) == [
        None
    ]


def test_without_weights_nothing_is_chosen() -> None:
    assert ActAmounts(weights={}).weight(["any", "span:evidence"]) == 0
