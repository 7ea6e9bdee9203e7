"""Mail as the product keeps it: one row a message of a mailbox, its decoded content, and its thread."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import JSON, Index, Text
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col

from inbox_agent.db import EnumText, UtcDateTime
from inbox_agent.domain.mail import Automatic, Mail

_MAIL = TypeAdapter(Mail)


class MailState(StrEnum):
    """How far the machine is. Every fetched mail ends as triaged, parked or ignored: nothing is dropped."""

    FETCHED = "fetched"
    TRIAGED = "triaged"
    PARKED = "parked"
    IGNORED = "ignored"


class Thread(SQLModel, table=True):
    """Mails of one case with one correspondent. Another customer's answer never joins it.

    `subject_key` is the subject without what mail programs put before it ("Re:", "AW:"), to find the same case again.
    """

    __table_args__ = (Index("ix_thread_case", "mailbox_id", "customer_id", "subject_key"),)
    id: int | None = Field(default=None, primary_key=True)
    mailbox_id: int = Field(foreign_key="mailbox.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    subject: str = Field(default="", sa_type=Text)
    subject_key: str = Field(default="", max_length=200)
    assigned_to: int | None = Field(default=None, foreign_key="controller.id", index=True)
    possibly_same_as: int | None = Field(default=None, foreign_key="thread.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class StoredMail(SQLModel, table=True):
    """One message of one mailbox. `source_key` is its identity there; Message-ID only notices copies.

    `state_reason` says why it is parked or ignored. `decided_at` is None while a controller still has to look at it.
    `changed_at` moves with every change that a queue shows. `chosen_customer_id`: a person said whose mail this is.
    `folder` is where it lies in the mailbox; `gone_at` when it was noticed to lie there no longer. `is_sent`: it left from
    this mailbox (a colleague wrote in the mail program); `answered_by_mail_id` is such a mail that answers this one.
    `copy_of` is the mail that this one repeats, here or in another mailbox. `content_sha256` tells copies whose way differed.
    `conversation` is the server's own id of the conversation (Graph).
    """

    __tablename__ = "mail"
    __table_args__ = (
        UniqueConstraint("mailbox_id", "source_key"),
        Index("ix_mail_queue", "mailbox_id", "decided_at", "state", "received_at"),
        Index("ix_mail_received", "mailbox_id", "received_at"),
        Index("ix_mail_changed", "mailbox_id", "changed_at"),
        Index("ix_mail_message_id", "mailbox_id", "message_id"),
        Index("ix_mail_sender", "mailbox_id", "sender_email"),
        Index("ix_mail_conversation", "mailbox_id", "conversation"),
    )
    id: int | None = Field(default=None, primary_key=True)
    mailbox_id: int = Field(foreign_key="mailbox.id")
    source_key: str = Field(max_length=500)
    raw_sha256: str = Field(foreign_key="raw_mail.sha256", index=True, max_length=64)
    thread_id: int | None = Field(default=None, foreign_key="thread.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    chosen_customer_id: int | None = Field(default=None, foreign_key="customer.id")
    message_id: str = Field(default="", max_length=1000)
    sender_email: str = Field(default="", max_length=320)
    sender_name: str = Field(default="", sa_type=Text)
    subject: str = Field(default="", sa_type=Text)
    automatic: Automatic | None = Field(default=None, sa_type=EnumText(Automatic))
    received_at: datetime = Field(sa_type=UtcDateTime)
    received_on: date
    fetched_at: datetime = Field(sa_type=UtcDateTime)
    triaged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: MailState = Field(sa_type=EnumText(MailState))
    state_reason: str = Field(default="", sa_type=Text)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: int | None = Field(default=None, foreign_key="controller.id")
    handled_in_mailbox: bool = False
    folder: str = Field(default="", max_length=400)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_sent: bool = False
    answered_by_mail_id: int | None = Field(default=None, foreign_key="mail.id", index=True)
    copy_of: int | None = Field(default=None, foreign_key="mail.id", index=True)
    content_sha256: str = Field(default="", max_length=64, index=True)
    conversation: str = Field(default="", max_length=500)
    version: int = 1
    changed_at: datetime = Field(sa_type=UtcDateTime)


class MailContent(SQLModel, table=True):
    """The decoded mail, apart from its row so that a queue never reads bodies. `mail` is None once erased."""

    __tablename__ = "mail_content"
    mail_id: int = Field(foreign_key="mail.id", primary_key=True)
    mail: dict[str, Any] | None = Field(default=None, sa_column=sa.Column(JSON(none_as_null=True), nullable=True))

    @classmethod
    def of(cls, mail_id: int, mail: Mail) -> "MailContent":
        """The row for a decoded mail."""
        return cls(mail_id=mail_id, mail=_MAIL.dump_python(mail, mode="json"))

    def read(self) -> Mail | None:
        """The decoded mail, or None once erased."""
        return None if self.mail is None else _MAIL.validate_python(self.mail, strict=False)


class ThreadInvoice(SQLModel, table=True):
    """An invoice that a thread is about, so that the same case is found again."""

    __tablename__ = "thread_invoice"
    thread_id: int = Field(foreign_key="thread.id", primary_key=True)
    invoice_id: int = Field(foreign_key="invoice.id", primary_key=True, index=True)


class ThreadMoveKind(StrEnum):
    """joined: all of one thread went into another. split: some mails became a thread of their own."""

    JOINED = "joined"
    SPLIT = "split"


class ThreadMove(SQLModel, table=True):
    """That a person joined or split threads, with what moved, so that it can be undone."""

    __tablename__ = "thread_move"
    id: int | None = Field(default=None, primary_key=True)
    kind: ThreadMoveKind = Field(sa_type=EnumText(ThreadMoveKind))
    from_thread_id: int = Field(foreign_key="thread.id", index=True)
    to_thread_id: int = Field(foreign_key="thread.id", index=True)
    mail_ids: list[int] = Field(default_factory=list, sa_type=JSON)
    reply_ids: list[int] = Field(default_factory=list, sa_type=JSON)
    moved_by: int = Field(foreign_key="controller.id")
    moved_at: datetime = Field(sa_type=UtcDateTime)
    undone_by: int | None = Field(default=None, foreign_key="controller.id")
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MailReference(SQLModel, table=True):
    """A Message-ID that a mail names in References or In-Reply-To, so that threads are found by index."""

    __tablename__ = "mail_reference"
    mail_id: int = Field(foreign_key="mail.id", primary_key=True)
    message_id: str = Field(max_length=1000, primary_key=True, index=True)


def content_of(session: Session, mail_id: int) -> Mail | None:
    """The decoded mail, or None once erased."""
    row = session.get(MailContent, mail_id)
    return None if row is None else row.read()


def has_written_before(session: Session, row: StoredMail) -> bool:
    """Whether an earlier mail of the mailbox came from the very same address."""
    earlier = sa.select(col(StoredMail.id)).where(
        col(StoredMail.mailbox_id) == row.mailbox_id,
        col(StoredMail.sender_email) == row.sender_email,
        col(StoredMail.received_at) < row.received_at,
    )
    return session.scalar(earlier.limit(1)) is not None
