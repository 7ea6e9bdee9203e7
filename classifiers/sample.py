"""A labelled mail as the network sees it: texts, and where in them each label is said."""

from collections.abc import Iterator
from dataclasses import dataclass

from classifiers.corpus import Record
from inbox_agent.domain.guide import GoldAct
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Language, Tone

MAX_CONTEXT = 400
"""Characters of quoted history that are shown to the network."""


@dataclass(frozen=True, slots=True)
class Span:
    """Evidence `text[start:end]`, or `subject[start:end]` when `in_subject`, that says `intent` (and why, for a dispute)."""

    start: int
    end: int
    intent: Intent
    reason: DisputeReason | None = None
    in_subject: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail to learn from. `text` is the new text; `context` what stands below it or is attached, shortened."""

    id: str
    language: Language
    subject: str
    text: str
    context: str
    spans: tuple[Span, ...]
    intents: frozenset[Intent]
    reasons: frozenset[DisputeReason]
    tone: Tone
    requires_reply: bool


def of(record: Record) -> Sample:
    """The sample of a corpus record, with its new text as labelled."""
    gold, mail = record.gold, record.mail
    return Sample(
        id=f"{record.file}/{record.id}",
        language=gold.language,
        subject=mail.subject,
        text=gold.reply_text,
        context=context(mail, _below(mail.text, gold.reply_text)),
        spans=tuple(span for act in gold.acts for span in _spans(act, gold.reply_text, mail.subject)),
        intents=frozenset(gold.intents),
        reasons=frozenset(act.reason for act in gold.acts if act.reason),
        tone=gold.tone,
        requires_reply=gold.requires_reply,
    )


def context(mail: Mail, below: str) -> str:
    """What the network sees beside subject and new text: attachment names and the beginning of what stands below."""
    names = [attachment.name for attachment in mail.attachments[:20]]
    return " ".join(" ".join([*names, below[: 4 * MAX_CONTEXT]]).split())[:MAX_CONTEXT]


def _below(body: str, new_text: str) -> str:
    start = body.find(new_text)
    return body[start + len(new_text) :] if start >= 0 else ""


def _spans(act: GoldAct, text: str, subject: str) -> Iterator[Span]:
    if not act.evidence:
        return
    for place, in_subject in ((text, False), (subject, True)):
        start = place.find(act.evidence)
        if start >= 0:
            yield Span(start, start + len(act.evidence), act.intent, act.reason, in_subject)
            return
