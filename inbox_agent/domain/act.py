"""Acts: the single things a mail says, each with its evidence (guide, "Acts")."""

import datetime
from dataclasses import dataclass, field
from enum import StrEnum

from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, EntityKind, Intent


class Source(StrEnum):
    """Where evidence stands."""

    BODY = "body"
    SUBJECT = "subject"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim stretch of the mail.

    `text == source[start:end]`, where source is `Mail.text`, `Mail.subject`, or the text of `Mail.attachments[attachment]`.
    `strength` (0..1) is how clearly the classifier sees it said there; equal evidence may be seen more or less clearly.
    """

    text: str
    start: int
    end: int
    source: Source = Source.BODY
    attachment: int = -1
    strength: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True)
class Entity:
    """A number as written in new text, subject or attachment."""

    kind: EntityKind
    evidence: Evidence


class LinkReason(StrEnum):
    """Why a ledger row is meant."""

    NUMBER = "number"
    NUMBER_VARIANT = "number_variant"
    AMOUNT = "amount"
    PURCHASE_ORDER = "purchase_order"
    PERIOD = "period"
    QUOTED = "quoted"
    SUBJECT = "subject"
    ALL_OPEN = "all_open"
    ONLY_OPEN = "only_open"
    NEARBY = "nearby"
    ATTACHED = "attached"
    DATE = "date"
    SUM = "sum"
    DESCRIPTION = "description"
    POSITION = "position"
    OTHERS = "others"
    OVERDUE = "overdue"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class InvoiceLink:
    """A ledger row that an act is about, and why; `mention` is the words that led there ("" if none)."""

    number: str
    reason: LinkReason
    mention: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing said. `date` and `amount` mean what the guide says they mean for this intent; None when not stated."""

    intent: Intent
    evidence: Evidence
    invoices: tuple[InvoiceLink, ...] = ()
    reason: DisputeReason | None = None
    amount: Money | None = None
    date: datetime.date | None = None
