"""The verdicts of a mail: each invoice, amount and date of its acts, and each number that led nowhere, against the ledger."""

import datetime
from collections.abc import Iterator, Mapping, Sequence

from inbox_agent.domain.act import Act, InvoiceLink, LinkReason
from inbox_agent.domain.ledger import ForeignInvoice, Invoice, InvoiceKind, Ledger
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import EntityKind, Intent
from inbox_agent.domain.triage import Extraction
from inbox_agent.domain.verdict import Policy, Severity, Verdict, VerdictField, VerdictKind, Verdicts, severity
from inbox_agent.domain.verdict_amount import OpenItems, amount_verdict
from inbox_agent.domain.written_number import bare, spellings, unlinked

_AHEAD = {Intent.PROMISE_TO_PAY, Intent.PAYMENT_PLAN_REQUEST}
"""Intents whose date is a day on which money is to come (guide, "Acts")."""

_MONEY = {*_AHEAD, Intent.DISPUTE, Intent.PAYMENT_NOTIFICATION}
"""Intents that each say something about a part of what is open."""

_BY_NUMBER = {LinkReason.NUMBER, LinkReason.NUMBER_VARIANT, LinkReason.SUBJECT, LinkReason.QUOTED}
"""Reasons whose mention is a number as written."""

_DOCUMENTS = {EntityKind.INVOICE_NUMBER, EntityKind.CREDIT_NOTE}


def judge(extraction: Extraction, ledger: Ledger, received_on: datetime.date, policy: Policy = Policy()) -> Verdicts:  # noqa: B008
    """Every field of the acts against `ledger` as it stands; dates count from `received_on`, the mail's local day.

    An act has one verdict for each invoice (a second one where the number as written is another customer's), one for its
    amount, and for its date the weightiest, with a weekend told beside it.
    """
    rows, items = {row.number: row for row in ledger.invoices}, OpenItems(ledger)
    others = {bare(one.number): one for one in ledger.others}
    acts = extraction.acts
    return Verdicts(
        acts=tuple(tuple(_act(act, acts, rows, others, items, received_on, policy)) for act in acts),
        numbers=tuple(_numbers(extraction, rows, others, ledger.customer is not None)),
    )


def written_numbers(extraction: Extraction) -> tuple[str, ...]:
    """Invoice and credit-note numbers as the mail writes them, and those that its acts link to, each once."""
    written = (entity.evidence.text for entity in extraction.entities if entity.kind in _DOCUMENTS)
    return tuple(dict.fromkeys([*written, *(link.number for act in extraction.acts for link in act.invoices)]))


def _act(
    act: Act, acts: Sequence[Act], rows: Mapping[str, Invoice], others: Mapping[str, ForeignInvoice], items: OpenItems,
    received_on: datetime.date, policy: Policy,
) -> Iterator[Verdict]:  # fmt: skip
    for link in act.invoices:
        yield from _invoice(link, act.intent, rows.get(link.number), others)
    own = [rows[number] for number in dict.fromkeys(link.number for link in act.invoices) if number in rows]
    if act.amount:
        yield amount_verdict(act, act.amount, own, _said_beside(act, acts), items, policy)
    if act.date:
        yield from _date(act.intent, act.date, own, received_on, policy)


def _invoice(
    link: InvoiceLink, intent: Intent, row: Invoice | None, others: Mapping[str, ForeignInvoice]
) -> Iterator[Verdict]:
    foreign = _owner_of_mention(link, others) or (None if row else _foreign(link.number, others))
    if row is not None:
        kind, by = _state(row)
        yield Verdict(
            VerdictField.INVOICE, kind, severity(kind, intent), link.number, expected=row.open, by=by, on=row.paid_on
        )
    if foreign is not None:
        kind = VerdictKind.OTHER_CUSTOMER
        yield Verdict(
            VerdictField.INVOICE, kind, severity(kind), link.number, customer=foreign.customer,
            written=link.mention if row else "",
        )  # fmt: skip
    elif row is None:
        yield Verdict(VerdictField.INVOICE, VerdictKind.UNKNOWN, severity(VerdictKind.UNKNOWN), link.number)


def _owner_of_mention(link: InvoiceLink, others: Mapping[str, ForeignInvoice]) -> ForeignInvoice | None:
    """Whose item the number is as written, where a link to this customer's took it for a misspelt one."""
    if link.reason not in _BY_NUMBER or bare(link.number) in {bare(spelling) for spelling in spellings(link.mention)}:
        return None
    return _foreign(link.mention, others)


