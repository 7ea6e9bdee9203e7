"""Mailboxes: where mail comes from, how far it was read, and how the last attempt went."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from inbox_agent.db import EnumText, UtcDateTime
from inbox_agent.domain.taxonomy import Language


class MailboxKind(StrEnum):
    """Which adapter opens it."""

    FOLDER = "folder"
    IMAP = "imap"
    GRAPH = "graph"


class Mailbox(SQLModel, table=True):
    """A shared mailbox. `options` are the adapter's own (host, folders, where its secret is kept): never a secret.

    `language` ("" : the mail's own) is what replies are written in when the mail's language is unclear; `signature` stands
    below every reply. `sign_in_expires_at` is when the way in ends, where that can be known. `notified_at` moves when the
    server said that something arrived: an accelerator, never the truth. `audited_at` is the last comparison with the server.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=64, unique=True)
    address: str = Field(max_length=320)
    display_name: str = Field(default="", max_length=200)
    kind: MailboxKind = Field(sa_type=EnumText(MailboxKind))
    options: dict[str, Any] = Field(sa_type=JSON)
    active: bool = True
    cursor: str = Field(default="", sa_type=Text)
    fetched_count: int = 0
    polled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str = Field(default="", sa_type=Text)
    problem_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    language: str = Field(default="", max_length=2)
    signature: str = Field(default="", sa_type=Text)
    sign_in_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    notified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    audited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def usual_language(self) -> Language | None:
        """What replies are written in when a mail's language is unclear; None: as it seems."""
        return Language(self.language) if self.language else None


class MailboxCompany(SQLModel, table=True):
    """Which own companies' customers write to a mailbox; the first by `position` signs replies when none is known.
    A mailbox without any serves all."""

    __tablename__ = "mailbox_company"
    mailbox_id: int = Field(foreign_key="mailbox.id", primary_key=True)
    company_id: int = Field(foreign_key="company.id", primary_key=True, index=True)
    position: int = 0


class MailboxDay(SQLModel, table=True):
    """How many mails a mailbox's folders held on the server of those that arrived on a day (UTC), when last compared.
    A day without a row was not compared."""

    __tablename__ = "mailbox_day"
    mailbox_id: int = Field(foreign_key="mailbox.id", primary_key=True)
    day: date = Field(primary_key=True)
    on_server: int
    compared_at: datetime = Field(sa_type=UtcDateTime)


class DifferenceKind(StrEnum):
    """missing: on the server, not taken in. departed: taken in, no longer in its folder (moved or deleted there)."""

    MISSING = "missing"
    DEPARTED = "departed"


class MailboxDifference(SQLModel, table=True):
    """One mail by which the server and the product differ, as last compared. `mail_id` is None for what was not taken in."""

    __tablename__ = "mailbox_difference"
    id: int | None = Field(default=None, primary_key=True)
    mailbox_id: int = Field(foreign_key="mailbox.id", index=True)
    day: date
    kind: DifferenceKind = Field(sa_type=EnumText(DifferenceKind))
    source_key: str = Field(max_length=500)
    message_id: str = Field(default="", max_length=1000)
    mail_id: int | None = Field(default=None, foreign_key="mail.id")
    noticed_at: datetime = Field(sa_type=UtcDateTime)


class MailboxSubscription(SQLModel, table=True):
    """A change notification that a server was asked to send (Microsoft Graph). `client_state_hash`: SHA-256 of the secret
    that it has to repeat."""

    __tablename__ = "mailbox_subscription"
    subscription_id: str = Field(max_length=200, primary_key=True)
    mailbox_id: int = Field(foreign_key="mailbox.id", index=True)
    resource: str = Field(max_length=500)
    client_state_hash: str = Field(max_length=64)
    expires_at: datetime = Field(sa_type=UtcDateTime)
