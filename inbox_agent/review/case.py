"""The thread of a mail as its page shows it, and where else the mail is. A fixed number of queries, whatever the thread."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from inbox_agent.ledger.tables import CustomerRow
from inbox_agent.records.mail import StoredMail, Thread, ThreadMove, ThreadMoveKind
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.people import Controller
from inbox_agent.records.reply import OutgoingReply
from inbox_agent.records.triage import TriageRow
from inbox_agent.review.readings import intents_text, labels, latest_triage_id
from inbox_agent.review.views import Case, OutsideAnswer, PossibleCase, ThreadChange, ThreadEntry

_MOST_ENTRIES, _MOST_POSSIBLE = 50, 3


def case(session: Session, row: StoredMail, mailbox: Mailbox, thread: Thread) -> Case:
    """The other mails and replies of the thread, threads that may be the same case, and what a person moved last."""
    older = select(StoredMail.id).where(StoredMail.thread_id == thread.id, StoredMail.received_at < row.received_at)
    return Case(
        entries=_entries(session, row, mailbox),
        possible=_possible(session, row, thread),
        change=_change(session, thread),
        can_split=session.exec(older.limit(1)).first() is not None,
    )


def also_in(session: Session, mail_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """For each mail that other mailboxes got as well: their addresses, in alphabetical order. One query."""
    other = aliased(StoredMail)
    wanted = (
        sa.select(col(StoredMail.id), col(Mailbox.address))
        .join(other, col(other.content_sha256) == col(StoredMail.content_sha256))
        .join(Mailbox, col(Mailbox.id) == col(other.mailbox_id))
        .where(
            col(StoredMail.id).in_(mail_ids),
            col(StoredMail.content_sha256) != "",
            col(StoredMail.is_sent).is_(False),
            col(other.mailbox_id) != col(StoredMail.mailbox_id),
            col(other.is_sent).is_(False),
        )
        .distinct()
        .order_by(col(Mailbox.address))
    )
    found: dict[int, tuple[str, ...]] = {}
    for mail_id, address in session.execute(wanted):
        found[mail_id] = (*found.get(mail_id, ()), address)
    return found


def outside_answer(session: Session, row: StoredMail) -> OutsideAnswer | None:
    """What a colleague sent in the mail program in answer to this mail."""
    sent = session.get(StoredMail, row.answered_by_mail_id) if row.answered_by_mail_id is not None else None
    if sent is None:
        return None
    return OutsideAnswer(sent.id or 0, sent.sender_name or sent.sender_email, sent.subject, sent.received_at)


def _entries(session: Session, row: StoredMail, mailbox: Mailbox) -> tuple[ThreadEntry, ...]:
    """The last mails and replies of the thread, without the mail itself, oldest first. A reply that also lies among the sent mail
    is shown once."""
    ours = select(OutgoingReply.message_id).where(OutgoingReply.thread_id == row.thread_id)
    mails = (
        select(StoredMail, intents_text())
        .outerjoin(TriageRow, col(TriageRow.id) == latest_triage_id())
        .where(
            StoredMail.thread_id == row.thread_id,
            StoredMail.id != row.id,
            sa.not_(sa.and_(col(StoredMail.is_sent), col(StoredMail.message_id).in_(ours))),
        )
        .order_by(col(StoredMail.received_at).desc())
        .limit(_MOST_ENTRIES)
    )
    replies = (
        select(OutgoingReply, Controller.name)
        .join(Controller, col(Controller.id) == OutgoingReply.approved_by)
        .where(OutgoingReply.thread_id == row.thread_id)
        .order_by(col(OutgoingReply.id).desc())
        .limit(_MOST_ENTRIES)
    )
    entries = [
        ThreadEntry(
            mail_id=other.id,
            at=other.received_at,
            who=other.sender_name or other.sender_email,
            subject=other.subject,
            ours=other.is_sent or other.sender_email == mailbox.address.lower(),
            intents=labels(intents),
            in_mail_program=other.is_sent,
            is_automatic=other.automatic is not None,
        )
        for other, intents in session.exec(mails)
    ]
    entries += [
        ThreadEntry(
            mail_id=reply.mail_id,
            at=reply.delivered_at or reply.approved_at,
            who=name,
            subject=reply.subject,
            ours=True,
            intents=(),
            state=reply.state,
        )
        for reply, name in session.exec(replies)
    ]
    return tuple(sorted(entries, key=lambda entry: entry.at)[-_MOST_ENTRIES:])


def _possible(session: Session, row: StoredMail, thread: Thread) -> tuple[PossibleCase, ...]:
    """Threads that this one may belong to, or that may belong to it, as far as they still have mails; the newest first."""
    either = or_(col(Thread.id) == thread.possibly_same_as, col(Thread.possibly_same_as) == thread.id)
    counted = (
        sa.select(
            col(StoredMail.thread_id).label("thread_id"),
            sa.func.count().label("mails"),
            sa.func.max(col(StoredMail.id)).label("last_id"),
        )
        .join(Thread, col(Thread.id) == col(StoredMail.thread_id))
        .where(either, col(Thread.mailbox_id) == row.mailbox_id, col(StoredMail.is_sent).is_(False))
        .group_by(col(StoredMail.thread_id))
        .subquery()
    )
    wanted = (
        sa.select(StoredMail, Thread, counted.c.mails, col(CustomerRow.name))
        .join(counted, counted.c.last_id == col(StoredMail.id))
        .join(Thread, col(Thread.id) == counted.c.thread_id)
        .outerjoin(CustomerRow, col(CustomerRow.id) == col(Thread.customer_id))
        .order_by(col(StoredMail.id).desc())
        .limit(_MOST_POSSIBLE)
    )
    return tuple(
        PossibleCase(
            mail_id=last.id or 0,
            who=last.sender_name or last.sender_email,
            subject=last.subject,
            at=last.received_at,
            mails=mails,
            customer_name=name or "",
            other_customer=len({other.customer_id, thread.customer_id} - {None}) > 1,
        )
        for last, other, mails, name in session.execute(wanted)
    )


def _change(session: Session, thread: Thread) -> ThreadChange | None:
    wanted = (
        select(ThreadMove, Controller.name)
        .join(Controller, col(Controller.id) == ThreadMove.moved_by)
        .where(
            or_(ThreadMove.from_thread_id == thread.id, ThreadMove.to_thread_id == thread.id),
            col(ThreadMove.undone_at).is_(None),
        )
        .order_by(col(ThreadMove.id).desc())
        .limit(1)
    )
    found = session.exec(wanted).first()
    if found is None:
        return None
    move, name = found
    return ThreadChange(move.id or 0, move.kind is ThreadMoveKind.JOINED, name, move.moved_at, len(move.mail_ids))
