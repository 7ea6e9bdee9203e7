"""Mailboxes: where mail comes from, how far it was read, and how the last attempt went."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from inbox_agent.db import EnumText, UtcDateTime


class MailboxKind(StrEnum):
    """Which adapter opens it."""

    FOLDER = "folder"
    IMAP = "imap"


class Mailbox(SQLModel, table=True):
    """A shared mailbox. `options` are the adapter's own (host, port, user name, where its secret is kept): never a secret."""

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


class MailboxCompany(SQLModel, table=True):
    """Which own companies' customers write to a mailbox; the first by `position` signs replies when none is known.
    A mailbox without any serves all."""

    __tablename__ = "mailbox_company"
    mailbox_id: int = Field(foreign_key="mailbox.id", primary_key=True)
    company_id: int = Field(foreign_key="company.id", primary_key=True, index=True)
    position: int = 0
