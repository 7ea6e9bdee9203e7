"""The machine's reading of one mail, complete and immutable."""

from dataclasses import dataclass

from inbox_agent.domain.act import Act, Entity, Evidence
from inbox_agent.domain.danger import DangerSign
from inbox_agent.domain.draft import Draft
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Tone
from inbox_agent.domain.text import MailText


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A mail that the classifier learnt from. `similarity` in -1..1 to the mail read; `text` is how it begins ("" if kept back)."""

    id: str
    similarity: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class IntentScore:
    """One intent that the mail has. `probability` in 0..1; `evidence` is where the mail says it, at least one where known.

    `threshold` is the probability from which the intent counts as said; `nearest` are the most similar mails among those
    that the classifier learnt this intent from. `further` places may say it too, too faintly to be shown as evidence.
    """

    intent: Intent
    probability: float
    evidence: tuple[Evidence, ...] = ()
    threshold: float = 0.5
    nearest: tuple[Neighbour, ...] = ()
    further: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ReasonScore:
    """Why a mail disputes. `probability` in 0..1; `evidence` is where the mail says it."""

    reason: DisputeReason
    probability: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Classification:
    """What the classifier reads. `intents` is never empty; `confidence` (0..1) is that the whole set is right.

    `reasons` are those of the mail's disputes, likeliest first; empty where the classifier does not tell.
    """

    intents: tuple[IntentScore, ...]
    tone: Tone
    requires_reply: bool
    confidence: float
    model_version: str
    reasons: tuple[ReasonScore, ...] = ()

    @property
    def labels(self) -> tuple[Intent, ...]:
        """The intents alone, in order."""
        return tuple(score.intent for score in self.intents)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What the extractor reads."""

    acts: tuple[Act, ...]
    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Triage:
    """Everything the machine made of one mail. `dangers` are signs of fraud with bank details, the gravest first."""

    text: MailText
    ledger: Ledger
    classification: Classification
    extraction: Extraction
    draft: Draft | None
    dangers: tuple[DangerSign, ...] = ()
