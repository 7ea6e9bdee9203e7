"""Records of the annotation guide: reading one as mail and ledger, reading its `gold`, and writing a triage in that form.

Source of every key: the guide, "The record". `read_record` never looks at the gold.
"""

import datetime
from dataclasses import dataclass
from decimal import InvalidOperation
from email.utils import getaddresses
from typing import Any

from inbox_agent.domain.ledger import Customer, Invoice, InvoiceKind, Ledger
from inbox_agent.domain.mail import Address, Attachment, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, EntityKind, Intent, Language, Tone
from inbox_agent.domain.triage import Triage
from inbox_agent.domain.verdict import Verdict, Verdicts


@dataclass(frozen=True, slots=True)
class GoldAct:
    """One act as labelled; `invoices` are ledger numbers, `evidence` is verbatim from body, subject or attachment."""

    intent: Intent
    evidence: str
    invoices: tuple[str, ...] = ()
    reason: DisputeReason | None = None
    amount: Money | None = None
    date: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Gold:
    """The labels of one record, as a person set them."""

    intents: tuple[Intent, ...]
    acts: tuple[GoldAct, ...]
    entities: dict[EntityKind, tuple[str, ...]]
    reply_text: str
    tone: Tone
    requires_reply: bool
    language: Language


def read_record(record: object) -> tuple[str, Mail, Ledger]:
    """The id, mail and ledger of one record. Raises `ValueError`, naming the field, when the record is malformed."""
    fields = _mapping(record, "the record")
    received = _instant(_text(fields, "received"))
    sender = _addresses(_text(fields, "from"))
    if not sender:
        raise ValueError("Field 'from' names no address.")
    mail = Mail(
        received_at=received.astimezone(datetime.UTC),
        received_on=received.date(),
        sender=sender[0],
        subject=_text(fields, "subject", required=False),
        text=_text(fields, "body"),
        to=_addresses(_text(fields, "to", required=False)),
        attachments=_attachments(fields.get("attachments", [])),
    )
    return _text(fields, "id"), mail, _ledger(fields.get("ledger", {}))


def read_gold(record: object) -> Gold:
    """The labels of one record. Raises `ValueError`, naming the field, when one is missing or not in the guide."""
    fields = _mapping(record, "the record")
    gold = _mapping(fields.get("gold"), "gold")
    requires_reply = gold.get("requires_reply")
    if not isinstance(requires_reply, bool):
        raise ValueError("Field 'gold.requires_reply' must be true or false.")
    entities = _mapping(gold.get("entities", {}), "gold.entities")
    try:
        return Gold(
            intents=tuple(Intent(str(label)) for label in _rows(gold.get("intents"), "gold.intents")),
            acts=tuple(
                _gold_act(_mapping(row, f"gold.acts[{index}]"), f"gold.acts[{index}].")
                for index, row in enumerate(_rows(gold.get("acts", []), "gold.acts"))
            ),
            entities={
                kind: tuple(
                    str(number) for number in _rows(entities.get(kind.value, []), f"gold.entities.{kind.value}")
                )
                for kind in EntityKind
            },
            reply_text=_text(gold, "reply_text", of="gold."),
            tone=Tone(_text(gold, "tone", of="gold.")),
            requires_reply=requires_reply,
            language=Language(_text(fields, "language")),
        )
    except ValueError as error:
        if str(error).startswith("Field"):
            raise
        raise ValueError(f"A label of this record is not in the guide: {error}.") from error


