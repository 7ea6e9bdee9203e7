"""A proposed record as its controller corrects it before approving: other invoices, amount, date or reason.

The reading stays as it was; what was corrected is kept with the decision, and becomes a label.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session, col, delete, select

from inbox_agent.domain.errors import Conflict, NotAllowed
from inbox_agent.domain.ledger import InvoiceKind
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, RecordType
from inbox_agent.ledger.tables import InvoiceRow
from inbox_agent.records.dispute import Dispute
from inbox_agent.records.promise import Promise
from inbox_agent.records.proposal import Proposal, ProposalState
from inbox_agent.records.registry import RECORD_TYPES
from inbox_agent.records.task import Task
from inbox_agent.review.proposals import Key, Rows, invoice_numbers
from inbox_agent.review.views import Amendment

_MOST_INVOICES = 200
_LARGEST_MINOR = 10**14


def amend(
    session: Session, mail_id: int, customer_id: int | None, rows: Rows, amendments: Iterable[Amendment]
) -> list[dict[str, Any]]:
    """Writes into the proposed records what differs; returns {record_type, act_index, before, after} of each that does.

    `before` and `after` hold only the fields that differ, as JSON: invoices, amount, currency, date, reason. Three queries,
    however many records. Raises `Conflict` for a record that is gone or decided, `NotAllowed` for a number that is not in
    the customer's ledger, or an amount that is none.
    """
    wanted = tuple(amendments)
    if not wanted:
        return []
    numbers = invoice_numbers(session, mail_id)
    differing = []
    for one in wanted:
        row = rows.get(one.key)
        if row is None or row.state is not ProposalState.PROPOSED:
            raise Conflict(
                "A record that you corrected no longer waits for a decision. Reload the mail, then decide again."
            )
        before, after = _difference(_present(one.key, row, numbers), _wanted(one))
        if after:
            differing.append((one, row, before, after))
    ledger = _ledger(session, customer_id, {number for one, _, _, _ in differing for number in one.invoices})
    known = {number for shown in numbers.values() for number in shown}
    found = []
    for one, row, before, after in differing:
        _check(one, ledger.keys() | known)
        _write(session, one, row, after, ledger)
        found.append({"record_type": one.key[0].value, "act_index": row.act_index, "before": before, "after": after})
    return found


def _present(key: Key, row: Proposal, numbers: dict[Key, list[str]]) -> dict[str, Any]:
    on_date = row.promised_on if isinstance(row, Promise) else row.on_date if isinstance(row, Task) else None
    amount = None if row.amount_minor is None else Money(row.amount_minor, row.currency)
    return _fields(tuple(numbers.get(key, ())), amount, on_date, row.reason if isinstance(row, Dispute) else None)


def _wanted(one: Amendment) -> dict[str, Any]:
    is_dispute = one.key[0] is RecordType.DISPUTE
    return _fields(one.invoices, one.amount, None if is_dispute else one.on_date, one.reason if is_dispute else None)


def _fields(
    invoices: Sequence[str], amount: Money | None, on_date: date | None, reason: DisputeReason | None
) -> dict[str, Any]:
    return {
        "invoices": list(invoices),
        "amount": str(amount) if amount else None,
        "currency": amount.currency if amount else None,
        "date": on_date.isoformat() if on_date else None,
        "reason": reason.value if reason else None,
    }


def _difference(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs; the order of invoices says nothing, and a missing reason means that none was chosen."""
    names = [
        name
        for name, value in after.items()
        if (sorted(value) != sorted(before[name]) if name == "invoices" else value != before[name])
        and not (name == "reason" and value is None)
    ]
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def _ledger(session: Session, customer_id: int | None, numbers: set[str]) -> dict[str, tuple[int, InvoiceKind]]:
    if customer_id is None or not numbers:
        return {}
    wanted = select(InvoiceRow.number, InvoiceRow.id, InvoiceRow.kind).where(
        InvoiceRow.customer_id == customer_id, col(InvoiceRow.number).in_(numbers)
    )
    return {number: (invoice_id or 0, InvoiceKind(kind)) for number, invoice_id, kind in session.exec(wanted)}


def _check(one: Amendment, known: set[str]) -> None:
    if len(one.invoices) > _MOST_INVOICES:
        raise NotAllowed(f"A record names at most {_MOST_INVOICES} invoices. Take some away.")
    foreign = next((number for number in one.invoices if number not in known), None)
    if foreign is not None:
        raise NotAllowed(f"The customer's ledger has no invoice {foreign[:60]}. Correct the number, or leave it out.")
    if one.amount is not None and not 0 < one.amount.minor <= _LARGEST_MINOR:
        raise NotAllowed("An amount of a record is more than zero. Correct it, or leave it empty.")


def _write(
    session: Session, one: Amendment, row: Proposal, after: dict[str, Any], ledger: dict[str, tuple[int, InvoiceKind]]
) -> None:
    row.amount_minor = one.amount.minor if one.amount else None
    row.currency = one.amount.currency if one.amount else row.currency
    if isinstance(row, Promise):
        row.promised_on = one.on_date
    elif isinstance(row, Task):
        row.on_date = one.on_date
    elif isinstance(row, Dispute) and one.reason is not None:
        row.reason = one.reason
    if "invoices" in after:
        record_type, record_id = one.key
        about: type[Any] = RECORD_TYPES[record_type][1]
        column = f"{record_type}_id"
        session.exec(delete(about).where(getattr(about, column) == record_id))
        for number in one.invoices:
            invoice_id, kind = ledger.get(number, (None, InvoiceKind.INVOICE))
            session.add(about(**{column: record_id, "invoice_id": invoice_id, "number": number, "kind": kind}))
    session.add(row)
