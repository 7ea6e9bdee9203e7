"""Replies that only a person can settle: they failed, or nobody knows whether they left. Their mails count as decided,
so without this list nobody would look at them again."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.review.views import Viewer

_MOST = 20


@dataclass(frozen=True, slots=True)
class UnsettledReply:
    """One such reply: the mail that it answers, who it was for, and what is wrong."""

    mail_id: int
    recipients: tuple[str, ...]
    state: ReplyState
    since: datetime


def unsettled_replies(session: Session, viewer: Viewer) -> tuple[UnsettledReply, ...]:
    """Failed and uncertain replies of the viewer's mailboxes, the oldest twenty, oldest first. One query, by index."""
    wanted = (
        select(OutgoingReply)
        .where(
            col(OutgoingReply.state).in_((ReplyState.UNCERTAIN, ReplyState.FAILED)),
            col(OutgoingReply.mailbox_id).in_(viewer.mailbox_ids),
        )
        .order_by(col(OutgoingReply.id))
        .limit(_MOST)
    )
    return tuple(
        UnsettledReply(reply.mail_id, tuple(reply.recipients), reply.state, reply.changed_at)
        for reply in session.exec(wanted)
    )
