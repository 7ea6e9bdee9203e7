"""Guide records in, gold form out."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from inbox_agent.domain.act import Act, Entity, Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.guide import read_record, reading
from inbox_agent.domain.ledger import Customer, InvoiceKind, Ledger
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, EntityKind, Intent, Language, Tone
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.domain.triage import Classification, Extraction, IntentScore, Triage
from inbox_agent.domain.verdict import Severity, Verdict, VerdictField, VerdictKind, Verdicts


def record(**changes: Any) -> dict[str, Any]:
    return {
        "id": "nl-001",
        "language": "nl",
        "received": "2025-03-12T00:30+01:00",
        "from": "Jan de Boer, De Boer Bouw <jan@deboerbouw.nl>",
        "to": "debiteuren@kabelgoed.nl",
        "subject": "Re: herinnering",
        "body": "Is betaald.",
        "attachments": [{"name": "a.pdf", "text": "25-0771 1.240,00"}],
        "ledger": {
            "customer": {"name": "De Boer Bouw B.V.", "number": "10233"},
            "invoices": [
                {
                    "number": "25-0771",
                    "date": "2025-02-01",
                    "due": "2025-03-03",
                    "amount": "1240.00",
                    "open": "0.00",
                    "currency": "EUR",
                    "po": "PO-88",
                },
                {
                    "number": "CN-9",
                    "date": "2025-02-01",
                    "due": "2025-03-03",
                    "amount": "-50.00",
                    "open": "-50.00",
                    "currency": "EUR",
                },
            ],
        },
        "gold": {"intents": ["dispute"]},
    } | changes


def test_record() -> None:
    id, mail, ledger = read_record(record())
    assert id == "nl-001"
    assert (mail.received_at, mail.received_on) == (datetime(2025, 3, 11, 23, 30, tzinfo=UTC), date(2025, 3, 12))
    assert (mail.sender.name, mail.sender.email) == ("Jan de Boer, De Boer Bouw", "jan@deboerbouw.nl")
    assert [address.email for address in mail.to] == ["debiteuren@kabelgoed.nl"]
    assert [(item.name, item.text) for item in mail.attachments] == [("a.pdf", "25-0771 1.240,00")]
    assert ledger.customer
    assert ledger.customer.number == "10233"
    assert [(row.number, row.open, row.kind, row.po_number) for row in ledger.invoices] == [
        ("25-0771", Money(0), InvoiceKind.INVOICE, "PO-88"),
        ("CN-9", Money(-5_000), InvoiceKind.CREDIT_NOTE, ""),
    ]


def test_bare_address_and_no_ledger() -> None:
    fields = record(**{"from": "jan@deboerbouw.nl"})
    del fields["ledger"], fields["attachments"], fields["gold"]
    _, mail, ledger = read_record(fields)
    assert mail.sender.email == "jan@deboerbouw.nl"
    assert ledger == Ledger()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"id": None}, "Field 'id' must be a string."),
        ({"body": 3}, "Field 'body' must be a string."),
        ({"received": "gisteren"}, "Field 'received' is no ISO 8601 time: 'gisteren'."),
        ({"received": "2025-03-12T09:00"}, "Field 'received' has no offset: '2025-03-12T09:00'."),
        ({"from": ""}, "Field 'from' names no address."),
        ({"attachments": {}}, "Field 'attachments' must be a list."),
        ({"attachments": [{"text": ""}]}, "Field 'attachments[0].name' must be a string."),
        ({"ledger": []}, "Field 'ledger' must be an object."),
        ({"ledger": {"customer": "x"}}, "Field 'ledger.customer' must be an object."),
        (
            {"ledger": {"invoices": [{"number": "1", "amount": "x", "currency": "EUR"}]}},
            "Field 'ledger.invoices[0].amount' is no decimal",
        ),
    ],
)
def test_malformed_record_names_the_field(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        read_record(record(**changes))


def test_record_must_be_an_object() -> None:
    with pytest.raises(ValueError, match="'the record' must be an object"):
        read_record([])


def test_reading_has_the_form_of_gold() -> None:
    body = "Op 25-0771 ontbreekt korting.\nGroet"
    evidence = Evidence("ontbreekt korting", 11, 28)
    triage = Triage(
        MailText(body, (TextPart(PartKind.NEW, 0, 30), TextPart(PartKind.SIGNATURE, 30, 35)), Language.NL),
        Ledger(),
        Classification((IntentScore(Intent.DISPUTE, 0.9, (evidence,)),), Tone.NEUTRAL, True, 0.8, "test"),
        Extraction(
            (
                Act(
                    Intent.DISPUTE,
                    evidence,
                    (InvoiceLink("25-0771", LinkReason.NUMBER),),
                    DisputeReason.PRICE,
                    Money(12_000),
                ),
                Act(Intent.PROMISE_TO_PAY, evidence, date=date(2025, 3, 14)),
            ),
            (Entity(EntityKind.INVOICE_NUMBER, Evidence("25-0771", 3, 10)),),
        ),
        None,
    )
    assert reading("nl-001", triage) == {
        "id": "nl-001",
        "intents": ["dispute"],
        "acts": [
            {
                "intent": "dispute",
                "reason": "price",
                "invoices": ["25-0771"],
                "amount": "120.00",
                "currency": "EUR",
                "evidence": "ontbreekt korting",
            },
            {"intent": "promise_to_pay", "invoices": [], "date": "2025-03-14", "evidence": "ontbreekt korting"},
        ],
        "entities": {"invoice_numbers": ["25-0771"], "po_numbers": [], "credit_notes": [], "ibans": []},
        "reply_text": "Op 25-0771 ontbreekt korting.",
        "tone": "neutral",
        "requires_reply": True,
        "language": "nl",
        "confidence": 0.8,
    }


def test_verdicts_stand_beside_the_guides_keys() -> None:
    """20 euro too little on 25-0771; the number 999 is another customer's, whose name stays out."""
    act = Act(
        Intent.PROMISE_TO_PAY,
        Evidence("x", 0, 1),
        (InvoiceLink("25-0771", LinkReason.NUMBER, "25-0771"),),
        amount=Money(122_000),
    )
    triage = Triage(
        MailText("x", (TextPart(PartKind.NEW, 0, 1),), Language.NL),
        Ledger(),
        Classification((IntentScore(Intent.PROMISE_TO_PAY, 0.8),), Tone.NEUTRAL, True, 0.8, "phrases"),
        Extraction((act,), ()),
        None,
    )
    amount = Verdict(
        VerdictField.AMOUNT, VerdictKind.AMOUNT_DIFFERS, Severity.PROBLEM, expected=Money(124_000), by=Money(-2_000)
    )
    number = Verdict(
        VerdictField.NUMBER, VerdictKind.OTHER_CUSTOMER, Severity.PROBLEM, "999", customer=Customer("7", "Geheim BV")
    )
    row = reading("nl-001", triage, Verdicts(((amount,),), (number,)))
    plain = reading("nl-001", triage)
    assert row["acts"][0].pop("verdicts") == [
        {"field": "amount", "kind": "amount_differs", "severity": "problem", "expected": "1240.00", "by": "-20.00",
         "currency": "EUR"}
    ]  # fmt: skip
    assert row.pop("number_verdicts") == [
        {"field": "number", "kind": "other_customer", "severity": "problem", "number": "999"}
    ]
    assert row == plain


def test_half_a_surrogate_pair_is_replaced() -> None:
    """JSON may hold one; no encoder can write it."""
    record = {"id": "x", "received": "2025-03-12T09:14+01:00", "from": "a@b.example", "body": "kapot \ud83d, heel 😀"}
    _, mail, _ = read_record(record)
    assert mail.text == "kapot \ufffd, heel 😀"
