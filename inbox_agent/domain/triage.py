"""The machine's reading of one mail, complete and immutable."""

from dataclasses import dataclass

from inbox_agent.domain.act import Act, Entity, Evidence
from inbox_agent.domain.draft import Draft
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.taxonomy import Intent, Tone
from inbox_agent.domain.text import MailText


@dataclass(frozen=True, slots=True)
class IntentScore:
    """One intent that the mail has. `probability` in 0..1; `evidence` is where the mail says it, at least one where known."""

    intent: Intent
    probability: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Classification:
    """What the classifier reads. `intents` is never empty; `confidence` (0..1) is that the whole set is right."""

    intents: tuple[IntentScore, ...]
    tone: Tone
    requires_reply: bool
    confidence: float
    model_version: str

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
    """Everything the machine made of one mail."""

    text: MailText
    ledger: Ledger
    classification: Classification
    extraction: Extraction
    draft: Draft | None
