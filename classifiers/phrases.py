"""The phrase classifier: what a mail says, told by phrases per language. Plain, quick and inspectable; a first version.

It learns nothing: every answer can be traced to a line of `phrases/<code>.toml`. Confidence is the share of exact sets on
the development corpus among readings of the same kind (README.md says how that was measured).
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from classifiers import manner, patterns
from classifiers.confidence import set_confidence
from classifiers.labels import AUTOMATIC
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import INTENTS, Intent
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, IntentScore

MAX_READ = 10_000
"""Characters of new text that are read; nobody says more to an AR inbox by hand."""

MAX_EVIDENCE = 6
"""Places kept for one intent."""

_MACHINE = re.compile(r"(?:mailer-daemon|postmaster|microsoftexchange\w*|mail\.?delivery)", re.IGNORECASE)

Found = dict[Intent, list[Evidence]]
"""The places of each intent that is said: by a phrase that says it, or by two different hints."""


class PhraseClassifier:
    """The `IntentClassifier` that reads phrases. Loads its files when made; keeps nothing between mails."""

    def __init__(self) -> None:
        self._phrases = patterns.read_phrases()
        self._version = patterns.version()
        self._manner = manner.Manner()

    @property
    def version(self) -> str:
        """`phrases-` and a hash of the phrase files."""
        return self._version

    def classify(self, mail: Mail, text: MailText) -> Classification:
        """The intents of the new text, never none; stand-alone intents alone (guide, "Intents"). Never raises."""
        if mail.automatic in AUTOMATIC:
            intent = AUTOMATIC[mail.automatic]
            found = self._find(mail, text)
            return self._result(text, {intent: found.get(intent, [])}, 0.99)
        found = self._find(mail, text)
        chosen, sure = self._choose(mail, text, found)
        confidence = set_confidence(chosen, sure, len(text.reply_text[:1_000].split()))
        return self._result(text, {intent: found.get(intent, []) for intent in chosen}, confidence)

    def told(self, mail: Mail, text: MailText, intents: Sequence[Intent]) -> Classification:
        """The reading of a mail whose intents are known: where phrases say them, and the rest."""
        found = self._find(mail, text)
        return self._result(text, {intent: found.get(intent, []) for intent in intents}, 1.0)

    def _find(self, mail: Mail, text: MailText) -> Found:
        """Every place where a phrase stands, by intent, in the order of the text: in the mail's language, else in any."""
        own = [
            phrases for phrases in self._phrases if phrases.language is text.language or phrases.intent in _ANY_LANGUAGE
        ]
        found = _find_in(text, own) or _find_in(text, self._phrases)
        for phrases in self._phrases:
            for pattern in phrases.subject:
                if match := pattern.search(mail.subject[:500]):
                    evidence = Evidence(match.group(), match.start(), match.end(), Source.SUBJECT)
                    found.setdefault(phrases.intent, []).append(evidence)
        return found

    def _choose(self, mail: Mail, text: MailText, found: Found) -> tuple[tuple[Intent, ...], int]:
        """The set of intents and how many phrases carry its weakest member (0: a guess)."""
        count = {intent: _strength(evidence) for intent, evidence in found.items()}
        hint = 1 if mail.automatic or _MACHINE.search(mail.sender.email) else 0
        new = text.reply_text
        if count.get(Intent.DELIVERY_FAILURE, 0) + 2 * hint >= 2 and Intent.DELIVERY_FAILURE in count:
            return (Intent.DELIVERY_FAILURE,), count[Intent.DELIVERY_FAILURE]
        if count.get(Intent.OUT_OF_OFFICE, 0) + hint >= 2:
            return (Intent.OUT_OF_OFFICE,), count[Intent.OUT_OF_OFFICE]
        said = [intent for intent in found if not INTENTS[intent].stands_alone]
        if count.get(Intent.UNRELATED, 0) >= max((count[intent] for intent in said), default=1):
            return (Intent.UNRELATED,), count[Intent.UNRELATED]
        if said:
            return tuple(said), min(count[intent] for intent in said)
        if Intent.OUT_OF_OFFICE in count and len(new) > 40:
            return (Intent.OUT_OF_OFFICE,), 1
        for intent in (Intent.UNRELATED, Intent.ACKNOWLEDGEMENT):
            if intent in count and (intent is Intent.UNRELATED or len(new) <= 400):
                return (intent,), count[intent]
        return (self._manner.fallback(new, mail.subject),), 0

    def _result(self, text: MailText, chosen: Found, confidence: float) -> Classification:
        intents = tuple(
            IntentScore(intent, _probability(evidence, confidence), _first(evidence))
            for intent, evidence in chosen.items()
        )
        labels = tuple(chosen)
        new = text.reply_text[:MAX_READ]
        tone = self._manner.tone(new, labels)
        return Classification(
            intents, tone, self._manner.requires_reply(new, labels, tone), round(confidence, 3), self._version
        )


