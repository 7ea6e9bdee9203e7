"""Replies: what a controller approved, once, in the form in which it is sent."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from inbox_agent.db import EnumText, UtcDateTime


class ReplyState(StrEnum):
    """approved -> delivering -> delivered | uncertain | failed. *delivering* is committed before anything is sent.

    uncertain: it may or may not have left; only a person may decide to send it again.
    """

    APPROVED = "approved"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class OutgoingReply(SQLModel, table=True):
    """An approved reply. `message_id` is made at approval and never changes. `body` is None once erased."""

    __tablename__ = "outgoing_reply"
    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = Field(foreign_key="mail.id", index=True)
    thread_id: int | None = Field(default=None, foreign_key="thread.id", index=True)
    mailbox_id: int = Field(foreign_key="mailbox.id", index=True)
    review_id: int = Field(foreign_key="review.id")
    message_id: str = Field(max_length=300, unique=True)
    in_reply_to: str = Field(default="", max_length=1000)
    references: list[str] = Field(default_factory=list, sa_type=JSON)
    recipients: list[str] = Field(default_factory=list, sa_type=JSON)
    subject: str = Field(default="", sa_type=Text)
    body: str | None = Field(default=None, sa_type=Text)
    state: ReplyState = Field(default=ReplyState.APPROVED, sa_type=EnumText(ReplyState), index=True)
    problem: str = Field(default="", sa_type=Text)
    approved_by: int = Field(foreign_key="controller.id")
    approved_at: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
