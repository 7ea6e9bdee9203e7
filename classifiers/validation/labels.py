"""The labels of one record against each other and against its ledger (guide, "Intents", "Dispute reasons", "Acts")."""

import re
from collections.abc import Iterator

from classifiers.corpus import Record
from classifiers.validation.finding import Finding, error, warning
from inbox_agent.domain.guide import GoldAct
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import INTENTS, Intent

LONG_EVIDENCE = 160
"""Characters from which evidence is hardly "the shortest that says it"."""

_SEPARATOR = "[.,'’ \u00a0\u202f]?"


def check(record: Record) -> Iterator[Finding]:
    """What is wrong with intents, acts and ledger of one record."""
    yield from _intents(record)
    for act in record.gold.acts:
        yield from _act(act, record)
    yield from _ledger(record)


def _intents(record: Record) -> Iterator[Finding]:
    intents, acts = record.gold.intents, {act.intent for act in record.gold.acts}
    if not intents:
        yield error("intents", record.id, "There is no intent; every mail has at least one.")
    for intent in intents:
        if INTENTS[intent].needs_act and intent not in acts:
            yield error("intents", record.id, f"{intent} has no act.")
        if INTENTS[intent].stands_alone and len(intents) > 1:
            yield error("intents", record.id, f"{intent} stands alone, but there are {', '.join(intents)}.")
    for intent in sorted(acts - set(intents)):
        yield error("intents", record.id, f"An act says {intent}, which is not among the intents.")


def _act(act: GoldAct, record: Record) -> Iterator[Finding]:
    if (act.reason is not None) != (act.intent is Intent.DISPUTE):
        yield error(
            "reason", record.id, f"Every dispute has a reason and nothing else has one; {act.intent} breaks that."
        )
    if act.intent is Intent.PROMISE_TO_PAY and act.date is None:
        yield warning("promise", record.id, f"A promise without a date: {act.evidence!r}.")
    yield from _evidence(act.evidence, record)
    for number in act.invoices:
        if record.ledger.invoice(number) is None:
            yield error("invoices", record.id, f"Invoice {number} of the act {act.intent} is not in the ledger.")
    if len(set(act.invoices)) != len(act.invoices):
        yield error("invoices", record.id, f"The act {act.intent} names an invoice twice.")
    if act.amount:
        row = next((invoice for invoice in record.ledger.invoices if invoice.number in act.invoices), None)
        if row and row.amount.currency != act.amount.currency:
            yield warning(
                "currency",
                record.id,
                f"{act.amount.currency} {act.amount} about {row.number} in {row.amount.currency}.",
            )
        if not _figure(act.amount).search(_everything(record)):
            yield warning("amount", record.id, f"The amount {act.amount} of {act.intent} stands nowhere in the mail.")


def _evidence(evidence: str, record: Record) -> Iterator[Finding]:
    mail, new_text = record.mail, record.gold.reply_text
    if not evidence.strip():
        yield error("evidence", record.id, "An act has no evidence.")
        return
    around = [mail.subject, *(text for attachment in mail.attachments for text in (attachment.name, attachment.text))]
    if not any(evidence in place for place in (new_text, *around)):
        fault = "stands outside the sender's own text" if evidence in mail.text else "does not stand in the mail"
        yield error("evidence", record.id, f"Evidence {fault}: {evidence!r}.")
    if len(evidence) > LONG_EVIDENCE:
        yield warning("evidence-long", record.id, f"Evidence of {len(evidence)} characters: {evidence[:60]!r} …")
    if evidence != evidence.strip():
        yield warning("evidence-long", record.id, f"Evidence with spaces around it: {evidence[:60]!r}.")


def _ledger(record: Record) -> Iterator[Finding]:
    seen: set[str] = set()
    for invoice in record.ledger.invoices:
        if invoice.number in seen:
            yield error("ledger", record.id, f"Number {invoice.number} stands in the ledger twice.")
        seen.add(invoice.number)
        if invoice.due_on < invoice.issued_on:
            yield error("ledger", record.id, f"{invoice.number} is due before its date.")
        if abs(invoice.open.minor) > abs(invoice.amount.minor):
            yield error("ledger", record.id, f"{invoice.number} has {invoice.open} open of {invoice.amount}.")
        elif invoice.open.minor * invoice.amount.minor < 0:
            yield warning(
                "ledger", record.id, f"{invoice.number} has {invoice.open} open of {invoice.amount}: overpaid?"
            )
        if invoice.issued_on > record.mail.received_on:
            yield warning(
                "ledger", record.id, f"{invoice.number} is dated after the mail that the ledger is shown with."
            )


def _everything(record: Record) -> str:
    mail = record.mail
    return "\n".join([mail.subject, mail.text, *(attachment.text for attachment in mail.attachments)])


def _figure(amount: Money) -> re.Pattern[str]:
    """An amount in any way of writing it: 1.250,00, 1 250.-, 1'250, 1,16,000.00."""
    whole, _, decimals = str(amount).partition(".")
    grouped = _SEPARATOR.join(whole)
    if not decimals.strip("0"):
        return re.compile(rf"(?<!\d){grouped}(?:[.,]0+|[.,]?[-–])?(?!\d|[.,]\d)")
    short = decimals.rstrip("0")
    return re.compile(rf"(?<!\d){grouped}(?:[.,]|€| ?euros? )(?:{decimals}|{short})(?!\d)")
