"""One mail with everything that its page shows, and its bytes. A fixed number of queries, whatever the mail."""

from sqlmodel import Session, col, select

from inbox_agent.domain.errors import NotFound
from inbox_agent.domain.ledger import Customer, Invoice
from inbox_agent.domain.mail import Address, Attachment
from inbox_agent.domain.mime_part import part_bytes
from inbox_agent.domain.triage import Extraction, Triage
from inbox_agent.domain.verdict import Policy
from inbox_agent.ledger.tables import CompanyRow, CustomerRow, InvoiceRow, last_payment
from inbox_agent.records.mail import StoredMail, Thread, content_of
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.people import Controller
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.triage import Review
from inbox_agent.review.case import also_in, case, outside_answer
from inbox_agent.review.outbox import last_reply
from inbox_agent.review.proposals import proposed_records
from inbox_agent.review.readings import latest_triage, shown_intents
from inbox_agent.review.verdicts import named_numbers, present_verdicts
from inbox_agent.review.views import Case, Decision, DecisionKind, Detail, Viewer
from inbox_agent.review.visible import visible_mail

_MOST_INVOICES = 500


def detail(session: Session, viewer: Viewer, mail_id: int, policy: Policy = Policy()) -> Detail:  # noqa: B008
    """The mail's page, with verdicts by `policy`. Raises `NotFound` when it is not in one of the viewer's mailboxes."""
    row = visible_mail(session, viewer, mail_id)
    mailbox = session.get_one(Mailbox, row.mailbox_id)
    thread = session.get(Thread, row.thread_id) if row.thread_id is not None else None
    triage = latest_triage(session, mail_id)
    reading = triage.read() if triage else None
    customer, company_name = _customer(session, row)
    extraction = reading.extraction if reading else Extraction((), ())
    invoices = _invoices(session, row, named_numbers(extraction))
    return Detail(
        mail_id=mail_id,
        version=row.version,
        state=row.state,
        state_reason=row.state_reason,
        received_at=row.received_at,
        mailbox_name=mailbox.name,
        mailbox_address=mailbox.address,
        assigned_to=thread.assigned_to if thread else None,
        mail=content_of(session, mail_id),
        triage=reading,
        triaged_at=row.triaged_at,
        language=triage.language if triage else None,
        customer=customer,
        company_name=company_name,
        invoices=invoices,
        records=proposed_records(session, mail_id),
        acts=extraction.acts,
        verdicts=present_verdicts(session, row, extraction, customer, invoices, policy),
        case=case(session, row, mailbox, thread) if thread else Case(),
        reply=last_reply(session, mail_id),
        decision=_decision(session, row),
        intents=shown_intents(session, mail_id, triage),
        also_in=also_in(session, [mail_id]).get(mail_id, ()),
        copy_of=row.copy_of if _sees(session, viewer, row.copy_of) else None,
        folder=row.folder,
        gone_at=row.gone_at,
        is_sent=row.is_sent,
        answer=outside_answer(session, row),
        passed_on_from=_passed_on_from(reading) if reading else None,
    )


def attachment(
    session: Session, viewer: Viewer, mail_id: int, index: int, raw_store: RawStore
) -> tuple[Attachment, bytes]:
    """The mail's attachment number `index` (from 0) and its decoded bytes. Raises `NotFound`."""
    row = visible_mail(session, viewer, mail_id)
    mail = content_of(session, mail_id)
    if mail is None or not 0 <= index < len(mail.attachments):
        raise NotFound("This mail has no such attachment, or it was erased.")
    found = mail.attachments[index]
    try:
        return found, part_bytes(raw_store.get(session, row.raw_sha256), found.position)
    except LookupError as error:
        raise NotFound(
            "This attachment cannot be found in the original mail. Download the original instead."
        ) from error


def raw(session: Session, viewer: Viewer, mail_id: int, raw_store: RawStore) -> bytes:
    """The mail as it came, byte for byte. Raises `NotFound`."""
    return raw_store.get(session, visible_mail(session, viewer, mail_id).raw_sha256)


def _customer(session: Session, row: StoredMail) -> tuple[Customer | None, str]:
    wanted = (
        select(CustomerRow, CompanyRow.name)
        .join(CompanyRow, col(CompanyRow.id) == CustomerRow.company_id)
        .where(CustomerRow.id == row.customer_id)
    )
    found = session.exec(wanted).first()
    if found is None:
        return None, ""
    customer, company_name = found
    return customer.read(), company_name


def _invoices(session: Session, row: StoredMail, named: tuple[str, ...]) -> tuple[Invoice, ...]:
    """The customer's items: those `named` in the mail first, then open ones, each group by due date, newest first."""
    if row.customer_id is None:
        return ()
    number = col(InvoiceRow.number)
    wanted = (
        select(InvoiceRow, last_payment())
        .where(InvoiceRow.customer_id == row.customer_id)
        .order_by(number.not_in(named), col(InvoiceRow.open_minor) == 0, col(InvoiceRow.due_on).desc(), number)
        .limit(_MOST_INVOICES)
    )
    return tuple(found.read(paid_on) for found, paid_on in session.exec(wanted))


def _decision(session: Session, row: StoredMail) -> Decision | None:
    if row.decided_at is None:
        return None
    wanted = (
        select(Review, Controller.name)
        .join(Controller, col(Controller.id) == Review.controller_id)
        .where(Review.mail_id == row.id, col(Review.decision).in_((DecisionKind.APPROVED, DecisionKind.DISMISSED)))
        .order_by(col(Review.id).desc())
        .limit(1)
    )
    found = session.exec(wanted).first()
    if row.decided_by is None and row.answered_by_mail_id is not None:
        return Decision(DecisionKind.ANSWERED, "", "", row.decided_at)
    if found is None:
        return None
    review, name = found
    return Decision(DecisionKind(review.decision), review.reason, name, review.decided_at)


def _passed_on_from(reading: Triage) -> Address | None:
    """Who wrote the mail that a colleague passed on: as the forwarded mail says, else as the sender was recognised."""
    known = reading.ledger.acquaintance
    if not known.is_ours:
        return None
    return reading.text.forwarded_from or (Address(known.writer) if known.writer else None)


def _sees(session: Session, viewer: Viewer, mail_id: int | None) -> bool:
    found = session.get(StoredMail, mail_id) if mail_id is not None else None
    return found is not None and found.mailbox_id in viewer.mailbox_ids
