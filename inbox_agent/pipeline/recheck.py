"""The last look before a reply leaves: is what its controller knew still so? If not, it goes back, with the reason."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from inbox_agent.domain.basis import Basis, changed
from inbox_agent.domain.sending import HOUR, SendingRules
from inbox_agent.records import reopening
from inbox_agent.records.mail import MailContent, MailReference, MailState, StoredMail
from inbox_agent.records.reply import OutgoingReply, ReplyState, too_often
from inbox_agent.records.triage import Review
from inbox_agent.standing import standing

_MOST = 50

_ANSWERED = (
    "A colleague answered this mail in the mail program after the reply was approved. Read that answer, then dismiss the mail "
    "or approve again."
)
_NEWER = "A newer mail arrived in this case after the reply was approved. Read it, then approve or dismiss."


def reason_to_return(
    session: Session, reply: OutgoingReply, answered: StoredMail, rules: SendingRules, now: datetime
) -> str:
    """Why the reply may not leave as it is, as a sentence for its controller; "" when it may.

    Both rows are locked by the caller. A colleague's answer is noted at the mail. A fixed number of queries, by index.
    """
    before = Basis.of_json(reply.basis)
    addresses = (*reply.recipients, *reply.cc)
    later = _later_mails(session, reply, answered, before.newest_mail_id)
    reached = {one.lower() for one in (*addresses, answered.sender_email)}
    answer = next((sent for sent in later if sent.is_sent and _goes_to(session, sent, reached)), None)
    if answer is not None:
        answered.answered_by_mail_id = answer.id
    if (
        answered.answered_by_mail_id or 0
    ) > before.newest_mail_id:  # an older answer was there to be read at the approval
        return _ANSWERED
    if any(not mail.is_sent for mail in later):
        return _NEWER
    found = changed(before, standing(session, answered, before.items, addresses))
    if found:
        return found
    since, most = now - HOUR, rules.replies_per_hour
    often = too_often(session, reply.mailbox_id, addresses, since, most, reply.id or 0)
    return (
        f"{most} replies went to {often} within an hour. Wait, or look whether a machine answers there."
        if often
        else ""
    )


def give_back(session: Session, reply: OutgoingReply, answered: StoredMail, reason: str, now: datetime) -> None:
    """The mail waits for its controller again, assigned as before, its records proposed; the reply's text stays with it."""
    reply.state, reply.problem, reply.changed_at = ReplyState.RETURNED, reason, now
    session.add(reply)
    session.add(
        Review(
            mail_id=answered.id or 0,
            controller_id=reply.approved_by,
            decision="returned",
            changes={"reply": reply.id},
            decided_at=now,
        )
    )
    reopening.reopen(session, answered, now)


def _later_mails(session: Session, reply: OutgoingReply, answered: StoredMail, newest_mail_id: int) -> list[StoredMail]:
    """What people wrote in this case since the approval. Mail that was not read yet has no thread: it belongs to the case when
    it names one of its mails."""
    named = [one for one in (reply.message_id, reply.in_reply_to, *reply.references) if one]
    naming = select(MailReference.mail_id).where(col(MailReference.message_id).in_(named))
    of_case: list[sa.ColumnElement[bool]] = [
        sa.and_(col(StoredMail.thread_id).is_(None), col(StoredMail.id).in_(naming))
    ]
    thread_id = reply.thread_id or answered.thread_id
    if thread_id is not None:
        of_case.append(col(StoredMail.thread_id) == thread_id)
    wanted = (
        select(StoredMail)
        .where(
            StoredMail.mailbox_id == reply.mailbox_id,
            col(StoredMail.id) > max(newest_mail_id, answered.id or 0),
            col(StoredMail.automatic).is_(None),
            col(StoredMail.copy_of).is_(None),
            or_(col(StoredMail.is_sent), StoredMail.state != MailState.IGNORED),
            ~sa.exists().where(col(OutgoingReply.message_id) == col(StoredMail.message_id)),
            or_(*of_case),
        )
        .order_by(col(StoredMail.id).desc())
        .limit(_MOST)
    )
    return list(session.exec(wanted))


def _goes_to(session: Session, sent: StoredMail, addresses: set[str]) -> bool:
    """Whether the sent mail goes to one of them: passing the mail on to a colleague answers nobody."""
    content = session.get(MailContent, sent.id)
    mail = content.read() if content else None
    return mail is not None and bool({one.key for one in (*mail.to, *mail.cc)} & addresses)
