"""What a controller must look at before sending, beside unvouched figures. Sentences for a person, most urgent first."""

from collections.abc import Iterator

from drafting.acts import ActFacts
from drafting.facts import Facts
from inbox_agent.domain.taxonomy import Intent


def cautions(facts: Facts) -> tuple[str, ...]:
    """Warnings that follow from the facts alone."""
    return tuple(dict.fromkeys([*_danger(facts), *_gaps(facts), *_doubts(facts), *_tasks(facts)]))


def _danger(facts: Facts) -> Iterator[str]:
    for iban in facts.foreign_ibans:
        yield f"STOP: the mail names IBAN {iban}, which is not one of our own accounts. Never confirm it by mail."
    if Intent.BANK_DETAILS in facts.intents:
        yield "About a bank account: call a number you already had before you change or confirm anything."
        if not facts.ibans:
            yield "No bank account of our own company is known here, so the reply names none."
    if Intent.INSOLVENCY_LEGAL in facts.intents:
        yield "Insolvency or legal matter: have the team lead read this reply, and check the reminders of this customer."


def _gaps(facts: Facts) -> Iterator[str]:
    if not facts.customer:
        yield "The customer is not known: the reply asks for it and states no ledger figures."
    elif facts.customer_uncertain:
        yield "The mail may be from another customer: check before you send ledger figures."
    elif facts.stranger:
        yield "The sender is no known contact of this customer: check who writes before you send ledger figures."
    for number in facts.unknown_numbers:
        yield f"Invoice {number} is in the mail but not in this customer's ledger."
    if facts.asks_invoice and not facts.unknown_numbers:
        yield "The invoice is not known: the reply asks for its number."
    if Intent.STATEMENT_REQUEST in facts.intents and facts.open_items and facts.total is None:
        yield "The open items have no single positive sum (currencies or credit notes): the reply states none."


def _doubts(facts: Facts) -> Iterator[str]:
    for act in facts.acts:
        what = act.intent.value.replace("_", " ")
        for invoice in act.settled:
            yield f"Invoice {invoice.number} has nothing open, yet the mail has a {what} on it."
        if (
            act.amount
            and act.total
            and act.amount.currency == act.total.currency
            and act.amount.minor > act.total.minor
        ):
            yield f"The amount in the mail ({act.amount} {act.amount.currency}) is more than what is open ({act.total})."
        if act.amount and any(row.open.currency != act.amount.currency for row in act.invoices):
            yield f"The mail speaks of {act.amount.currency}, the ledger of another currency."
        yield from _timing(act, facts)


def _timing(act: ActFacts, facts: Facts) -> Iterator[str]:
    if act.date and act.intent is Intent.PROMISE_TO_PAY and act.date < facts.received_on:
        yield f"The promised date {act.date} lies before the mail."
    if act.date and act.intent is Intent.PAYMENT_NOTIFICATION and act.date > facts.received_on:
        yield f"The payment date {act.date} lies after the mail."


def _tasks(facts: Facts) -> Iterator[str]:
    if Intent.INVOICE_COPY_REQUEST in facts.intents:
        numbers = [row.number for act in facts.about(Intent.INVOICE_COPY_REQUEST) for row in act.invoices]
        if numbers:
            yield f"Copies to attach: {', '.join(numbers)}."
    if Intent.PAYMENT_PLAN_REQUEST in facts.intents:
        yield "The reply grants no payment plan: decide on the request."
    if Intent.OTHER_QUERY in facts.intents:
        yield "The mail asks something that no template answers: complete the reply."
