"""Places: where in the new text each intent is said, and in how many places, by what the classifier saw and by the cues.

The unit that speaks clearest for an intent is its place; a mail disputes, promises or tells of payments in further units
where those speak clearly too. An intent that is told without any evidence finds its place by the cues alone.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.cues import Cues
from extractors.units import Unit
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import INTENTS, Intent
from inbox_agent.domain.triage import Classification, IntentScore

_CUES = 0.5
"""Weight of a unit's cues beside the logit of what the classifier saw there; 0.3 to 1.2 find the same on the dev split."""

_NOTHING = 0.01
"""How clearly the classifier sees an intent where it hands over no place."""

_SEVERAL = {Intent.DISPUTE: -0.6, Intent.PAYMENT_NOTIFICATION: -1.2, Intent.PROMISE_TO_PAY: -1.3}
"""Intents that a mail may say in several places, with the readiness to see another one (a logit at rest)."""

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
    """What speaks for an intent in one unit: the classifier (logit), the cues, and the words that the classifier saw."""

    unit: Unit
    seen: float
    cues: float
    words: Evidence | None


class Places:
    """Loads its data when made; keeps nothing between mails."""

    def __init__(self) -> None:
        self._cues = Cues()

    def find(self, mail: Mail, units: Sequence[Unit], classification: Classification) -> list[tuple[Intent, Evidence]]:
        """Each intent with its places; at least one for an intent that needs an act, where there are words at all."""
        count = len(units)
        scores = [self._cues.scores(mail.text[unit.start : unit.end], n, count) for n, unit in enumerate(units)]
        found: list[tuple[Intent, Evidence]] = []
        for told in classification.intents:
            spans = [span for span in (*told.evidence, *told.further) if span.source is Source.BODY]
            if not spans and not told.evidence and told.intent not in _TOLD:
                continue
            heard = [_heard(mail, unit, spans, score[told.intent]) for unit, score in zip(units, scores, strict=True)]
            found += [(told.intent, place) for place in _places(mail, told, heard, known=bool(spans))]
        return found


def _heard(mail: Mail, unit: Unit, spans: Iterable[Evidence], cues: float) -> _Heard:
    inside = [span for span in spans if _lies_in(span, unit)]
    best = max(inside, key=lambda span: span.strength, default=None)
    return _Heard(unit, _logit(best.strength if best else 0.0), cues, _cut(mail, best, unit) if best else None)


def _lies_in(span: Evidence, unit: Unit) -> bool:
    """Whether half of the span, or fifteen characters of it, are in the unit."""
    shared = min(span.end, unit.end) - max(span.start, unit.start)
    return shared > 0 and (shared >= 15 or 2 * shared >= span.end - span.start)


def _places(mail: Mail, told: IntentScore, heard: Sequence[_Heard], *, known: bool) -> Iterator[Evidence]:
    subject = max((span for span in told.evidence if span.source is Source.SUBJECT), key=_strength, default=None)
    if not heard:
        subject = subject or Evidence(mail.subject, 0, len(mail.subject), Source.SUBJECT)
        yield from [bare(subject)] if subject.text.strip() else []
        return
    best = max(heard, key=lambda one: one.cues if not known else one.seen + _CUES * one.cues)
    if subject and best.seen < _logit(_SUBJECT_FROM):
        yield bare(subject)
        return
    for one in heard:
        if one is best or (told.intent in _SEVERAL and _speaks_too(one, best, told.intent)):
            yield one.words or bare(Evidence(mail.text[one.unit.start : one.unit.end], one.unit.start, one.unit.end))


def _speaks_too(one: _Heard, best: _Heard, intent: Intent) -> bool:
    """A logistic regression over the dev split's units, its weights rounded."""
    seen = 0.25 * one.seen + 0.3 * (one.seen - best.seen)
    cues = 0.3 * one.cues + 0.3 * (one.cues - best.cues)
    near = 0.5 if one.unit.sentence == best.unit.sentence else 0.0
    return seen + cues + near + _SEVERAL[intent] > 0


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
