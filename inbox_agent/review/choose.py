"""A person says whose mail this is: it is read again with that customer's ledger, and the sender is remembered.

Each function is one transaction's work; the caller commits, or rolls back when it raises.
"""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from inbox_agent.domain.errors import Conflict, NotAllowed, NotFound
from inbox_agent.domain.subject import subject_key
from inbox_agent.durable import Queue
from inbox_agent.ledger.tables import CustomerRow, RememberedSenderRow
from inbox_agent.records.mail import MailState, StoredMail, Thread, content_of
from inbox_agent.records.triage import Review
from inbox_agent.review import proposals
from inbox_agent.review.readings import latest_triage
from inbox_agent.review.views import DecisionKind, Viewer
from inbox_agent.review.visible import undecided_mail, visible_mail
from inbox_agent.review.whose import choosable, senders_of

_MOST_OTHERS = 50


class Remember(StrEnum):
    """For which mail a choice holds, beside the one it is made on."""

    ADDRESS = "address"
    DOMAIN = "domain"
    NOTHING = "nothing"


def choose_customer(
    session: Session,
    viewer: Viewer,
    mail_id: int,
    version: int,
    customer_id: int,
    remember: Remember,
    queue: Queue,
    now: datetime,
) -> None:
    """Files the mail under the customer and has it read again; its proposals and draft are made anew.

    What is remembered holds for the next mail of that sender, and other undecided mail of it without a customer is read
    again as well. Raises `NotFound`; `Conflict` when the mail was decided or changed meanwhile; `NotAllowed` when it was
    not read, or its sender's domain tells nothing.
    """
    row = undecided_mail(session, viewer, mail_id, version)
    triage = latest_triage(session, mail_id)
    reading, mail = (triage.read() if triage else None), content_of(session, mail_id)
    if row.state is not MailState.TRIAGED or triage is None or reading is None or mail is None:
        raise NotAllowed("This mail was not read, so it cannot be filed under a customer. Read it again first.")
    customer = choosable(session, row, customer_id)
    senders = dict(zip((Remember.ADDRESS, Remember.DOMAIN), senders_of(mail, reading), strict=False))
    if remember is Remember.DOMAIN and remember not in senders:
        raise NotAllowed(
            "Anybody can have an address of this domain, so it tells no customer. Remember the address alone."
        )
    sender = senders.get(remember, "")
    if sender:
        _remember(session, viewer, row.mailbox_id, sender, customer, now)
    session.add(
        Review(
            mail_id=mail_id,
            triage_id=triage.id,
            controller_id=viewer.controller_id,
            decision=DecisionKind.CUSTOMER_CHOSEN.value,
            changes={"customer": {"before": row.customer_id, "after": customer.id}, "remembered": remember.value},
            decided_at=now,
        )
    )
    row.chosen_customer_id = customer.id
    _move_thread(session, row, customer, now)
    _read_again(session, row, queue, now)
    for other in _others(session, row, sender):
        _read_again(session, other, queue, now)


def forget_sender(session: Session, viewer: Viewer, mail_id: int, remembered_id: int, now: datetime) -> None:
    """Ends what was remembered of a sender; mail that was filed by it stays where it is. Raises `NotFound`, `Conflict`."""
    row = visible_mail(session, viewer, mail_id)
    wanted = select(RememberedSenderRow).where(
        RememberedSenderRow.id == remembered_id, RememberedSenderRow.mailbox_id == row.mailbox_id
    )
    found = session.exec(wanted.with_for_update()).first()
    if found is None:
        raise NotFound("Nothing of the kind is remembered. Reload the mail.")
    if found.ended_at is not None:
        raise Conflict("A colleague undid this already. Reload the mail.")
    found.ended_at, found.ended_by = now, viewer.controller_id
    row.changed_at = now


def _remember(
    session: Session, viewer: Viewer, mailbox_id: int, sender: str, customer: CustomerRow, now: datetime
) -> None:
    """One customer a sender: what was said before ends."""
    holding = select(RememberedSenderRow).where(
        RememberedSenderRow.mailbox_id == mailbox_id,
        RememberedSenderRow.sender == sender,
        col(RememberedSenderRow.ended_at).is_(None),
    )
    for before in session.exec(holding.with_for_update()):
        before.ended_at, before.ended_by = now, viewer.controller_id
    session.flush()
    session.add(
        RememberedSenderRow(
            mailbox_id=mailbox_id,
            sender=sender,
            customer_id=customer.id or 0,
            remembered_by=viewer.controller_id,
            remembered_at=now,
        )
    )


def _move_thread(session: Session, row: StoredMail, customer: CustomerRow, now: datetime) -> None:
    """The mail's thread becomes the customer's; with mail of somebody else in it, the mail gets a thread of its own."""
    thread = session.get(Thread, row.thread_id) if row.thread_id is not None else None
    if thread is None or thread.customer_id == customer.id:
        return
    others = select(StoredMail.id).where(StoredMail.thread_id == thread.id, StoredMail.id != row.id)
    if session.exec(others.limit(1)).first() is None:
        thread.customer_id, thread.changed_at = customer.id, now
        return
    own = Thread(
        mailbox_id=row.mailbox_id,
        customer_id=customer.id,
        subject=row.subject,
        subject_key=subject_key(row.subject),
        assigned_to=thread.assigned_to,
        possibly_same_as=thread.id,
        created_at=now,
        changed_at=now,
    )
    session.add(own)
    session.flush()
    row.thread_id = own.id


def _others(session: Session, row: StoredMail, sender: str) -> list[StoredMail]:
    """Undecided mail of the same mailbox and sender whose customer is not clear; what somebody else just changes is left."""
    if not sender:
        return []
    is_address = "@" in sender
    theirs = (
        col(StoredMail.sender_email) == sender
        if is_address
        else col(StoredMail.sender_email).endswith(f"@{sender}", autoescape=True)
    )
    wanted = select(StoredMail).where(
        StoredMail.mailbox_id == row.mailbox_id,
        theirs,
        StoredMail.id != row.id,
        StoredMail.state == MailState.TRIAGED,
        col(StoredMail.decided_at).is_(None),
        col(StoredMail.customer_id).is_(None),
    )
    locked = wanted.order_by(col(StoredMail.id)).limit(_MOST_OTHERS).with_for_update(skip_locked=True)
    return list(session.exec(locked.execution_options(populate_existing=True)))


def _read_again(session: Session, row: StoredMail, queue: Queue, now: datetime) -> None:
    proposals.withdraw(session, proposals.rows_of(session, row.id or 0))
    row.state, row.state_reason, row.changed_at = MailState.FETCHED, "", now
    row.version += 1
    session.flush()
    queue.triage(session, row.id or 0, attempt=int(now.timestamp() * 1000))