def _state(row: Invoice) -> tuple[VerdictKind, Money | None]:
    """How an item stands, and what was paid on it (partly paid) or too much (overpaid)."""
    if row.kind is InvoiceKind.CREDIT_NOTE:
        return (VerdictKind.CREDIT_NOTE if row.is_open else VerdictKind.CREDIT_NOTE_USED), None
    if not row.is_open:
        return VerdictKind.PAID, None
    if row.open.minor < 0:
        return VerdictKind.OVERPAID, Money(-row.open.minor, row.open.currency)
    if row.open.minor < row.amount.minor:
        return VerdictKind.PARTLY_PAID, Money(row.amount.minor - row.open.minor, row.open.currency)
    return VerdictKind.OPEN, None


def _said_beside(act: Act, acts: Sequence[Act]) -> list[Money]:
    """Amounts that other acts about money say on the same items."""
    about = {link.number for link in act.invoices}
    return [
        other.amount
        for other in acts
        if other is not act
        and other.amount
        and {act.intent, other.intent} <= _MONEY
        and about == {link.number for link in other.invoices}
    ]


def _date(
    intent: Intent, on: datetime.date, rows: Sequence[Invoice], received_on: datetime.date, policy: Policy
) -> Iterator[Verdict]:
    """A promise or plan is weighed as a day to come, a payment as a day that was, an absence as a day that has not passed.

    A day up to the latest due date of the items is never beyond policy: nobody has to promise sooner than that.
    """

    def made(kind: VerdictKind, **figures: object) -> Verdict:
        return Verdict(VerdictField.DATE, kind, severity(kind, intent), **figures)  # type: ignore[arg-type]

    ahead = (on - received_on).days
    latest = max(rows, key=lambda row: row.issued_on, default=None)
    due = max((row.due_on for row in rows), default=received_on)
    if intent in {*_AHEAD, Intent.PAYMENT_NOTIFICATION} and latest and on < latest.issued_on:
        yield made(VerdictKind.DATE_BEFORE_INVOICE, number=latest.number, on=latest.issued_on,
                   days=(latest.issued_on - on).days)  # fmt: skip
    elif intent in {*_AHEAD, Intent.OUT_OF_OFFICE} and ahead < 0:
        yield made(VerdictKind.DATE_IN_PAST, days=-ahead)
    elif intent is Intent.PAYMENT_NOTIFICATION and ahead > 0:
        yield made(VerdictKind.DATE_IN_FUTURE, days=ahead)
    elif intent in _AHEAD and ahead > policy.promise_days and on > due:
        yield made(VerdictKind.PROMISE_BEYOND_POLICY, days=ahead, limit=policy.promise_days)
    elif not (intent in _AHEAD and on.isoweekday() > 5):
        yield made(VerdictKind.FINE)
    if intent in _AHEAD and ahead >= 0 and on.isoweekday() > 5:
        yield made(VerdictKind.DATE_WEEKEND)


def _numbers(
    extraction: Extraction, rows: Mapping[str, Invoice], others: Mapping[str, ForeignInvoice], is_customer_known: bool
) -> Iterator[Verdict]:
    """Numbers as written that no act links: another customer's first, since their end may look like one of this customer's.

    While it is not known who writes, whose number it is helps to find out, and is no problem.
    """
    links = [link for act in extraction.acts for link in act.invoices]
    told = {bare(link.number) for link in links} | {bare(link.mention) for link in links}
    seen: dict[str, str] = {}
    for number in written_numbers(extraction):
        if bare(number) not in told:
            seen.setdefault(bare(number), number)
    mentions = (link.mention for link in links if link.number in rows)
    missing = set(unlinked(seen.values(), mentions, rows))
    for key, number in seen.items():
        foreign = _foreign(number, others)
        if foreign and not any(bare(own) == key for own in rows):
            kind = VerdictKind.OTHER_CUSTOMER
            weight = severity(kind) if is_customer_known else Severity.INFO
            yield Verdict(VerdictField.NUMBER, kind, weight, number, customer=foreign.customer)
        elif number in missing:
            yield Verdict(VerdictField.NUMBER, VerdictKind.UNKNOWN, severity(VerdictKind.UNKNOWN), number)


def _foreign(written: str, others: Mapping[str, ForeignInvoice]) -> ForeignInvoice | None:
    found = (others.get(bare(spelling)) for spelling in spellings(written))
    return next((one for one in found if one is not None), None)
