"""What a controller must look at before sending, beside unvouched figures. Sentences for a person, most urgent first."""

from collections.abc import Iterator

from drafting.acts import ABOUT_MONEY
from drafting.cleaning import one_line
from drafting.facts import Facts
from inbox_agent.domain.act import Act
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.domain.verdict import Verdict, VerdictKind


def cautions(facts: Facts) -> tuple[str, ...]:
    """Warnings that follow from the facts alone."""
    return tuple(dict.fromkeys([*_danger(facts), *_gaps(facts), *_doubts(facts), *_tasks(facts)]))


def _danger(facts: Facts) -> Iterator[str]:
    if facts.is_dangerous:
        yield "The mail bears danger signs: the reply names no bank account. Call a number you already had before you answer."
    for iban in facts.foreign_ibans:
        yield f"STOP: the mail names IBAN {iban}, which is not one of our own accounts. Never confirm it by mail."
    if Intent.BANK_DETAILS in facts.intents:
        yield "About a bank account: call a number you already had before you change or confirm anything."
        if not facts.ibans and not facts.is_dangerous:
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
    for number in (number for number in facts.unknown_numbers if number not in facts.foreign_numbers):
        yield f"Invoice {number} is in the mail but not in this customer's ledger."
    if facts.asks_invoice and not facts.unknown_numbers:
        yield "The invoice is not known: the reply asks for its number."
    if Intent.STATEMENT_REQUEST in facts.intents and facts.open_items and facts.total is None:
        yield "The open items have no single positive sum (currencies or credit notes): the reply states none."


def _doubts(facts: Facts) -> Iterator[str]:
    """What the ledger says against an act that the letter takes up, and numbers that the letter must not speak of."""
    for number in facts.foreign_numbers:
        yield f"Invoice {number} in the mail is another customer's: the reply must tell nothing about it."
    for act, verdicts in facts.checked:
        for verdict in verdicts:
            yield from _doubt(act, verdict)


def _doubt(act: Act, verdict: Verdict) -> Iterator[str]:
    what, number = act.intent.value.replace("_", " "), one_line(verdict.number)
    match verdict.kind:
        case VerdictKind.PAID if act.intent in ABOUT_MONEY:
            yield f"Invoice {number} has nothing open, yet the mail has a {what} on it."
        case VerdictKind.OVERPAID if act.intent in ABOUT_MONEY:
            yield f"Invoice {number} was overpaid by {_money(verdict.by)}, yet the mail has a {what} on it."
        case VerdictKind.CREDIT_NOTE_USED:
            yield f"Credit note {number} has nothing left, yet the mail has a {what} on it."
        case VerdictKind.AMOUNT_ABOVE_OPEN:
            yield f"The amount in the mail ({_money(act.amount)}) is more than what is open ({_money(verdict.expected)})."
        case VerdictKind.AMOUNT_DIFFERS:
            yield (
                f"The amount in the mail ({_money(act.amount)}) differs by {_money(verdict.by)} from the ledger's "
                f"({_money(verdict.expected)})."
            )
        case VerdictKind.CURRENCY_DIFFERS if act.amount:
            yield f"The mail speaks of {act.amount.currency}, the ledger of another currency."
        case VerdictKind.DATE_IN_PAST if act.intent in ABOUT_MONEY:
            yield f"The promised date {act.date} lies before the mail."
        case VerdictKind.DATE_IN_FUTURE:
            yield f"The payment date {act.date} lies after the mail."
        case VerdictKind.DATE_BEFORE_INVOICE:
            yield f"The date {act.date} lies before the day on which invoice {number} was issued."
        case VerdictKind.PROMISE_BEYOND_POLICY if act.intent is Intent.PROMISE_TO_PAY:
            yield f"The promised date {act.date} lies {verdict.days} days after the mail; the policy allows {verdict.limit}."


def _money(amount: Money | None) -> str:
    return f"{amount} {amount.currency}" if amount else ""


def _tasks(facts: Facts) -> Iterator[str]:
    if Intent.INVOICE_COPY_REQUEST in facts.intents:
        numbers = [row.number for act in facts.about(Intent.INVOICE_COPY_REQUEST) for row in act.invoices]
        if numbers:
            yield f"Copies to attach: {', '.join(numbers)}."
    if Intent.PAYMENT_PLAN_REQUEST in facts.intents:
        yield "The reply grants no payment plan: decide on the request."
    if Intent.OTHER_QUERY in facts.intents:
        yield "The mail asks something that no template answers: complete the reply."
