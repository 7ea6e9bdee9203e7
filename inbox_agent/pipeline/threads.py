"""Which thread a mail belongs to: by References, and only among mail of the same customer or sender."""

from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from inbox_agent.domain.mail import Mail
from inbox_agent.records.mail import MailReference, StoredMail, Thread
from inbox_agent.records.reply import OutgoingReply


def thread_for(session: Session, row: StoredMail, mail: Mail, now: datetime) -> Thread:
    """The thread that `row` joins, or a new one.

    A thread is a candidate when one of its mails or replies is named in this mail's References, names this mail, or names
    the same first message (our reminder, which never came through this mailbox). It is joined only when it is of the same
    customer, or, while no customer is known, of the same sender: answers of different customers to one bulk mail stay
    apart. A candidate that is not joined is kept as "possibly the same case". A mail that is read again keeps the thread that
    it has unless that is another customer's, and its assignment in any case.
    """
    own = session.get(Thread, row.thread_id) if row.thread_id is not None else None
    candidates = _candidates(session, row, mail)
    for thread in candidates:
        if _same_correspondent(session, thread, row):
            thread.changed_at = now
            if thread.customer_id is None:
                thread.customer_id = row.customer_id
            if thread.assigned_to is None and own is not None:
                thread.assigned_to = own.assigned_to
            session.add(thread)
            return thread
    if own is not None and own.customer_id in (None, row.customer_id):
        own.customer_id, own.changed_at = row.customer_id, now
        return own
    thread = Thread(
        mailbox_id=row.mailbox_id,
        customer_id=row.customer_id,
        subject=row.subject,
        possibly_same_as=candidates[0].id if candidates else None,
        assigned_to=own.assigned_to if own is not None else None,
        created_at=now,
        changed_at=now,
    )
    session.add(thread)
    session.flush()
    return thread


def _candidates(session: Session, row: StoredMail, mail: Mail) -> list[Thread]:
    named = [one[:1000] for one in dict.fromkeys((*mail.references, mail.in_reply_to, mail.original_message_id)) if one]
    known = [*named[-50:], *named[:1]]
    known_by_reference = [*known, row.message_id] if row.message_id else known
    if not known_by_reference:
        return []
    by_mail = select(StoredMail.thread_id).where(
        StoredMail.mailbox_id == row.mailbox_id, col(StoredMail.message_id).in_(known), StoredMail.id != row.id
    )
    by_reference = (
        select(StoredMail.thread_id)
        .join(MailReference, col(MailReference.mail_id) == StoredMail.id)
        .where(
            StoredMail.mailbox_id == row.mailbox_id,
            col(MailReference.message_id).in_(known_by_reference),
            StoredMail.id != row.id,
        )
    )
    by_reply = select(OutgoingReply.thread_id).where(
        OutgoingReply.mailbox_id == row.mailbox_id, col(OutgoingReply.message_id).in_(known)
    )
    found = select(Thread).where(
        or_(col(Thread.id).in_(by_reply), col(Thread.id).in_(by_mail), col(Thread.id).in_(by_reference))
    )
    return list(session.exec(found.order_by(col(Thread.changed_at).desc()).limit(20)))


def _same_correspondent(session: Session, thread: Thread, row: StoredMail) -> bool:
    if thread.customer_id is not None and row.customer_id is not None:
        return thread.customer_id == row.customer_id
    same_sender = select(StoredMail.id).where(
        StoredMail.thread_id == thread.id, StoredMail.sender_email == row.sender_email, StoredMail.sender_email != ""
    )
    return session.exec(same_sender).first() is not None
