"""What becomes of an approved reply until it has left: taken back within its hold, sent again, settled by a person.

Each function is one transaction's work; the caller commits, or rolls back when it raises.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from inbox_agent.domain.errors import Conflict, NotAllowed, NotFound
from inbox_agent.durable import Queue
from inbox_agent.records import reopening
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.people import Controller
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import Review
from inbox_agent.review.files import files_of
from inbox_agent.review.views import DecisionKind, ReplyView, Viewer
from inbox_agent.review.visible import visible_mail, visible_reply


@dataclass(frozen=True, slots=True)
class HeldReply:
    """A reply that can still be taken back. `seconds_left` is zero once it may be sent at any moment."""

    mail_id: int
    reply_id: int
    recipients: tuple[str, ...]
    seconds_left: int


def last_reply(session: Session, mail_id: int) -> ReplyView | None:
    """The last reply that was approved to this mail, whatever became of it."""
    wanted = (
        select(OutgoingReply, Controller.name)
        .join(Controller, col(Controller.id) == OutgoingReply.approved_by)
        .where(OutgoingReply.mail_id == mail_id)
        .order_by(col(OutgoingReply.id).desc())
        .limit(1)
    )
    found = session.exec(wanted).first()
    if found is None:
        return None
    reply, approved_by = found
    return ReplyView(
        reply_id=reply.id or 0,
        message_id=reply.message_id,
        recipients=tuple(reply.recipients),
        subject=reply.subject,
        body=reply.body,
        state=reply.state,
        problem=reply.problem,
        approved_by=approved_by,
        approved_at=reply.approved_at,
        delivered_at=reply.delivered_at,
        send_after=reply.send_after,
        cc=tuple(reply.cc),
        signature=reply.signature,
        quoted=reply.quoted,
        files=files_of(session, reply.id or 0),
        may_have_left=may_have_left(reply),
    )


def held(session: Session, viewer: Viewer, mail_id: int, now: datetime) -> HeldReply | None:
    """The reply to this mail while it can be taken back; None when there is none, or the mail is not the viewer's."""
    try:
        row = visible_mail(session, viewer, mail_id)
    except NotFound:
        return None
    wanted = select(OutgoingReply).where(OutgoingReply.mail_id == row.id).order_by(col(OutgoingReply.id).desc())
    reply = session.exec(wanted.limit(1)).first()
    if reply is None or not _can_be_withdrawn(reply):
        return None
    left = max(0, -int((now - reply.send_after).total_seconds() // 1))
    return HeldReply(mail_id, reply.id or 0, (*reply.recipients, *reply.cc), left)


def withdraw(session: Session, viewer: Viewer, reply_id: int, now: datetime) -> None:
    """Takes back a reply that nobody began to send: its mail is open again, its records are proposals, its text is kept.

    Raises `NotFound`; `Conflict` when it is too late.
    """
    reply = visible_reply(session, viewer, reply_id)
    if not _can_be_withdrawn(reply):
        raise Conflict(
            "It is too late to take this reply back: it is being sent, or was sent already. Reload the mail."
        )
    row = visible_mail(session, viewer, reply.mail_id)
    _review(session, viewer, row, DecisionKind.WITHDRAWN, now)
    reply.state, reply.changed_at = ReplyState.WITHDRAWN, now
    reopening.reopen(session, row, now)


def resend(session: Session, viewer: Viewer, reply_id: int, queue: Queue, now: datetime) -> None:
    """Sends a failed or uncertain reply once more, because a person decided so. The Message-ID stays the same, and the sent
    mail is looked through for it before anything is sent.

    Raises `NotFound`; `Conflict` when the reply is in another state; `NotAllowed` when its text was erased.
    """
    reply = visible_reply(session, viewer, reply_id)
    if reply.state not in (ReplyState.FAILED, ReplyState.UNCERTAIN):
        raise Conflict("This reply is being sent, or was sent already. Reload the mail.")
    if reply.body is None:
        raise NotAllowed("The text of this reply was erased, so it cannot be sent again.")
    row = visible_mail(session, viewer, reply.mail_id)
    counted = select(func.count()).where(Review.mail_id == row.id, Review.decision == DecisionKind.RESENT)
    attempt = 2 + session.exec(counted).one()
    _review(session, viewer, row, DecisionKind.RESENT, now)
    reply.basis = {**reply.basis, "resent": reply.state.value}
    reply.state, reply.problem, reply.send_after, reply.changed_at = ReplyState.APPROVED, "", now, now
    row.changed_at = now
    queue.deliver(session, reply_id, attempt)


def mark_delivered(session: Session, viewer: Viewer, reply_id: int, now: datetime) -> None:
    """Notes that an uncertain reply did leave, as a person found out; `now` stands as its instant.

    Raises `NotFound`; `Conflict` when it is not uncertain.
    """
    reply = visible_reply(session, viewer, reply_id)
    if reply.state is not ReplyState.UNCERTAIN:
        raise Conflict("It is known by now what became of this reply. Reload the mail.")
    row = visible_mail(session, viewer, reply.mail_id)
    _review(session, viewer, row, DecisionKind.MARKED_DELIVERED, now)
    reply.state, reply.problem, reply.delivered_at, reply.changed_at = ReplyState.DELIVERED, "", now, now
    row.changed_at = now


def may_have_left(reply: OutgoingReply) -> bool:
    """Whether an attempt to send it had no certain end, as far as is known by now."""
    return reply.state is not ReplyState.DELIVERED and reply.basis.get("resent") == ReplyState.UNCERTAIN


def _can_be_withdrawn(reply: OutgoingReply) -> bool:
    return reply.state is ReplyState.APPROVED and not may_have_left(reply)


def _review(session: Session, viewer: Viewer, row: StoredMail, kind: DecisionKind, now: datetime) -> None:
    session.add(Review(mail_id=row.id or 0, controller_id=viewer.controller_id, decision=kind.value, decided_at=now))
