"""Which ledger rows a place of a mail is about: each kind of reference in the four languages, decoys, and none."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.dates import Dates
from extractors.linking import Linking
from extractors.nlp import Sentences
from extractors.reading import Reading
from extractors.segments import new_sentences, said
from extractors.stated import Stated
from inbox_agent.domain.act import Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.ledger import Invoice, InvoiceKind, Ledger
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, Intent

RECEIVED = datetime(2025, 4, 16, 9, tzinfo=UTC)
LINKING, READING, SENTENCES, DATES = Linking(), Reading(), Sentences(), Dates()


def row(number: str, issued: str, due: str, amount: str, open_: str | None = None, po: str = "") -> Invoice:
    total = Money.parse(amount)
    kind = InvoiceKind.CREDIT_NOTE if total.minor < 0 else InvoiceKind.INVOICE
    left = Money.parse(open_) if open_ else total
    return Invoice(number, date.fromisoformat(issued), date.fromisoformat(due), total, left, kind, po)


LEDGER = Ledger(
    invoices=(
        row("FA-25-0711", "2025-01-14", "2025-02-13", "1240.00"),
        row("FA-25-0764", "2025-02-11", "2025-03-13", "310.00", po="4500218837"),
        row("FA-25-0802", "2025-03-20", "2025-04-19", "95.40"),
        row("FA-25-0650", "2024-12-03", "2025-01-02", "780.00", "0.00"),
    )
)
OPEN = ["FA-25-0711", "FA-25-0764", "FA-25-0802"]

Spoken = tuple[Intent, str]


def links(
    body: str,
    *spoken: Spoken,
    subject: str = "",
    ledger: Ledger = LEDGER,
    reason: DisputeReason = DisputeReason.OTHER,
) -> list[tuple[InvoiceLink, ...]]:
    mail = Mail(RECEIVED, RECEIVED.date(), Address("jan@deboer.nl", "Jan"), subject, body)
    text = READING.read(mail)
    spans = new_sentences(text, SENTENCES, text.language)
    evidences = [
        (intent, Evidence(words, body.index(words), body.index(words) + len(words))) for intent, words in spoken
    ]
    places = said(mail, evidences, spans)
    reasons = [reason if place.intent is Intent.DISPUTE else None for place in places]
    return LINKING.links(Stated(mail, text, ledger, DATES), spans, places, reasons)


def numbers(found: tuple[InvoiceLink, ...]) -> list[str]:
    return [link.number for link in found]


PAY = Intent.PROMISE_TO_PAY


@pytest.mark.parametrize(
    ("body", "words", "found", "reason"),
    [
        ("Beste, factuur FA-25-0764 betalen wij vrijdag.", "betalen wij vrijdag", ["FA-25-0764"], LinkReason.NUMBER),
        ("Dear all, we will pay FA-25-0764 on Friday.", "on Friday", ["FA-25-0764"], LinkReason.NUMBER),
        ("Hallo, die Rechnung FA-25-0764 zahlen wir am Freitag.", "am Freitag", ["FA-25-0764"], LinkReason.NUMBER),
        ("Bonjour, nous réglons la facture FA-25-0764 vendredi.", "vendredi", ["FA-25-0764"], LinkReason.NUMBER),
        ("Beste, de 0764 betalen wij vrijdag.", "vrijdag", ["FA-25-0764"], LinkReason.NUMBER_VARIANT),
        ("Beste, order 4500218837 betalen wij vrijdag.", "vrijdag", ["FA-25-0764"], LinkReason.PURCHASE_ORDER),
        ("Beste, de € 310,00 betalen wij vrijdag.", "betalen wij vrijdag", ["FA-25-0764"], LinkReason.AMOUNT),
        ("Hallo, die 310,00 € zahlen wir am Freitag.", "zahlen wir am Freitag", ["FA-25-0764"], LinkReason.AMOUNT),
        ("Beste, de factuur van januari betalen wij vrijdag.", "vrijdag", ["FA-25-0711"], LinkReason.PERIOD),
        ("Dear all, we will pay the January invoice on Friday.", "on Friday", ["FA-25-0711"], LinkReason.PERIOD),
        ("Hallo, die Rechnung vom Januar zahlen wir am Freitag.", "am Freitag", ["FA-25-0711"], LinkReason.PERIOD),
        ("Bonjour, nous réglons la facture de janvier vendredi.", "vendredi", ["FA-25-0711"], LinkReason.PERIOD),
        ("Beste, alle openstaande facturen betalen wij vrijdag.", "vrijdag", OPEN, LinkReason.ALL_OPEN),
        ("Dear all, all open invoices will be paid on Friday.", "will be paid on Friday", OPEN, LinkReason.ALL_OPEN),
        ("Hallo, alle offenen Rechnungen zahlen wir am Freitag.", "am Freitag", OPEN, LinkReason.ALL_OPEN),
        ("Bonjour, nous réglons toutes les factures ouvertes vendredi.", "vendredi", OPEN, LinkReason.ALL_OPEN),
    ],
)  # fmt: skip
def test_each_kind_of_reference(body: str, words: str, found: list[str], reason: LinkReason) -> None:
    [rows] = links(body, (PAY, words))
    assert numbers(rows) == found
    assert {link.reason for link in rows} == {reason}
    assert all(link.mention.lower() in body.lower() for link in rows)


@pytest.mark.parametrize(
    ("body", "dispute", "promise"),
    [
        ("FA-25-0711 is nooit geleverd. De andere twee betalen wij vrijdag.", "nooit geleverd", "betalen wij vrijdag"),
        ("FA-25-0711 was never delivered. The other two we pay on Friday.", "never delivered", "we pay on Friday"),
        ("FA-25-0711 wurde nie geliefert. Die anderen zahlen wir am Freitag.", "nie geliefert", "zahlen wir am Freitag"),
        ("FA-25-0711 n'a jamais été livrée. Nous réglons les deux autres vendredi.", "jamais été livrée", "vendredi"),
    ],
)  # fmt: skip
def test_the_others_are_what_is_left(body: str, dispute: str, promise: str) -> None:
    contested, promised = links(body, (Intent.DISPUTE, dispute), (PAY, promise))
    assert numbers(contested) == ["FA-25-0711"]
    assert numbers(promised) == ["FA-25-0764", "FA-25-0802"]


def test_it_is_what_was_named_before() -> None:
    [rows] = links("Ik heb FA-25-0802 gevonden. Die wordt vrijdag betaald.", (PAY, "wordt vrijdag betaald"))
    assert [(link.number, link.mention) for link in rows] == [("FA-25-0802", "FA-25-0802")]


def test_subject_and_quoted_mail_say_what_this_invoice_is() -> None:
    spoken = (PAY, "wordt vrijdag betaald")
    [rows] = links("Dit wordt vrijdag betaald.", spoken, subject="Re: herinnering FA-25-0764")
    assert [(link.number, link.reason) for link in rows] == [("FA-25-0764", LinkReason.SUBJECT)]
    [rows] = links("Dit wordt vrijdag betaald.\n\n> Factuur FA-25-0802 staat nog open.", spoken, subject="Re: vraag")
    assert [(link.number, link.reason) for link in rows] == [("FA-25-0802", LinkReason.QUOTED)]


def test_the_only_open_invoice_needs_no_words() -> None:
    ledger = Ledger(invoices=(LEDGER.invoices[0], LEDGER.invoices[3]))
    [rows] = links("Wij betalen vrijdag.", (PAY, "betalen vrijdag"), ledger=ledger)
    assert [(link.number, link.reason) for link in rows] == [("FA-25-0711", LinkReason.ONLY_OPEN)]


def test_two_amounts_together() -> None:
    [rows] = links(
        "Wij hebben vandaag € 1.550,00 overgemaakt.", (Intent.PAYMENT_NOTIFICATION, "€ 1.550,00 overgemaakt")
    )
    assert numbers(rows) == ["FA-25-0711", "FA-25-0764"]
    assert {link.reason for link in rows} == {LinkReason.SUM}


def test_each_thing_said_keeps_its_own_number() -> None:
    body = "FA-25-0711: betaald op 2 april.\nFA-25-0764: de prijs klopt niet.\nFA-25-0802: betalen wij vrijdag."
    found = links(
        body,
        (Intent.PAYMENT_NOTIFICATION, "betaald op 2 april"),
        (Intent.DISPUTE, "de prijs klopt niet"),
        (PAY, "betalen wij vrijdag"),
    )
    assert [numbers(rows) for rows in found] == [["FA-25-0711"], ["FA-25-0764"], ["FA-25-0802"]]


@pytest.mark.parametrize(
    "spoken", [(Intent.STATEMENT_REQUEST, "een overzicht van alle openstaande posten"), (Intent.ACCOUNT_UPDATE, "een overzicht")]
)  # fmt: skip
def test_what_is_about_no_invoice_has_none(spoken: Spoken) -> None:
    assert links("Graag een overzicht van alle openstaande posten.", spoken) == [()]


def test_without_a_ledger_nothing_is_linked() -> None:
    assert links("FA-25-0711 betalen wij vrijdag.", (PAY, "vrijdag"), ledger=Ledger()) == [()]


@settings(max_examples=60, deadline=None)
@given(
    words=st.lists(
        st.sampled_from(
            [
                "FA-25-0711",
                "0764",
                "310,00",
                "beide",
                "de",
                "andere",
                "twee",
                "alles",
                "openstaand",
                "januari",
                "niet",
                "behalve",
                "eerste",
                "kleinste",
                "rest",
                "credit",
                "\n\n",
                ">",
                "2)",
                ".",
                ",",
                "the",
                "other",
                "both",
            ]
        )
        | st.text(max_size=8),
        min_size=1,
        max_size=30,
    ),
    intents=st.lists(st.sampled_from(list(Intent)), min_size=1, max_size=4),
)
def test_whatever_is_written_only_rows_of_the_ledger_are_linked(words: list[str], intents: list[Intent]) -> None:
    body = " ".join(words) + " x"
    known = {invoice.number for invoice in LEDGER.invoices}
    for rows in links(body, *((intent, body.strip()[:20]) for intent in intents)):
        assert {link.number for link in rows} <= known
        assert len({link.number for link in rows}) == len(rows)
