"""A decided mail waits for a decision again: its records are proposals as they were before."""

from datetime import datetime

from sqlmodel import Session, col, update

from inbox_agent.records.mail import StoredMail
from inbox_agent.records.proposal import ProposalState
from inbox_agent.records.registry import RECORD_TYPES


def reopen(session: Session, row: StoredMail, now: datetime) -> None:
    """`row` is locked by the caller. Whom its thread is assigned to stays."""
    for table, _, _ in RECORD_TYPES.values():
        again = {"state": ProposalState.PROPOSED, "decided_at": None, "decided_by": None}
        session.exec(update(table).where(col(table.mail_id) == row.id).values(**again))
    row.decided_at, row.decided_by, row.changed_at = None, None, now
    row.version += 1
    session.add(row)
