"""Records as their controller wants them when approving: proposed ones corrected, and one that the machine missed added.

The reading stays as it was; what differs from it is kept with the decision, and becomes a label.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from inbox_agent.domain.act import Act
from inbox_agent.domain.errors import Conflict, NotAllowed
from inbox_agent.domain.ledger import InvoiceKind
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, RecordType
from inbox_agent.ledger.tables import InvoiceRow
from inbox_agent.records.dispute import Dispute
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.promise import Promise
from inbox_agent.records.proposal import Proposal, ProposalState
from inbox_agent.records.registry import RECORD_TYPES
from inbox_agent.records.task import Task
from inbox_agent.review.proposals import Key, Rows, invoice_numbers
from inbox_agent.review.views import Addition, Amendment

BY_HAND = -1
"""`act_index` of a record that no act proposed."""

_MOST_INVOICES = 200
_LARGEST_MINOR = 10**14

_Ledger = dict[str, tuple[int, InvoiceKind]]


def amend(
    session: Session, mail: StoredMail, rows: Rows, acts: Sequence[Act], amendments: Iterable[Amendment]
) -> list[dict[str, Any]]:
    """Makes the proposed records say what was approved; returns {record_type, act_index, before, after} of each that differs
    from the act that proposed it.

    `before` and `after` hold only the fields that differ, as JSON: invoices, amount, currency, date, reason. At most four
    queries, however many records. Raises `Conflict` for a record that is gone or decided, `NotAllowed` for a number that is
    not in the customer's ledger, or an amount that is none.
    """
    wanted = tuple(amendments)
    if not wanted:
        return []
    present = _present(rows, invoice_numbers(session, mail.id or 0))
    changed = [one for one in wanted if _difference(_proposed(rows, present, one.key), _fields_of(one))[1]]
    ledger = _ledger(session, mail.customer_id, changed)
    known = {number for fields in present.values() for number in fields["invoices"]}
    for one in changed:
        _check(one, ledger.keys() | known)
        _write(session, one, rows[one.key], ledger)
    found = []
    for one in wanted:
        index = rows[one.key].act_index
        if not 0 <= index < len(acts):
            continue
        before, after = _difference(_read(one.key[0], acts[index]), _fields_of(one))
        if after:
            found.append({"record_type": one.key[0].value, "act_index": index, "before": before, "after": after})
    return found


def add(
    session: Session, mail: StoredMail, triage_id: int, addition: Addition, controller_id: int, now: datetime
) -> dict[str, Any]:
    """Confirms a record that no act proposed; returns what it says, as JSON, with its record type.

    Raises `NotAllowed` as `amend` does.
    """
    ledger = _ledger(session, mail.customer_id, [addition])
    _check(addition, ledger.keys())
    common: dict[str, Any] = {
        "mail_id": mail.id, "triage_id": triage_id, "act_index": BY_HAND, "customer_id": mail.customer_id,
        "amount_minor": addition.amount.minor if addition.amount else None,
        "currency": addition.amount.currency if addition.amount else "EUR",
        "state": ProposalState.CONFIRMED, "created_at": now, "decided_at": now, "decided_by": controller_id,
    }  # fmt: skip
    row: Proposal = (
        Dispute(reason=addition.reason or DisputeReason.OTHER, **common)
        if addition.record_type is RecordType.DISPUTE
        else Promise(promised_on=addition.on_date, **common)
    )
    session.add(row)
    session.flush()
    _name(session, (addition.record_type, row.id or 0), addition.invoices, ledger)
    return {"record_type": addition.record_type.value, **_fields_of(addition)}


def _proposed(rows: Rows, present: dict[Key, dict[str, Any]], key: Key) -> dict[str, Any]:
    row = rows.get(key)
    if row is None or row.state is not ProposalState.PROPOSED:
        raise Conflict(
            "A record that you corrected no longer waits for a decision. Reload the mail, then decide again."
        )
    return present[key]


def _present(rows: Rows, numbers: dict[Key, list[str]]) -> dict[Key, dict[str, Any]]:
    """What every record says now."""
    found = {}
    for key, row in rows.items():
        on_date = row.promised_on if isinstance(row, Promise) else row.on_date if isinstance(row, Task) else None
        amount = None if row.amount_minor is None else Money(row.amount_minor, row.currency)
        reason = row.reason if isinstance(row, Dispute) else None
        found[key] = _fields(tuple(numbers.get(key, ())), amount, on_date, reason)
    return found


def _read(record_type: RecordType, act: Act) -> dict[str, Any]:
    """What the act says, as the record that it proposed."""
    is_dispute = record_type is RecordType.DISPUTE
    reason = (act.reason or DisputeReason.OTHER) if is_dispute else None
    return _fields(tuple(link.number for link in act.invoices), act.amount, None if is_dispute else act.date, reason)


def _fields_of(one: Amendment | Addition) -> dict[str, Any]:
    is_dispute = one.record_type is RecordType.DISPUTE
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


def _ledger(session: Session, customer_id: int | None, wanted: Iterable[Amendment | Addition]) -> _Ledger:
    numbers = {number for one in wanted for number in one.invoices[:_MOST_INVOICES]}
    if customer_id is None or not numbers:
        return {}
    found = select(InvoiceRow.number, InvoiceRow.id, InvoiceRow.kind).where(
        InvoiceRow.customer_id == customer_id, col(InvoiceRow.number).in_(numbers)
    )
    return {number: (invoice_id or 0, InvoiceKind(kind)) for number, invoice_id, kind in session.exec(found)}


def _check(one: Amendment | Addition, known: Iterable[str]) -> None:
    if len(one.invoices) > _MOST_INVOICES:
        raise NotAllowed(f"A record names at most {_MOST_INVOICES} invoices. Take some away.")
    foreign = next((number for number in one.invoices if number not in known), None)
    if foreign is not None:
        raise NotAllowed(f"The customer's ledger has no invoice {foreign[:60]}. Correct the number, or leave it out.")
    if one.amount is not None and not 0 < one.amount.minor <= _LARGEST_MINOR:
        raise NotAllowed("An amount of a record is more than zero. Correct it, or leave it empty.")


def _write(session: Session, one: Amendment, row: Proposal, ledger: _Ledger) -> None:
    row.amount_minor = one.amount.minor if one.amount else None
    row.currency = one.amount.currency if one.amount else row.currency
    if isinstance(row, Promise):
        row.promised_on = one.on_date
    elif isinstance(row, Task):
        row.on_date = one.on_date
    elif isinstance(row, Dispute) and one.reason is not None:
        row.reason = one.reason
    session.add(row)
    about = RECORD_TYPES[one.record_type][1]
    session.exec(delete(about).where(getattr(about, f"{one.record_type}_id") == one.key[1]))
    _name(session, one.key, one.invoices, ledger)


def _name(session: Session, key: Key, invoices: Sequence[str], ledger: _Ledger) -> None:
    record_type, record_id = key
    about: type[Any] = RECORD_TYPES[record_type][1]
    for number in invoices:
        invoice_id, kind = ledger.get(number, (None, InvoiceKind.INVOICE))
        session.add(about(**{f"{record_type}_id": record_id, "invoice_id": invoice_id, "number": number, "kind": kind}))
