"""Promises to pay: a commitment with a date, watched against payments."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field

from inbox_agent.db import EnumText
from inbox_agent.domain.act import Act
from inbox_agent.records.proposal import AboutInvoice, Proposal, common_columns


class PromiseProgress(StrEnum):
    """How a confirmed promise went."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


class Promise(Proposal, table=True):
    """One promise. `promised_on` is None when the mail's date could not be resolved: a controller fills it in."""

    promised_on: date | None = None
    progress: PromiseProgress = Field(default=PromiseProgress.OPEN, sa_type=EnumText(PromiseProgress))


class PromiseInvoice(AboutInvoice, table=True):
    """An invoice that the promise is about."""

    __tablename__ = "promise_invoice"
    promise_id: int = Field(foreign_key="promise.id", index=True)


def propose(act: Act, act_index: int, mail_id: int, triage_id: int, customer_id: int | None, now: datetime) -> Promise:
    """The promise that an act of intent `promise_to_pay` proposes."""
    return Promise(
        promised_on=act.date,
        mail_id=mail_id,
        triage_id=triage_id,
        act_index=act_index,
        customer_id=customer_id,
        created_at=now,
        **common_columns(act),
    )
