"""Tasks: something a person has to do because a mail asks for it."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field

from inbox_agent.db import EnumText
from inbox_agent.domain.act import Act
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.records.proposal import AboutInvoice, Proposal, common_columns


class TaskProgress(StrEnum):
    """Whether a confirmed task is done."""

    OPEN = "open"
    DONE = "done"


class Task(Proposal, table=True):
    """One thing to do, named by the intent that asks for it. `on_date` is the act's date (paid on, first instalment, …)."""

    intent: Intent = Field(sa_type=EnumText(Intent))
    on_date: date | None = None
    progress: TaskProgress = Field(default=TaskProgress.OPEN, sa_type=EnumText(TaskProgress))


class TaskInvoice(AboutInvoice, table=True):
    """An invoice that the task is about."""

    __tablename__ = "task_invoice"
    task_id: int = Field(foreign_key="task.id", index=True)


def propose(act: Act, act_index: int, mail_id: int, triage_id: int, customer_id: int | None, now: datetime) -> Task:
    """The task that any other act proposes."""
    return Task(
        intent=act.intent,
        on_date=act.date,
        mail_id=mail_id,
        triage_id=triage_id,
        act_index=act_index,
        customer_id=customer_id,
        created_at=now,
        **common_columns(act),
    )
