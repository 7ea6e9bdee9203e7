"""Replies that only a person can settle: they failed, nobody knows whether they left, or they came back. The mails of the
first two count as decided, so without this list nobody would look at them again."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, and_, col, or_, select

from inbox_agent.records.mail import StoredMail
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.review.views import Viewer

_MOST = 20
_UNSETTLED = (ReplyState.UNCERTAIN, ReplyState.FAILED)


@dataclass(frozen=True, slots=True)
class UnsettledReply:
    """One such reply: the mail that it answers, who it was for, and what is wrong."""

    mail_id: int
    recipients: tuple[str, ...]
    state: ReplyState
    since: datetime


def unsettled_replies(session: Session, viewer: Viewer) -> tuple[UnsettledReply, ...]:
    """Failed and uncertain replies of the viewer's mailboxes, and those that came back to a mail that still waits, the oldest
    twenty, oldest first. One query, by index."""
    came_back = and_(OutgoingReply.state == ReplyState.RETURNED, col(StoredMail.decided_at).is_(None))
    wanted = (
        select(OutgoingReply)
        .join(StoredMail, col(StoredMail.id) == OutgoingReply.mail_id)
        .where(
            col(OutgoingReply.state).in_((*_UNSETTLED, ReplyState.RETURNED)),
            or_(col(OutgoingReply.state).in_(_UNSETTLED), came_back),
            col(OutgoingReply.mailbox_id).in_(viewer.mailbox_ids),
        )
        .order_by(col(OutgoingReply.id))
        .limit(_MOST)
    )
    last = {reply.mail_id: reply for reply in session.exec(wanted)}  # one that came back may have come back again
    return tuple(
        UnsettledReply(reply.mail_id, tuple(reply.recipients), reply.state, reply.changed_at) for reply in last.values()
    )
