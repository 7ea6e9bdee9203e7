"""Disputes: a contested invoice, or part of one."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field

from inbox_agent.db import EnumText, UtcDateTime
from inbox_agent.domain.act import Act
from inbox_agent.domain.taxonomy import DisputeReason
from inbox_agent.records.proposal import AboutInvoice, Proposal, common_columns


class DisputeProgress(StrEnum):
    """How far a confirmed dispute is (DOMAIN §4)."""

    OPEN = "open"
    RESOLVED = "resolved"


class Dispute(Proposal, table=True):
    """One contested thing. `amount_minor` is the contested part, None when the whole invoice or not stated."""

    reason: DisputeReason = Field(sa_type=EnumText(DisputeReason))
    progress: DisputeProgress = Field(default=DisputeProgress.OPEN, sa_type=EnumText(DisputeProgress))
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DisputeInvoice(AboutInvoice, table=True):
    """An invoice that the dispute is about."""

    __tablename__ = "dispute_invoice"
    dispute_id: int = Field(foreign_key="dispute.id", index=True)


def propose(act: Act, act_index: int, mail_id: int, triage_id: int, customer_id: int | None, now: datetime) -> Dispute:
    """The dispute that an act of intent `dispute` proposes; a reason that was not read is `other`."""
    return Dispute(
        reason=act.reason or DisputeReason.OTHER,
        mail_id=mail_id,
        triage_id=triage_id,
        act_index=act_index,
        customer_id=customer_id,
        created_at=now,
        **common_columns(act),
    )
