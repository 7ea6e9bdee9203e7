"""What the machine read: one immutable row a reading, with the model that made it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from inbox_agent.db import EnumText, UtcDateTime
from inbox_agent.domain.recognition import Certainty
from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.triage import Triage

_TRIAGE = TypeAdapter(Triage)


class TriageRow(SQLModel, table=True):
    """One reading of one mail; a later reading is another row. `reading` is None once erased.

    `intents` repeats the labels, comma-separated, so that a queue never reads whole readings; so do `certainty` (who writes)
    and `is_dangerous` (it bears danger signs). `seconds` is how long it took.
    """

    __tablename__ = "triage"
    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = Field(foreign_key="mail.id", index=True)
    model_version: str = Field(max_length=100)
    language: Language = Field(sa_type=EnumText(Language))
    intents: str = Field(default="", max_length=400)
    confidence: float
    requires_reply: bool
    has_draft: bool
    certainty: Certainty | None = Field(default=None, sa_type=EnumText(Certainty))
    is_dangerous: bool = False
    reading: dict[str, Any] | None = Field(default=None, sa_column=sa.Column(JSON(none_as_null=True), nullable=True))
    seconds: float
    created_at: datetime = Field(sa_type=UtcDateTime)

    @classmethod
    def of(cls, mail_id: int, triage: Triage, seconds: float, now: datetime) -> "TriageRow":
        """The row for a reading."""
        return cls(
            mail_id=mail_id,
            model_version=triage.classification.model_version,
            language=triage.text.language,
            intents=",".join(triage.classification.labels),
            confidence=triage.classification.confidence,
            requires_reply=triage.classification.requires_reply,
            has_draft=triage.draft is not None,
            certainty=triage.ledger.certainty,
            is_dangerous=bool(triage.dangers),
            reading=_TRIAGE.dump_python(triage, mode="json"),
            seconds=seconds,
            created_at=now,
        )

    def read(self) -> Triage | None:
        """The reading, or None once erased."""
        return None if self.reading is None else _TRIAGE.validate_python(self.reading, strict=False)


class Review(SQLModel, table=True):
    """What a controller decided about a mail, against the reading it was shown. Never changed afterwards.

    `changes` holds what differs from the reading: `intents`, `records` (accepted or not), `subject`/`body` of the reply.
    """

    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = Field(foreign_key="mail.id", index=True)
    triage_id: int | None = Field(default=None, foreign_key="triage.id", index=True)
    controller_id: int = Field(foreign_key="controller.id", index=True)
    decision: str = Field(max_length=32)
    reason: str = Field(default="", sa_type=Text)
    changes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    decided_at: datetime = Field(sa_type=UtcDateTime)
