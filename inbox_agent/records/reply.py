"""Replies: what a controller approved, once, in the form in which it is sent."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, Text
from sqlmodel import Field, Session, SQLModel, col, select

from inbox_agent.db import EnumText, UtcDateTime


class ReplyState(StrEnum):
    """approved -> (hold window) -> delivering -> delivered | uncertain | failed. *delivering* is committed before anything is sent.

    withdrawn: its controller took it back within the hold window. returned: what it rests on changed meanwhile, so it went
    back to its controller with the reason. uncertain: it may or may not have left; only a person may decide to send it again.
    """

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class OutgoingReply(SQLModel, table=True):
    """An approved reply. `message_id` is made at approval and never changes. `body` is None once erased.

    Not sent before `send_after`. `signature` and `quoted` (the mail that it answers, marked as quoted) stand below `body`, as
    they were at approval. `basis` is what the reply rests on (`domain.basis`), compared again at the moment of sending
    (`pipeline/recheck.py`); "resent" in it says that a person had it sent again, and in which state it was then.
    """

    __tablename__ = "outgoing_reply"
    __table_args__ = (Index("ix_outgoing_reply_recent", "mailbox_id", "approved_at"),)
    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = Field(foreign_key="mail.id", index=True)
    thread_id: int | None = Field(default=None, foreign_key="thread.id", index=True)
    mailbox_id: int = Field(foreign_key="mailbox.id", index=True)
    review_id: int = Field(foreign_key="review.id")
    message_id: str = Field(max_length=300, unique=True)
    in_reply_to: str = Field(default="", max_length=1000)
    references: list[str] = Field(default_factory=list, sa_type=JSON)
    recipients: list[str] = Field(default_factory=list, sa_type=JSON)
    cc: list[str] = Field(default_factory=list, sa_type=JSON)
    subject: str = Field(default="", sa_type=Text)
    body: str | None = Field(default=None, sa_type=Text)
    signature: str = Field(default="", sa_type=Text)
    quoted: str = Field(default="", sa_type=Text)
    basis: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: ReplyState = Field(default=ReplyState.APPROVED, sa_type=EnumText(ReplyState), index=True)
    problem: str = Field(default="", sa_type=Text)
    approved_by: int = Field(foreign_key="controller.id")
    approved_at: datetime = Field(sa_type=UtcDateTime)
    send_after: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class ReplyAttachment(SQLModel, table=True):
    """A file that goes with a reply; its bytes lie among the raw mail, by their SHA-256."""

    __tablename__ = "reply_attachment"
    reply_id: int = Field(foreign_key="outgoing_reply.id", primary_key=True)
    position: int = Field(primary_key=True)
    name: str = Field(max_length=255)
    content_type: str = Field(max_length=127)
    size: int
    raw_sha256: str = Field(foreign_key="raw_mail.sha256", index=True, max_length=64)


_NEVER_LEFT = (ReplyState.WITHDRAWN, ReplyState.RETURNED, ReplyState.FAILED)


def too_often(
    session: Session, mailbox_id: int, addresses: Iterable[str], since: datetime, most: int, besides: int = 0
) -> str:
    """The first of these addresses for which `most` replies left, or are about to, since then; "" when there is none.

    The reply `besides` is not counted. One query, by index.
    """
    wanted = select(OutgoingReply.recipients, OutgoingReply.cc).where(
        OutgoingReply.mailbox_id == mailbox_id,
        OutgoingReply.approved_at > since,
        OutgoingReply.id != besides,
        col(OutgoingReply.state).not_in(_NEVER_LEFT),
    )
    counted = Counter(one.lower() for to, cc in session.exec(wanted) for one in {*to, *cc})
    return next((address for address in addresses if counted[address.lower()] >= most), "")
