"""What left the mailbox in the mail program: a colleague's answer belongs to its thread and settles the mails that it answers.

Whichever of both comes first, the answer or the reading of the mail, the effect is the same. An answer is known by the mail
that it names and by whom it goes to: passing a mail on to a colleague answers nobody, and neither does an automatic reply.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from inbox_agent.domain.mail import Mail
from inbox_agent.pipeline import delivery
from inbox_agent.pipeline.threads import candidates
from inbox_agent.records.mail import MailReference, MailState, StoredMail, Thread, content_of
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.proposal import ProposalState
from inbox_agent.records.registry import RECORD_TYPES
from inbox_agent.records.reply import OutgoingReply
from inbox_agent.records.triage import Review, TriageRow

_MOST = 50
"""Mails of a thread that are looked at."""

_UNSETTLED = (MailState.TRIAGED, MailState.PARKED)


def file_sent(session: Session, row: StoredMail, mail: Mail | None, mailbox: Mailbox, now: datetime) -> None:
    """`row` lies in the folder of sent mail and was just stored; `mail` is None when it could not be read. No model reads it.

    A reply of ours is known to have left. Anything else joins its thread, and the open mails that it answers are settled: those
    that came before the one that it names, or before itself when it names none.
    """
    row.state, row.state_reason = MailState.IGNORED, "Sent from this mailbox in the mail program."
    if mail is None:
        return
    if delivery.seen_in_sent(session, row.message_id, now):
        ours = select(OutgoingReply.thread_id).where(OutgoingReply.message_id == row.message_id)
        row.state_reason, row.thread_id = "Our own reply, found among the sent mail.", session.exec(ours).first()
        return
    answered = _answered(session, row, mail)
    thread = _thread_of(session, row, mail, answered, mailbox)
    row.thread_id = thread.id if thread else None
    waiting = [one.id for one in answered]
    if thread is not None:
        of_it = select(StoredMail.id).where(StoredMail.thread_id == thread.id, col(StoredMail.decided_at).is_(None))
        waiting += session.exec(of_it.order_by(col(StoredMail.received_at).desc()).limit(_MOST)).all()
    for mail_id in sorted({one for one in waiting if one is not None}):
        _settle(session, mail_id, row, mail, answered, mailbox, now)
    if thread is not None:
        thread.changed_at = now


def catch_up(session: Session, row: StoredMail, mail: Mail, thread: Thread, now: datetime) -> None:
    """`row` was just read and joined `thread`: sent mail that waited for it joins as well, and may have answered it already."""
    mailbox = session.get_one(Mailbox, row.mailbox_id)
    session.flush()
    for sent, content in _with_content(session, _waiting_for(session, row, mail)):
        if _reaches(session, content, row, mail, mailbox) or _is_inside(content, mailbox):
            sent.thread_id = thread.id
    session.flush()
    later = select(StoredMail).where(
        StoredMail.thread_id == thread.id,
        col(StoredMail.is_sent),
        StoredMail.received_at >= row.received_at,
        col(StoredMail.message_id).not_in(select(OutgoingReply.message_id).where(OutgoingReply.thread_id == thread.id)),
    )
    for sent, content in _with_content(session, session.exec(later.order_by(col(StoredMail.received_at)).limit(_MOST))):
        _settle(session, row.id or 0, sent, content, _answered(session, sent, content), mailbox, now)
    _close(session, row, now)


def _answered(session: Session, sent: StoredMail, content: Mail) -> list[StoredMail]:
    """The received mail that this one says it answers (RFC 5322 §3.6.4): one, unless two bear its Message-ID."""
    named = content.in_reply_to or (content.references[-1] if content.references else "")
    if not named:
        return []
    wanted = select(StoredMail).where(
        StoredMail.mailbox_id == sent.mailbox_id,
        StoredMail.message_id == named[:1000],
        col(StoredMail.is_sent).is_(False),
        col(StoredMail.copy_of).is_(None),
    )
    return list(session.exec(wanted.limit(_MOST)))


def _thread_of(
    session: Session, sent: StoredMail, content: Mail, answered: list[StoredMail], mailbox: Mailbox
) -> Thread | None:
    """The thread of somebody whom it goes to; or, when it stays in the house, the thread of the mail that it passes on."""
    recipients, inside = _recipients(content), _is_inside(content, mailbox)
    for thread in candidates(session, sent, content):
        of_thread = select(StoredMail.id).where(StoredMail.thread_id == thread.id, col(StoredMail.is_sent).is_(False))
        if session.exec(of_thread.where(col(StoredMail.sender_email).in_(recipients)).limit(1)).first() is not None:
            return thread
        here = [one for one in answered if one.thread_id == thread.id]
        if here and inside:
            return thread
        for one in here:
            mail = content_of(session, one.id or 0)
            if mail is not None and _reaches(session, content, one, mail, mailbox):
                return thread
    return None


def _settle(
    session: Session,
    mail_id: int,
    sent: StoredMail,
    content: Mail,
    answered: list[StoredMail],
    mailbox: Mailbox,
    now: datetime,
) -> None:
    """Notes that `sent` answers the mail, if it does. Without records left to decide on, the mail is decided by it.

    A mail that somebody decided on, or reopened, after the answer was known here is that person's affair.
    """
    row = session.get_one(StoredMail, mail_id, with_for_update=True, populate_existing=True)
    if row.is_sent or row.state not in _UNSETTLED or row.decided_at is not None or row.answered_by_mail_id is not None:
        return
    is_named = any(one.id == mail_id for one in answered)
    at = sent.received_at if is_named else min(sent.received_at, content.sent_at or sent.received_at)
    newest = max((one.received_at for one in answered), default=at)
    mail = content_of(session, mail_id)
    if content.automatic is not None or mail is None or row.received_at > min(at, newest):
        return
    if not _reaches(session, content, row, mail, mailbox):
        return
    sent.thread_id = sent.thread_id or row.thread_id  # the mail was read while this one came in
    judged = select(Review.id).where(Review.mail_id == mail_id, Review.decided_at > sent.fetched_at)
    if session.exec(judged.limit(1)).first() is not None:
        return
    row.answered_by_mail_id, row.changed_at = sent.id, now
    row.version += 1
    session.flush()
    _close(session, row, now)


def _close(session: Session, row: StoredMail, now: datetime) -> None:
    """Decides a mail that was answered and leaves no record to confirm. Nobody of ours decided, so it bears no name."""
    if row.answered_by_mail_id is None or row.decided_at is not None:
        return
    for table, _, _ in RECORD_TYPES.values():
        proposed = select(table.id).where(table.mail_id == row.id, table.state == ProposalState.PROPOSED)
        if session.exec(proposed.limit(1)).first() is not None:
            return
    row.decided_at, row.decided_by = now, None


def _waiting_for(session: Session, row: StoredMail, mail: Mail) -> list[StoredMail]:
    """Sent mail without thread that names this mail, is named by it, or is of its conversation."""
    named = [one[:1000] for one in mail.named_message_ids][-_MOST:]
    ties: list[sa.ColumnElement[bool]] = [col(StoredMail.message_id).in_(named)]
    if row.message_id:
        naming = select(MailReference.mail_id).where(MailReference.message_id == row.message_id)
        ties.append(col(StoredMail.id).in_(naming))
    if row.conversation:
        ties.append(col(StoredMail.conversation) == row.conversation)
    wanted = select(StoredMail).where(
        StoredMail.mailbox_id == row.mailbox_id,
        col(StoredMail.is_sent),
        col(StoredMail.thread_id).is_(None),
        col(StoredMail.copy_of).is_(None),
        or_(*ties),
    )
    return list(session.exec(wanted.limit(_MOST)))


def _with_content(session: Session, rows: Iterable[StoredMail]) -> list[tuple[StoredMail, Mail]]:
    found = [(row, content_of(session, row.id or 0)) for row in rows]
    return [(row, content) for row, content in found if content is not None]


def _recipients(content: Mail) -> set[str]:
    return {address.key for address in (*content.to, *content.cc)}


def _is_inside(content: Mail, mailbox: Mailbox) -> bool:
    """Whether it goes to colleagues only."""
    recipients = _recipients(content)
    own = _domain(mailbox)
    return bool(recipients) and all(one.rpartition("@")[2] == own for one in recipients)


def _reaches(session: Session, content: Mail, row: StoredMail, mail: Mail, mailbox: Mailbox) -> bool:
    """Whether the sent mail goes to somebody who waits for an answer to `mail`: its writer, or who got a copy of it outside.

    Of a mail that a colleague passed on the writer is whom it was passed on from.
    """
    writer = _writer(session, row) if mail.sender.domain == _domain(mailbox) else ""
    outside = (one.key for one in mail.cc if one.domain != _domain(mailbox))
    waiting = {writer} if writer else {mail.sender.key, *(one.key for one in mail.reply_to), *outside}
    return bool(_recipients(content) & (waiting - {"", mailbox.address.strip().lower()}))


def _writer(session: Session, row: StoredMail) -> str:
    wanted = select(TriageRow).where(TriageRow.mail_id == row.id).order_by(col(TriageRow.id).desc()).limit(1)
    triage = session.exec(wanted).first()
    reading = triage.read() if triage else None
    passed_on = reading.text.forwarded_from if reading else None
    return passed_on.key if passed_on else ""


def _domain(mailbox: Mailbox) -> str:
    return mailbox.address.strip().lower().rpartition("@")[2]
