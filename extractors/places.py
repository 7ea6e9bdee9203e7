"""Places: where in the new text each intent is said, and in how many places, by what the classifier saw and by the cues.

The unit that speaks clearest for an intent is its place; a mail disputes, promises or tells of payments in further topics
where those speak clearly too. An intent that is told without any evidence finds its place by the cues alone.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.cues import Cues
from extractors.units import Unit, topics
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import INTENTS, Intent
from inbox_agent.domain.triage import Classification, IntentScore

_CUES = 0.5
"""Weight of a unit's cues beside the logit of what the classifier saw there; 0.3 to 1.2 find the same on the dev split."""

_NOTHING = 0.01
"""How clearly the classifier sees an intent where it hands over no place."""

_SEVERAL = {Intent.DISPUTE: 0.0, Intent.PAYMENT_NOTIFICATION: -0.4, Intent.PROMISE_TO_PAY: -0.7}
"""Intents that a mail may say in several topics, with how readily another one is seen (see `_Weights`)."""


@dataclass(frozen=True, slots=True)
class _Weights:
    """A logistic regression over the topics of the dev split's mails: does a further one say the intent too?

    `less` weighs how much less than the clearest place it is seen (`seen`) or sounds like it (`cues`).
    """

    seen: float
    less_seen: float
    cues: float
    less_cues: float
    named: float
    taken: float
    rest: float


_SEEN = _Weights(seen=0.4, less_seen=0.3, cues=0.15, less_cues=0.4, named=0.45, taken=-0.8, rest=-0.1)
_TOLD_ONLY = _Weights(seen=0.0, less_seen=0.0, cues=0.5, less_cues=0.55, named=0.6, taken=-1.0, rest=-1.2)

_TOLD = frozenset({intent for intent, rule in INTENTS.items() if rule.needs_act}) | {
    Intent.OUT_OF_OFFICE,
    Intent.OTHER_QUERY,
}
"""Intents that find a place though the classifier tells none."""

_SUBJECT_FROM = 0.3
"""A subject that says an intent is its place unless the new text does so this clearly."""

_ENDS = " \t\r\n,;:-–—(>*•"


@dataclass(frozen=True, slots=True)
class _Heard:
    """What speaks for an intent in one unit: its words (those that the classifier saw), the classifier (logit), the cues."""

    words: Evidence
    topic: int
    seen: float
    cues: float


@dataclass(frozen=True, slots=True)
class _Voice:
    """One intent over all units; `known` is whether the classifier tells where it is said."""

    told: IntentScore
    heard: Sequence[_Heard]
    known: bool

    @property
    def best(self) -> _Heard | None:
        """The unit that says it clearest."""
        return max(self.heard, key=self.clarity, default=None)

    def clarity(self, one: _Heard) -> float:
        """How clearly a unit says it, to compare with others of the mail."""
        return one.seen + _CUES * one.cues if self.known else one.cues

    def says_too(self, one: _Heard, *, named: bool, taken: bool) -> bool:
        """Whether a unit says it beside the best: `named` when its topic names an invoice, `taken` when it says another intent."""
        best = self.best
        if best is None:
            return False
        by = _SEEN if self.known else _TOLD_ONLY
        clear = by.seen * one.seen + by.less_seen * (one.seen - best.seen)
        clear += by.cues * one.cues + by.less_cues * (one.cues - best.cues)
        return clear + by.named * named + by.taken * taken + by.rest + _SEVERAL[self.told.intent] > 0


class Places:
    """Loads its data when made; keeps nothing between mails."""

    def __init__(self) -> None:
        self._cues = Cues()

    def find(
        self, mail: Mail, units: Sequence[Unit], named: Sequence[Collection[str]], classification: Classification
    ) -> list[tuple[Intent, Evidence]]:
        """Each intent with its places; at least one for an intent that needs an act, where there are words at all.

        `named` are the ledger's numbers in each of the units.
        """
        count = len(units)
        intents = classification.labels
        scores = [
            self._cues.scores(mail.text[unit.start : unit.end], n, count, intents) for n, unit in enumerate(units)
        ]
        topic = topics(mail.text, units, named)
        voices = []
        for told in classification.intents:
            spans = [span for span in (*told.evidence, *told.further) if span.source is Source.BODY]
            if spans or told.evidence or told.intent in _TOLD:
                heard = [
                    _heard(mail, unit, number, spans, score[told.intent])
                    for unit, number, score in zip(units, topic, scores, strict=True)
                ]
                voices.append(_Voice(told, heard, bool(spans)))
        taken = {voice.best.topic for voice in voices if voice.best}
        naming = {number for number, numbers in zip(topic, named, strict=True) if numbers}
        return [(voice.told.intent, place) for voice in voices for place in _places(mail, voice, taken, naming)]


def _heard(mail: Mail, unit: Unit, topic: int, spans: Iterable[Evidence], cues: float) -> _Heard:
    inside = [span for span in spans if _lies_in(span, unit)]
    best = max(inside, key=_strength, default=None)
    words = _cut(mail, best, unit) if best else None
    if words is None or not any(char.isalnum() for char in words.text):
        words = bare(Evidence(mail.text[unit.start : unit.end], unit.start, unit.end))
    return _Heard(words, topic, _logit(best.strength if best else 0.0), cues)


def _lies_in(span: Evidence, unit: Unit) -> bool:
    """Whether half of the span, or fifteen characters of it, are in the unit."""
    shared = min(span.end, unit.end) - max(span.start, unit.start)
    return shared > 0 and (shared >= 15 or 2 * shared >= span.end - span.start)


def _places(mail: Mail, voice: _Voice, taken: Collection[int], naming: Collection[int]) -> Iterator[Evidence]:
    """The clearest unit; of each further topic the clearest, where the topic says the intent too."""
    told, best = voice.told, voice.best
    subject = max((span for span in told.evidence if span.source is Source.SUBJECT), key=_strength, default=None)
    if best is None:
        subject = subject or Evidence(mail.subject, 0, len(mail.subject), Source.SUBJECT)
        yield from [bare(subject)] if subject.text.strip() else []
        return
    if subject and best.seen < _logit(_SUBJECT_FROM):
        yield bare(subject)
        return
    for topic in sorted({one.topic for one in voice.heard}):
        one = max((one for one in voice.heard if one.topic == topic), key=voice.clarity)
        if topic == best.topic or (
            told.intent in _SEVERAL and voice.says_too(one, named=topic in naming, taken=topic in taken)
        ):
            yield one.words


def bare(evidence: Evidence) -> Evidence:
    """Without blanks and loose punctuation at its ends; offsets follow."""
    left = len(evidence.text) - len(evidence.text.lstrip(_ENDS))
    right = len(evidence.text.rstrip(_ENDS))
    if right <= left:
        return evidence
    return replace(evidence, text=evidence.text[left:right], start=evidence.start + left, end=evidence.start + right)


def _cut(mail: Mail, span: Evidence, unit: Unit) -> Evidence:
    """What of the span lies in the unit, in whole words."""
    start, end = max(span.start, unit.start), min(span.end, unit.end)
    while start > unit.start and mail.text[start - 1].isalnum() and mail.text[start].isalnum():
        start -= 1
    while end < unit.end and mail.text[end - 1].isalnum() and mail.text[end].isalnum():
        end += 1
    return bare(Evidence(mail.text[start:end], start, end, strength=span.strength))


def _strength(span: Evidence) -> float:
    return span.strength


def _logit(probability: float) -> float:
    held = min(max(probability, _NOTHING), 1 - _NOTHING)
    return math.log(held / (1 - held))
