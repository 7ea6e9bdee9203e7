"""Worker slots: which worker lives, so that another can take over what a dead one left."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from inbox_agent.db import UtcDateTime


class WorkerSlot(SQLModel, table=True):
    """One running worker. Its executor id in the durable engine is `worker-<slot>`."""

    __tablename__ = "worker_slot"
    slot: int = Field(primary_key=True)
    process: str = Field(default="", max_length=200)
    beat_at: datetime = Field(sa_type=UtcDateTime)
