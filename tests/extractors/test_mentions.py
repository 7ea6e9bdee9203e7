"""What a text mentions, in one pass: accounts and references with checksums, documents, phones, amounts."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.accounts import is_betalingskenmerk
from extractors.candidates import LedgerNumbers
from extractors.mentions import MentionKind, ReadingOf
from extractors.nlp import Mentions
from inbox_agent.domain.ledger import Customer, Invoice, InvoiceKind, Ledger
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Language

DAY = date(2025, 1, 1)
MENTIONS = Mentions()
LEDGER = Ledger(
    customer=Customer("10418", "De Boer"),
    invoices=(
        Invoice("23-441", DAY, DAY, Money(1), Money(1), po_number="4500218837"),
        Invoice("FV-7712", DAY, DAY, Money(1), Money(1)),
        Invoice("CR-0091", DAY, DAY, Money(-1), Money(-1), InvoiceKind.CREDIT_NOTE),
    ),
)
READING = ReadingOf(LedgerNumbers(LEDGER), date(2025, 3, 12))


def read(text: str, language: Language = Language.NL) -> list[tuple[str, str]]:
    mentions = MENTIONS.read(text, 0, len(text), language, READING)
    assert all(text[mention.start : mention.end] == mention.text for mention in mentions)
    return [(mention.kind.value, mention.text) for mention in mentions]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("onze bank is nl91 abna 0417 1643 00.", [("iban", "nl91 abna 0417 1643 00")]),
        ("RIB 011 450 0000 1234567890123 88", [("iban", "011 450 0000 1234567890123 88")]),
        ("betalingskenmerk 5000 0567 8901 2345", [("payment_reference", "5000 0567 8901 2345")]),
        ("Referenz RF18 5390 0754 7034", [("payment_reference", "RF18 5390 0754 7034")]),
        ("bel 038-454 12 34 of +31 6 12345678", [("phone", "038-454 12 34"), ("phone", "+31 6 12345678")]),
        ("KvK 08123456", [("other_number", "08123456")]),
        ("klantnummer 7712 heeft vragen", [("customer_number", "7712")]),
        ("debiteur: 10418", [("customer_number", "10418")]),
        ("Rappel KG 23/441 en FV 7712", [("invoice_number", "KG 23/441"), ("invoice_number", "FV 7712")]),
        ("de CR-0091 is verrekend", [("credit_note", "CR-0091")]),
        ("PO 4500218837 klopt", [("po_number", "4500218837")]),
        ("notre facture n° 8820113", [("invoice_number", "8820113")]),
        ("FV-7790 kennen wij niet", [("invoice_number", "FV-7790")]),
        ("Your CM-2281 turned up", [("credit_note", "CM-2281")]),
        ("de creditnota KO-C-0093", [("credit_note", "KO-C-0093")]),
        ("1.250,00 EUR", [("amount", "1.250,00 EUR")]),
        ("2% korting", [("percentage", "2%")]),
        ("twee facturen", [("count", "twee")]),
        ("tweeduizend euro graag", [("amount", "tweeduizend euro")]),
    ],
)
def test_mentions(text: str, found: list[tuple[str, str]]) -> None:
    assert read(text) == found


@pytest.mark.parametrize(
    ("text", "language", "amount"),
    [
        ("zwölfhundertfünfzig Euro", Language.DE, "1250.00"),
        ("zweitausenddreihundert Franken", Language.DE, "2300.00"),
        ("fifteen hundred pounds", Language.EN, "1500.00"),
        ("two thousand five hundred euros", Language.EN, "2500.00"),
        ("deux mille cinq cents euros", Language.FR, "2500.00"),
        ("vijfentwintighonderd euro", Language.NL, "2500.00"),
    ],
)
def test_amounts_in_words(text: str, language: Language, amount: str) -> None:
    [mention] = MENTIONS.read(text, 0, len(text), language, READING)
    assert isinstance(mention.value, Money)
    assert (mention.text, str(mention.value)) == (text, amount)


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("You quoted PO TB-5518. Ours was TB-5581.", ["TB-5518", "TB-5581"]),
        ("es fehlt unsere Bestellnummer. Die richtige lautet 4500-771203.", ["4500-771203"]),
        (
            "het PO-nummer op de factuur (NB-20117) is van Venlo. Het goede nummer is NB-20171.",
            ["NB-20117", "NB-20171"],
        ),
        ("le bon de commande que vous citez (BC 24/118) est faux", ["BC 24/118"]),
        ("dafür haben wir 5 Bestellungen und 300 Kästen", []),
    ],
)
def test_orders_where_orders_are_spoken_of(text: str, orders: list[str]) -> None:
    assert [found for kind, found in read(text) if kind == MentionKind.PO_NUMBER] == orders


def test_betalingskenmerk() -> None:
    assert is_betalingskenmerk("5000056789012345")
    assert not is_betalingskenmerk("6000056789012345")
    assert not is_betalingskenmerk("123")


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="0123456789ABNLRFPO -/.,()€%+:#\nfactuurPO", max_size=300), st.sampled_from(list(Language)))
def test_any_text(text: str, language: Language) -> None:
    read(text, language)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "a1",
        "1 ",
        "ab12 ",
        "rf12 ",
        "NL91 ",
        "PO 1",
        "(0",
        "0 0-",
        "+31 ",
        "order 1-1 ",
        "A-1 -1\n",
        "1/ ",
        "[#",
        "twee",
    ],
)
def test_long_texts_end(piece: str) -> None:
    read((piece * 20_000)[:20_000])
