"""Worker slots: which worker lives, so that another can take over what a dead one left, and what it reads with."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from inbox_agent.db import UtcDateTime


class WorkerSlot(SQLModel, table=True):
    """One running worker. Its executor id in the durable engine is `worker-<slot>`.

    `model_version` is the classifier that it reads with; `model_problem` why that is not the one that is in force.
    """

    __tablename__ = "worker_slot"
    slot: int = Field(primary_key=True)
    process: str = Field(default="", max_length=200)
    beat_at: datetime = Field(sa_type=UtcDateTime)
    model_version: str = Field(default="", max_length=100)
    model_problem: str = Field(default="", sa_type=Text)
