"""Verdicts: what the ledger says of each field of an act. Values only; the rules are in `verdict_rules` and `verdict_amount`."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from inbox_agent.domain.ledger import Customer
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Intent


class VerdictField(StrEnum):
    """What a verdict is about: a field of an act, or a number that the mail writes and that led to no ledger row."""

    INVOICE = "invoice"
    AMOUNT = "amount"
    DATE = "date"
    NUMBER = "number"


class Severity(StrEnum):
    """How much a verdict matters to who decides on the act."""

    OK = "ok"
    INFO = "info"
    PROBLEM = "problem"


class VerdictKind(StrEnum):
    """What holds. Which figures of `Verdict` each one fills is told there."""

    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    CREDIT_NOTE = "credit_note"
    CREDIT_NOTE_USED = "credit_note_used"
    UNKNOWN = "unknown"
    OTHER_CUSTOMER = "other_customer"
    AMOUNT_MATCHES_OPEN = "amount_matches_open"
    AMOUNT_MATCHES_TOTAL = "amount_matches_total"
    AMOUNT_MATCHES_PAID = "amount_matches_paid"
    AMOUNT_IS_SUM_OF = "amount_is_sum_of"
    AMOUNT_IS_REST = "amount_is_rest"
    AMOUNT_IS_PART = "amount_is_part"
    AMOUNT_DIFFERS = "amount_differs"
    AMOUNT_ABOVE_OPEN = "amount_above_open"
    AMOUNT_UNMATCHED = "amount_unmatched"
    CURRENCY_DIFFERS = "currency_differs"
    DATE_BEFORE_INVOICE = "date_before_invoice"
    DATE_IN_PAST = "date_in_past"
    DATE_IN_FUTURE = "date_in_future"
    DATE_WEEKEND = "date_weekend"
    PROMISE_BEYOND_POLICY = "promise_beyond_policy"
    NOT_CHECKED = "not_checked"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Policy:
    """What an own company accepts. `promise_days`: a promised date lies at most so many days after the mail.

    `tolerance`: a difference up to this, in the amount's own currency, is none.
    """

    promise_days: int = 30
    tolerance: Decimal = Decimal("1.00")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds for one field, with the figures that say how.

    `number`: the ledger number, or the number as written. `expected`: the amount of the ledger that was compared with, or
    (invoices) what is open. `by`: the act's amount less `expected`, or what is overpaid. `numbers`: the items that add up.
    `days`, `limit`: how far ahead, and what the policy allows; before an invoice: how far before. `on`: the day of payment
    or of issue. `customer`: who owns the item instead; for the controller only, never for a reply.
    """

    field: VerdictField
    kind: VerdictKind
    severity: Severity
    number: str = ""
    expected: Money | None = None
    by: Money | None = None
    numbers: tuple[str, ...] = ()
    days: int | None = None
    limit: int | None = None
    on: datetime.date | None = None
    customer: Customer | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """All of one mail. `acts`: those of each act, in the order of the acts; `numbers`: of numbers that led to no row."""

    acts: tuple[tuple[Verdict, ...], ...] = ()
    numbers: tuple[Verdict, ...] = ()


def severity(kind: VerdictKind, intent: Intent | None = None) -> Severity:
    """How much `kind` matters in an act of `intent`: a paid invoice is what a payment notification says, not its trouble."""
    return _FOR_INTENT.get((kind, intent), _USUALLY.get(kind, Severity.PROBLEM))


_USUALLY = {
    VerdictKind.OPEN: Severity.OK,
    VerdictKind.PARTLY_PAID: Severity.INFO,
    VerdictKind.CREDIT_NOTE: Severity.INFO,
    VerdictKind.PAID: Severity.INFO,
    VerdictKind.OVERPAID: Severity.INFO,
    VerdictKind.AMOUNT_MATCHES_OPEN: Severity.OK,
    VerdictKind.AMOUNT_MATCHES_TOTAL: Severity.INFO,
    VerdictKind.AMOUNT_MATCHES_PAID: Severity.INFO,
    VerdictKind.AMOUNT_IS_SUM_OF: Severity.OK,
    VerdictKind.AMOUNT_IS_REST: Severity.OK,
    VerdictKind.AMOUNT_IS_PART: Severity.INFO,
    VerdictKind.AMOUNT_UNMATCHED: Severity.INFO,
    VerdictKind.DATE_WEEKEND: Severity.INFO,
    VerdictKind.NOT_CHECKED: Severity.INFO,
    VerdictKind.FINE: Severity.OK,
}
"""What is not named here is a problem."""

_FOR_INTENT: dict[tuple[VerdictKind, Intent | None], Severity] = {
    **{
        (kind, intent): Severity.PROBLEM
        for kind in (VerdictKind.PAID, VerdictKind.OVERPAID)
        for intent in (Intent.DISPUTE, Intent.PROMISE_TO_PAY, Intent.PAYMENT_PLAN_REQUEST)
    },
    (VerdictKind.PAID, Intent.PAYMENT_NOTIFICATION): Severity.OK,
    (VerdictKind.AMOUNT_MATCHES_TOTAL, Intent.PAYMENT_NOTIFICATION): Severity.OK,
    (VerdictKind.AMOUNT_MATCHES_TOTAL, Intent.INVOICE_COPY_REQUEST): Severity.OK,
    (VerdictKind.AMOUNT_MATCHES_TOTAL, Intent.DISPUTE): Severity.OK,
    (VerdictKind.AMOUNT_MATCHES_PAID, Intent.PAYMENT_NOTIFICATION): Severity.OK,
    (VerdictKind.PROMISE_BEYOND_POLICY, Intent.PAYMENT_PLAN_REQUEST): Severity.INFO,
}
