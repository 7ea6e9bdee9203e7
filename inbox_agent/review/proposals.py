"""The records that acts proposed, as rows to decide on and as what a page shows."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, delete, select

from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Intent, RecordType
from inbox_agent.records.dispute import Dispute, DisputeInvoice
from inbox_agent.records.promise import Promise, PromiseInvoice
from inbox_agent.records.proposal import Proposal, ProposalState
from inbox_agent.records.registry import RECORD_TYPES
from inbox_agent.records.task import Task, TaskInvoice
from inbox_agent.review.views import ProposedRecord

Key = tuple[RecordType, int]
"""A record: its type and its id."""

Rows = dict[Key, Proposal]


def rows_of(session: Session, mail_id: int) -> Rows:
    """Every record proposed from the mail, in the order of its acts. One query a record type."""
    found: list[tuple[RecordType, Proposal]] = []
    for record_type, (table, _, _) in RECORD_TYPES.items():
        wanted = select(table).where(table.mail_id == mail_id).execution_options(populate_existing=True)
        found += [(record_type, row) for row in session.exec(wanted)]
    found.sort(key=lambda pair: (pair[1].act_index < 0, pair[1].act_index, pair[1].id or 0))
    return {(record_type, row.id or 0): row for record_type, row in found}


def decide(rows: Rows, accepted: Iterable[Key], controller_id: int, now: datetime) -> tuple[Key, ...]:
    """Confirms the accepted ones of what is still proposed, rejects the others; returns the keys of the rejected."""
    wanted = set(accepted)
    rejected = []
    for key, row in rows.items():
        if row.state is not ProposalState.PROPOSED:
            continue
        row.state = ProposalState.CONFIRMED if key in wanted else ProposalState.REJECTED
        row.decided_at, row.decided_by = now, controller_id
        if key not in wanted:
            rejected.append(key)
    return tuple(rejected)


def withdraw(session: Session, rows: Rows) -> None:
    """Takes back what nobody decided on: the mail is read again, and proposes anew. The reading itself is kept."""
    for (record_type, record_id), row in rows.items():
        if row.state is ProposalState.PROPOSED:
            about = RECORD_TYPES[record_type][1]
            session.exec(delete(about).where(getattr(about, f"{record_type}_id") == record_id))
            session.delete(row)
    session.flush()


def intent_of(row: Proposal) -> Intent:
    """The intent whose act proposed the record."""
    if isinstance(row, Task):
        return row.intent
    return Intent.DISPUTE if isinstance(row, Dispute) else Intent.PROMISE_TO_PAY


def proposed_records(session: Session, mail_id: int) -> tuple[ProposedRecord, ...]:
    """The mail's records with the numbers of the invoices that they are about. Two queries a record type."""
    rows = rows_of(session, mail_id)
    numbers = invoice_numbers(session, mail_id)
    return tuple(
        ProposedRecord(
            record_type=record_type,
            record_id=record_id,
            act_index=row.act_index,
            state=row.state,
            intent=intent_of(row),
            invoices=tuple(numbers.get((record_type, record_id), ())),
            amount=None if row.amount_minor is None else Money(row.amount_minor, row.currency),
            on_date=row.promised_on if isinstance(row, Promise) else row.on_date if isinstance(row, Task) else None,
            evidence=row.evidence,
            reason=row.reason if isinstance(row, Dispute) else None,
        )
        for (record_type, record_id), row in rows.items()
    )


def invoice_numbers(session: Session, mail_id: int) -> dict[Key, list[str]]:
    """The numbers of the invoices that each record of the mail is about. One query a record type."""
    queries = {
        RecordType.DISPUTE: select(DisputeInvoice.dispute_id, DisputeInvoice.number)
        .join(Dispute, col(Dispute.id) == DisputeInvoice.dispute_id)
        .where(Dispute.mail_id == mail_id)
        .order_by(col(DisputeInvoice.id)),
        RecordType.PROMISE: select(PromiseInvoice.promise_id, PromiseInvoice.number)
        .join(Promise, col(Promise.id) == PromiseInvoice.promise_id)
        .where(Promise.mail_id == mail_id)
        .order_by(col(PromiseInvoice.id)),
        RecordType.TASK: select(TaskInvoice.task_id, TaskInvoice.number)
        .join(Task, col(Task.id) == TaskInvoice.task_id)
        .where(Task.mail_id == mail_id)
        .order_by(col(TaskInvoice.id)),
    }
    found: dict[Key, list[str]] = {}
    for record_type, query in queries.items():
        for record_id, number in session.exec(query):
            found.setdefault((record_type, record_id), []).append(number)
    return found
