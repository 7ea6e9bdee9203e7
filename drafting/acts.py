"""What the mail says about money and papers, beside the ledger's rows: one act as a letter takes it up."""

import datetime
from dataclasses import dataclass, replace
from functools import reduce

from drafting.cleaning import one_line
from inbox_agent.domain.act import Act
from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, Intent

ABOUT_MONEY = {
    Intent.DISPUTE,
    Intent.PAYMENT_NOTIFICATION,
    Intent.PROMISE_TO_PAY,
    Intent.PAYMENT_PLAN_REQUEST,
}
"""Intents that say what happens with the open amount of an invoice."""

_OFTEN_PARTIAL = {
    DisputeReason.PRICE,
    DisputeReason.NOT_DELIVERED,
    DisputeReason.QUALITY,
    DisputeReason.CREDIT_EXPECTED,
}
"""Reasons that usually concern a part of an invoice, so that the rest stays due (DOMAIN §4, "Dispute")."""


@dataclass(frozen=True, slots=True)
class ActFacts:
    """One act, with its ledger rows instead of their numbers. `overdue`: one of them is past its due date.

    `shared`: the mail says something else about money on one of these rows too, so that what is left open is not asked for.
    `repeated`: the letter has already told the state of all these rows.
    """

    intent: Intent
    reason: DisputeReason = DisputeReason.OTHER
    invoices: tuple[Invoice, ...] = ()
    amount: Money | None = None
    date: datetime.date | None = None
    overdue: bool = False
    shared: bool = False
    repeated: bool = False

    @property
    def unpaid(self) -> tuple[Invoice, ...]:
        """Those that still ask for money."""
        return tuple(invoice for invoice in self.invoices if invoice.open.minor > 0)

    @property
    def settled(self) -> tuple[Invoice, ...]:
        """Those with nothing left open."""
        return tuple(invoice for invoice in self.invoices if not invoice.is_open)

    @property
    def total(self) -> Money | None:
        """What is open on all of them together, credit notes set off; None when nothing is or currencies differ."""
        return open_total(self.invoices)

    @property
    def remainder(self) -> Money | None:
        """What stays open beside the act's own amount, to be asked for; None when there is no such part."""
        total = self.total
        if self.shared or total is None or self.amount is None or self.amount.currency != total.currency:
            return None
        return Money(total.minor - self.amount.minor, total.currency) if 0 < self.amount.minor < total.minor else None

    @property
    def may_be_partial(self) -> bool:
        """Whether a dispute without a figure may leave a part undisputed."""
        return not self.shared and self.amount is None and bool(self.unpaid) and self.reason in _OFTEN_PARTIAL


def act_facts(act: Act, ledger: Ledger, on: datetime.date) -> ActFacts:
    """`act` with its ledger rows; numbers that the ledger does not have fall away. `on`: the day that tells overdue."""
    rows = [ledger.invoice(one_line(link.number)) for link in act.invoices]
    invoices = tuple(dict.fromkeys(row for row in rows if row is not None))
    return ActFacts(
        intent=act.intent,
        reason=act.reason or DisputeReason.OTHER,
        invoices=invoices,
        amount=act.amount,
        date=act.date,
        overdue=any(invoice.is_overdue(on) for invoice in invoices),
    )


def merged(acts: tuple[ActFacts, ...]) -> tuple[ActFacts, ...]:
    """Acts that a letter takes up in one sentence made one: same intent, reason and date, all with or all without amount.

    Their amounts are added; different currencies stay apart. Order is that of first appearance.
    """
    groups: dict[tuple[Intent, DisputeReason, datetime.date | None, str], list[ActFacts]] = {}
    for act in acts:
        currency = act.amount.currency if act.amount else ""
        groups.setdefault((act.intent, act.reason, act.date, currency), []).append(act)
    return tuple(reduce(_joined, group) for group in groups.values())


def in_order(acts: tuple[ActFacts, ...], intents: tuple[Intent, ...]) -> tuple[ActFacts, ...]:
    """The acts of `intents` in the letter's order, each knowing what the others say about its rows."""
    ordered = [act for intent in intents for act in acts if act.intent is intent]
    placed: list[ActFacts] = []
    told: set[Invoice] = set()
    for act in ordered:
        rows = set(act.invoices)
        others = (other for other in ordered if other.intent in ABOUT_MONEY and other is not act)
        shared = act.intent in ABOUT_MONEY and any(rows & set(other.invoices) for other in others)
        placed.append(replace(act, shared=shared, repeated=bool(rows) and rows <= told))
        told |= rows
    return tuple(placed)


def open_total(invoices: tuple[Invoice, ...]) -> Money | None:
    """The sum of the open amounts; None unless it is positive and of one currency."""
    currencies = {invoice.open.currency for invoice in invoices}
    total = sum(invoice.open.minor for invoice in invoices)
    return Money(total, currencies.pop()) if len(currencies) == 1 and total > 0 else None


def _joined(first: ActFacts, second: ActFacts) -> ActFacts:
    amount = first.amount
    if amount is not None and second.amount is not None:
        amount = Money(amount.minor + second.amount.minor, amount.currency)
    invoices = tuple(dict.fromkeys(first.invoices + second.invoices))
    return replace(first, invoices=invoices, amount=amount, overdue=first.overdue or second.overdue)
