"""What every record made from an act has in common: who said it, where, and whether a controller confirmed it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from inbox_agent.db import EnumText, UtcDateTime
from inbox_agent.domain.act import Act
from inbox_agent.domain.ledger import InvoiceKind


class ProposalState(StrEnum):
    """A machine proposes; a controller confirms or rejects. What happens to it afterwards is the record's own state."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Proposal(SQLModel):
    """Columns of every record made from an act. `act_index` is its place in the reading's acts; `amount_minor` None: not stated."""

    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = Field(foreign_key="mail.id", index=True)
    triage_id: int = Field(foreign_key="triage.id", index=True)
    act_index: int
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    state: ProposalState = Field(default=ProposalState.PROPOSED, sa_type=EnumText(ProposalState))
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = Field(default="EUR", max_length=3)
    evidence: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: int | None = Field(default=None, foreign_key="controller.id")


class AboutInvoice(SQLModel):
    """Columns of the rows that tie a record to the invoices it is about. `number` stays when the ledger forgets the row."""

    id: int | None = Field(default=None, primary_key=True)
    invoice_id: int | None = Field(default=None, foreign_key="invoice.id", index=True)
    number: str = Field(max_length=64)
    kind: InvoiceKind = Field(default=InvoiceKind.INVOICE, sa_type=EnumText(InvoiceKind))


def common_columns(act: Act) -> dict[str, Any]:
    """The columns of `Proposal` that an act gives."""
    return {
        "amount_minor": act.amount.minor if act.amount else None,
        "currency": act.amount.currency if act.amount else "EUR",
        "evidence": act.evidence.text,
    }