def reading(id: str, triage: Triage, verdicts: Verdicts | None = None) -> dict[str, Any]:
    """What the machine read, with the keys of the guide's `gold`, and `id`, `language` and `confidence` beside them.

    With `verdicts` (of these acts, in their order) each act bears its own, and the record those of numbers that led nowhere.
    """
    entities: dict[str, list[str]] = {kind.value: [] for kind in EntityKind}
    for entity in triage.extraction.entities:
        entities[entity.kind.value].append(entity.evidence.text)
    acts = []
    for index, act in enumerate(triage.extraction.acts):
        row: dict[str, Any] = {"intent": act.intent.value}
        if act.reason:
            row["reason"] = act.reason.value
        row["invoices"] = [link.number for link in act.invoices]
        if act.amount:
            row["amount"], row["currency"] = str(act.amount), act.amount.currency
        if act.date:
            row["date"] = act.date.isoformat()
        row["evidence"] = act.evidence.text
        if verdicts:
            row["verdicts"] = [_verdict(verdict) for verdict in verdicts.acts[index]]
        acts.append(row)
    classification = triage.classification
    return {
        "id": id,
        "intents": [intent.value for intent in classification.labels],
        "acts": acts,
        "entities": entities,
        "reply_text": triage.text.reply_text,
        "tone": classification.tone.value,
        "requires_reply": classification.requires_reply,
        "language": triage.text.language.value,
        "confidence": classification.confidence,
        **({"number_verdicts": [_verdict(verdict) for verdict in verdicts.numbers]} if verdicts else {}),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict with the figures that it has. Whose item it is instead stays out: a reading goes where no controller looks."""
    money = verdict.expected or verdict.by
    figures = {
        "number": verdict.number,
        "expected": verdict.expected and str(verdict.expected),
        "by": verdict.by and str(verdict.by),
        "currency": money and money.currency,
        "numbers": list(verdict.numbers),
        "days": verdict.days,
        "limit": verdict.limit,
        "on": verdict.on and verdict.on.isoformat(),
    }
    named = {"field": verdict.field.value, "kind": verdict.kind.value, "severity": verdict.severity.value}
    return named | {key: figure for key, figure in figures.items() if figure not in (None, "", [])}


def _gold_act(fields: dict[str, Any], of: str) -> GoldAct:
    return GoldAct(
        intent=Intent(_text(fields, "intent", of=of)),
        evidence=_text(fields, "evidence", required=False, of=of),
        invoices=tuple(str(number) for number in _rows(fields.get("invoices", []), f"{of}invoices")),
        reason=DisputeReason(_text(fields, "reason", of=of)) if fields.get("reason") else None,
        amount=_money(fields | {"currency": fields.get("currency", "EUR")}, "amount", of)
        if fields.get("amount")
        else None,
        date=_day(fields, "date", of) if fields.get("date") else None,
    )


def _mapping(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"Field '{name}' must be an object.")
    return value


def _rows(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"Field '{name}' must be a list.")
    return value


def _text(fields: dict[str, Any], name: str, *, required: bool = True, of: str = "") -> str:
    value = fields.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"Field '{of}{name}' must be a string.")
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # JSON may hold half a surrogate pair


def _instant(text: str) -> datetime.datetime:
    try:
        instant = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"Field 'received' is no ISO 8601 time: {text!r}.") from error
    if instant.tzinfo is None:
        raise ValueError(f"Field 'received' has no offset: {text!r}.")
    return instant


def _addresses(header: str) -> tuple[Address, ...]:
    """Addresses of a header as the guide shows it, `Name <address>` or bare; also names that RFC 5322 would quote."""
    name, bracket, rest = header.rpartition("<")
    if bracket and header.count("<") == 1:
        return (Address(rest.rstrip("> ").strip(), name.strip().strip('"')),)
    return tuple(Address(email, name) for name, email in getaddresses([header]) if email)


def _attachments(value: object) -> tuple[Attachment, ...]:
    attachments = []
    for position, row in enumerate(_rows(value, "attachments")):
        fields = _mapping(row, f"attachments[{position}]")
        of = f"attachments[{position}]."
        text = _text(fields, "text", required=False, of=of)
        attachments.append(
            Attachment(_text(fields, "name", of=of), "application/octet-stream", len(text.encode()), position, text)
        )
    return tuple(attachments)


def _ledger(value: object) -> Ledger:
    fields = _mapping(value, "ledger")
    customer = None
    if fields.get("customer") is not None:
        row = _mapping(fields["customer"], "ledger.customer")
        of = "ledger.customer."
        customer = Customer(_text(row, "number", of=of), _text(row, "name", of=of))
    invoices = tuple(
        _invoice(_mapping(row, f"ledger.invoices[{index}]"), f"ledger.invoices[{index}].")
        for index, row in enumerate(_rows(fields.get("invoices", []), "ledger.invoices"))
    )
    return Ledger(customer, invoices)


def _invoice(fields: dict[str, Any], of: str) -> Invoice:
    amount, open_amount = _money(fields, "amount", of), _money(fields, "open", of)
    return Invoice(
        number=_text(fields, "number", of=of),
        issued_on=_day(fields, "date", of),
        due_on=_day(fields, "due", of),
        amount=amount,
        open=open_amount,
        kind=InvoiceKind.CREDIT_NOTE if amount.minor < 0 else InvoiceKind.INVOICE,
        po_number=_text(fields, "po", required=False, of=of),
    )


def _day(fields: dict[str, Any], name: str, of: str) -> datetime.date:
    text = _text(fields, name, of=of)
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"Field '{of}{name}' is no date (YYYY-MM-DD): {text!r}.") from error


def _money(fields: dict[str, Any], name: str, of: str) -> Money:
    text = _text(fields, name, of=of)
    try:
        return Money.parse(text, _text(fields, "currency", of=of))
    except InvalidOperation as error:
        raise ValueError(f"Field '{of}{name}' is no decimal amount: {text!r}.") from error
