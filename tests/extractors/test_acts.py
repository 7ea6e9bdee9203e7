"""Acts from a mail, given what the classifier saw: invoices, amount, date and evidence."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.acts import Acts
from extractors.reading import Reading
from extractors.registry import prepare
from extractors.segments import source_of
from inbox_agent.domain.act import Act, Evidence, LinkReason, Source
from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.mail import Address, Attachment, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, EntityKind, Intent, Tone
from inbox_agent.domain.triage import Classification, Extraction, IntentScore

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
ACTS = Acts()
READING = Reading()


def invoice(number: str, issued: str, amount: str, po: str = "") -> Invoice:
    day = date.fromisoformat(issued)
    return Invoice(number, day, day, Money.parse(amount), Money.parse(amount), po_number=po)


LEDGER = Ledger(
    invoices=(
        invoice("25-0771", "2025-01-15", "1240.00"),
        invoice("25-0802", "2025-02-10", "310.00", "4500218837"),
        invoice("25-0931", "2025-02-28", "95.40"),
    )
)


def extract(
    text: str, *said: tuple[Intent, str], subject: str = "", attachments: tuple[Attachment, ...] = ()
) -> Extraction:
    mail = Mail(RECEIVED, RECEIVED.date(), Address("jan@deboer.nl", "Jan"), subject, text, attachments=attachments)
    scores = tuple(
        IntentScore(intent, 0.9, (Evidence(words, text.index(words), text.index(words) + len(words)),))
        for intent, words in said
    )
    classification = Classification(scores, Tone.NEUTRAL, True, 0.9, "test")
    return ACTS.extract(mail, READING.read(mail), classification, LEDGER)


def numbers(act: Act) -> list[str]:
    return [link.number for link in act.invoices]


@pytest.mark.parametrize(
    ("text", "found", "reason"),
    [
        ("Factuur 25-0771 wordt vrijdag betaald.", ["25-0771"], LinkReason.NUMBER),
        ("Factuur 250771 wordt vrijdag betaald.", ["25-0771"], LinkReason.NUMBER_VARIANT),
        ("De 0802 wordt vrijdag betaald.", ["25-0802"], LinkReason.NUMBER_VARIANT),
        ("De 931 wordt vrijdag betaald.", ["25-0931"], LinkReason.NUMBER_VARIANT),
        ("Bestelling 4500218837 wordt vrijdag betaald.", ["25-0802"], LinkReason.PURCHASE_ORDER),
        ("De € 1.240,00 wordt vrijdag betaald.", ["25-0771"], LinkReason.AMOUNT),
        ("De januarifactuur wordt vrijdag betaald.", ["25-0771"], LinkReason.PERIOD),
        ("Alles wat openstaat wordt vrijdag betaald.", ["25-0771", "25-0802", "25-0931"], LinkReason.ALL_OPEN),
    ],
)
def test_links(text: str, found: list[str], reason: LinkReason) -> None:
    [act] = extract(text, (Intent.PROMISE_TO_PAY, "wordt vrijdag betaald")).acts
    assert numbers(act) == found
    assert {link.reason for link in act.invoices} == {reason}
    assert act.date == date(2025, 3, 14)


def test_number_from_subject_then_from_quoted_text() -> None:
    said = (Intent.PROMISE_TO_PAY, "wordt vrijdag betaald")
    [act] = extract("wordt vrijdag betaald", said, subject="Re: herinnering 25-0802").acts
    assert [(link.number, link.reason) for link in act.invoices] == [("25-0802", LinkReason.SUBJECT)]
    [act] = extract("wordt vrijdag betaald\n\n> Factuur 25-0931 is vervallen.", said, subject="Re: herinnering").acts
    assert [(link.number, link.reason) for link in act.invoices] == [("25-0931", LinkReason.QUOTED)]


def test_two_things_in_one_sentence() -> None:
    text = "25-0771 is gisteren betaald, maar 25-0802 maken we volgende week vrijdag over."
    paid, promised = extract(
        text,
        (Intent.PAYMENT_NOTIFICATION, "is gisteren betaald"),
        (Intent.PROMISE_TO_PAY, "maken we volgende week vrijdag over"),
    ).acts
    assert (numbers(paid), paid.date) == (["25-0771"], date(2025, 3, 11))
    assert (numbers(promised), promised.date) == (["25-0802"], date(2025, 3, 21))


def test_the_others() -> None:
    text = "25-0771 klopt niet. De andere twee worden vrijdag betaald."
    _, promised = extract(text, (Intent.DISPUTE, "klopt niet"), (Intent.PROMISE_TO_PAY, "worden vrijdag betaald")).acts
    assert numbers(promised) == ["25-0802", "25-0931"]


def test_dispute_with_reason_and_amount() -> None:
    text = "Op 25-0771 ontbreekt de afgesproken korting van € 124,00, de prijs klopt niet."
    [act] = extract(text, (Intent.DISPUTE, "ontbreekt de afgesproken korting")).acts
    assert (numbers(act), act.reason, act.amount) == (["25-0771"], DisputeReason.PRICE, Money(12_400))


def test_remittance_gives_an_act_a_row() -> None:
    advice = Attachment(
        "a.pdf", "application/pdf", 9, 1, "Betaaldatum 11-03-2025\n25-0771  1.240,00\n25-0802  310,00  10,00  300,00\n"
    )
    acts = extract(
        "Bijgaand onze betaalspecificatie.", (Intent.PAYMENT_NOTIFICATION, "betaalspecificatie"), attachments=(advice,)
    ).acts
    assert [(numbers(act), str(act.amount), str(act.date), act.evidence.source) for act in acts] == [
        (["25-0771"], "1240.00", "2025-03-11", Source.ATTACHMENT),
        (["25-0802"], "300.00", "2025-03-11", Source.ATTACHMENT),
    ]


def test_entities_once_and_as_written() -> None:
    text = (
        "Facturen 250771 en 25-0802 (PO 4500218837), creditnota CN-118. IBAN NL91 ABNA 0417 1643 00. Nogmaals 25-0802."
    )
    entities = [(entity.kind, entity.evidence.text) for entity in extract(text).entities]
    assert sorted(entities) == sorted(
        [
            (EntityKind.INVOICE_NUMBER, "250771"),
            (EntityKind.INVOICE_NUMBER, "25-0802"),
            (EntityKind.PO_NUMBER, "4500218837"),
            (EntityKind.CREDIT_NOTE, "CN-118"),
            (EntityKind.IBAN, "NL91 ABNA 0417 1643 00"),
        ]
    )


@settings(deadline=None)
@given(st.text(max_size=200), st.sampled_from(list(Intent)), st.text(max_size=40))
def test_evidence_slices_in_any_text(text: str, intent: Intent, subject: str) -> None:
    mail = Mail(RECEIVED, RECEIVED.date(), Address("a@b.nl"), subject, text)
    evidence = (Evidence(text[2:9], 2, 2 + len(text[2:9])),) if len(text) > 2 else ()
    classification = Classification((IntentScore(intent, 0.5, evidence),), Tone.NEUTRAL, True, 0.5, "test")
    extraction = ACTS.extract(mail, READING.read(mail), classification, LEDGER)
    for item in [act.evidence for act in extraction.acts] + [entity.evidence for entity in extraction.entities]:
        assert source_of(mail, item)[item.start : item.end] == item.text


def test_prepare_tells_progress() -> None:
    told: list[tuple[int, int, str]] = []
    prepare(lambda done, total, label: told.append((done, total, label)))
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1] == len(told) - 1
