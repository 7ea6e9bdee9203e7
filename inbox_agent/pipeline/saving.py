"""A reading becomes rows: the triage, its thread, and the records that its acts propose."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from inbox_agent.domain.act import Act, Evidence
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import INTENTS
from inbox_agent.domain.triage import Triage
from inbox_agent.ledger.tables import CompanyRow, CustomerRow, InvoiceRow
from inbox_agent.pipeline.sent import catch_up
from inbox_agent.pipeline.threads import thread_for
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.registry import RECORD_TYPES
from inbox_agent.records.triage import TriageRow


def save_triage(session: Session, mail_id: int, mail: Mail, triage: Triage, seconds: float, now: datetime) -> bool:
    """Keeps the reading of a mail that still waits for one. Returns whether it did (False: already read or parked)."""
    row = session.get_one(StoredMail, mail_id, with_for_update=True)
    if row.state is not MailState.FETCHED:
        return False
    customer = _customer(session, triage)
    row.customer_id = customer.id if customer else None
    thread = thread_for(session, row, mail, _about(session, customer, triage), now)
    row.thread_id = thread.id
    kept = TriageRow.of(mail_id, triage, seconds, now)
    session.add(kept)
    session.flush()
    assert kept.id is not None
    propose_records(session, triage, mail_id, kept.id, customer, now)
    row.state, row.state_reason, row.triaged_at, row.changed_at = MailState.TRIAGED, "", now, now
    row.version += 1
    session.add(row)
    catch_up(session, row, mail, thread, now)
    return True


def park(session: Session, mail_id: int, reason: str, now: datetime) -> None:
    """Shows the mail in the queue with the reason why it could not be read."""
    row = session.get_one(StoredMail, mail_id, with_for_update=True)
    if row.state is MailState.FETCHED:
        row.state, row.state_reason, row.changed_at = MailState.PARKED, reason, now
        row.version += 1
        session.add(row)


def propose_records(
    session: Session, triage: Triage, mail_id: int, triage_id: int, customer: CustomerRow | None, now: datetime
) -> None:
    """One record an act, tied to the invoices that it is about. An intent without an act gets one too (index -1)."""
    acts = list(enumerate(triage.extraction.acts))
    said = {act.intent for _, act in acts}
    for score in triage.classification.intents:
        if score.intent not in said and INTENTS[score.intent].record is not None:
            acts.append((-1, Act(score.intent, score.evidence[0] if score.evidence else Evidence("", 0, 0))))
    ids = _invoice_ids(session, customer, {link.number for _, act in acts for link in act.invoices})
    for index, act in acts:
        record_type = INTENTS[act.intent].record
        if record_type is None:
            continue
        _, about, propose = RECORD_TYPES[record_type]
        record = propose(act, index, mail_id, triage_id, customer.id if customer else None, now)
        session.add(record)
        session.flush()
        for number in dict.fromkeys(link.number for link in act.invoices):
            columns: dict[str, Any] = {
                "number": number[:64],
                "invoice_id": ids.get(number),
                f"{record_type}_id": record.id,
            }
            session.add(about(**columns))


def _about(session: Session, customer: CustomerRow | None, triage: Triage) -> set[int]:
    """The ledger's ids of all invoices that the mail says something about."""
    numbers = {link.number for act in triage.extraction.acts for link in act.invoices}
    return set(_invoice_ids(session, customer, numbers).values())


def _customer(session: Session, triage: Triage) -> CustomerRow | None:
    customer, company = triage.ledger.customer, triage.ledger.company
    if customer is None or company is None:
        return None
    wanted = (
        select(CustomerRow)
        .join(CompanyRow, col(CompanyRow.id) == CustomerRow.company_id)
        .where(CompanyRow.code == company.code, CustomerRow.number == customer.number)
    )
    return session.exec(wanted).first()


def _invoice_ids(session: Session, customer: CustomerRow | None, numbers: set[str]) -> dict[str, int]:
    if customer is None or not numbers:
        return {}
    wanted = select(InvoiceRow).where(
        InvoiceRow.company_id == customer.company_id, col(InvoiceRow.number).in_(list(numbers)[:500])
    )
    return {row.number: row.id for row in session.exec(wanted) if row.id is not None}