def _find_in(text: MailText, phrase_set: Sequence[patterns.Phrases]) -> Found:
    """What the new text says, its first `MAX_READ` characters."""
    said: Found = {}
    hinted: Found = {}
    left = MAX_READ
    for part in text.new:
        end = min(part.end, part.start + left)
        for start, stop in patterns.sentences(text.source, part.start, end):
            for intent, (a, b), sure in _read_sentence(text.source, start, stop, phrase_set):
                places = said if sure else hinted
                places.setdefault(intent, []).append(Evidence(text.source[a:b], a, b))
        left -= end - part.start
    for intent, hints in hinted.items():
        if intent not in said and _strength(hints) >= 2:
            said[intent] = hints
    return said


def _read_sentence(
    source: str, start: int, stop: int, phrase_set: Sequence[patterns.Phrases]
) -> Iterator[tuple[Intent, tuple[int, int], bool]]:
    """The intents of one sentence with their spans, and whether each is sure."""
    spans = [(phrases.intent, span, sure) for phrases in phrase_set for span, sure in phrases.find(source, start, stop)]
    for intent, span, sure in spans:
        stronger = [other for other, weaker in _OUTRANKS if weaker is intent]
        clauses = [
            patterns.clause(source, other, start, stop) for by, other, is_sure in spans if by in stronger and is_sure
        ]
        if not any(span[0] < right and left < span[1] for left, right in clauses):
            yield intent, span, sure


_ANY_LANGUAGE = frozenset({Intent.DELIVERY_FAILURE, Intent.OUT_OF_OFFICE})
"""Read in every language: mail servers do not write the customer's."""

_OUTRANKS = (
    (Intent.PAYMENT_PLAN_REQUEST, Intent.PROMISE_TO_PAY),
    (Intent.PAYMENT_NOTIFICATION, Intent.PROMISE_TO_PAY),
    (Intent.INSOLVENCY_LEGAL, Intent.PAYMENT_PLAN_REQUEST),
)
"""Within one sentence the first voids the second: "in three instalments, the first on 1 May" promises nothing yet."""


def _strength(evidence: Iterable[Evidence]) -> int:
    """How many different phrases were found; one in the subject counts twice, it was written as a label."""
    return sum(
        2 if item.source is Source.SUBJECT else 1 for item in {item.text.lower(): item for item in evidence}.values()
    )


def _probability(evidence: list[Evidence], confidence: float) -> float:
    """Of one intent: grows with the phrases that carry it, never below the confidence in the whole set."""
    return round(max(confidence, 1 - 0.35 * 0.6 ** max(0, len(evidence) - 1)) if evidence else confidence, 3)


def _first(evidence: list[Evidence]) -> tuple[Evidence, ...]:
    """The evidence without overlaps, the longest of each place, in the order of the text, at most `MAX_EVIDENCE`."""
    kept: list[Evidence] = []
    for item in sorted(evidence, key=lambda item: item.start - item.end):
        if not any(item.source is other.source and item.start < other.end and other.start < item.end for other in kept):
            kept.append(item)
    return tuple(sorted(kept, key=lambda item: (item.source is not Source.BODY, item.start))[:MAX_EVIDENCE])
