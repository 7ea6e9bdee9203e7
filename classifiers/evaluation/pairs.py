"""What is compared: what a person labelled in a mail, and what was read in it."""

from dataclasses import dataclass

from classifiers.sample import Sample
from inbox_agent.domain.guide import Gold
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Language, Tone
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, Extraction


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one mail; None: not labelled.

    `reasons` has that of each dispute act, so one that two acts share stands there twice.
    """

    language: Language
    intents: frozenset[Intent]
    reasons: tuple[DisputeReason, ...] = ()
    tone: Tone | None = None
    requires_reply: bool | None = None
    reply_text: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one mail; None: this reader does not read it. `confidence` (0..1) is that the set is right."""

    intents: frozenset[Intent]
    confidence: float
    reasons: frozenset[DisputeReason] | None = None
    tone: Tone | None = None
    requires_reply: bool | None = None
    reply_text: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"A confidence lies in 0..1, not {self.confidence}.")


@dataclass(frozen=True, slots=True)
class Pair:
    """One mail: what it says and what was read."""

    labels: Labels
    reading: Reading

    @property
    def is_exact(self) -> bool:
        """Whether the whole set of intents is right."""
        return self.labels.intents == self.reading.intents


def labels_of_gold(gold: Gold) -> Labels:
    """The labels of a guide record."""
    return Labels(
        language=gold.language,
        intents=frozenset(gold.intents),
        reasons=tuple(act.reason for act in gold.acts if act.intent is Intent.DISPUTE and act.reason),
        tone=gold.tone,
        requires_reply=gold.requires_reply,
        reply_text=gold.reply_text,
    )


def labels_of_sample(sample: Sample) -> Labels:
    """The labels of a sample, which knows each reason once and whose text is not to be found."""
    return Labels(sample.language, sample.intents, tuple(sorted(sample.reasons)), sample.tone, sample.requires_reply)


def reading_of(text: MailText, classification: Classification, extraction: Extraction) -> Reading:
    """What the chain read. Reasons are the classifier's; those of the acts when it reads none."""
    reasons = {score.reason for score in getattr(classification, "reasons", ())} or {
        act.reason for act in extraction.acts if act.intent is Intent.DISPUTE and act.reason
    }
    return Reading(
        frozenset(classification.labels),
        classification.confidence,
        frozenset(reasons),
        classification.tone,
        classification.requires_reply,
        text.reply_text,
    )
