"""The fine-tuned classifier: reads with the network on ONNX Runtime; no torch in the worker.

Automatic mail is decided by headers and structure first (`Mail.automatic`); the network only adds where it says so.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers import artifact, evidence, reader
from classifiers.calibration import Calibration, sigmoid
from classifiers.encoder.view import Section, View, views
from classifiers.labels import AUTOMATIC, INTENT_ORDER, REASON_FROM, REASON_ORDER, TONE_ORDER, choose, mapping
from classifiers.neighbours import Neighbours
from classifiers.sample import context
from classifiers.terse import Terse
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import INTENTS, Intent, Tone
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, IntentScore, ReasonScore

_ALMOST_NOTHING = 0.5
"""The most confidence in a reading of a mail with one word or none."""

_AGREED, _BY_PHRASES = 0.96, 0.7
"""Confidence in terse mail that network and phrases read alike, and where they differ and the phrases count: the shares of exact
sets among such mails of the 431 terse ones (150 and 69)."""

_REASONS = slice(len(INTENT_ORDER), len(INTENT_ORDER) + len(REASON_ORDER))


@dataclass(frozen=True, slots=True)
class _Seen:
    """One mail as the network sees it: its parts, the new text with its places in the body, and its windows."""

    mail: Mail
    parts: MailText
    text: str
    places: evidence.Mapping
    windows: list[View]


class _Ticket:
    """A mail that waits for its reading."""

    def __init__(self, mail: Mail, text: MailText) -> None:
        self.mail, self.text = mail, text
        self.found: Classification | None = None


class FineTunedClassifier:
    """The `IntentClassifier` over one model file. Loads it when made (seconds); may be called by several threads at once."""

    def __init__(self, path: Path = artifact.SHIPPED, threads: int = 2) -> None:
        """Raises `ModelError` when the file, its base or its graph cannot be used."""
        card, tensors = artifact.read(path)
        self.card: dict[str, Any] = card
        self._version = artifact.version(path)
        self._calibration = Calibration.of_json(card["calibration"])
        self._reader = reader.Reader(path, card, threads)
        self._neighbours = Neighbours(tensors, card)
        self._terse = Terse()
        self._reading, self._queue = threading.Lock(), threading.Lock()
        self._waiting: list[_Ticket] = []

    @property
    def version(self) -> str:
        """`e5-` and the beginning of the model file's hash."""
        return self._version

    def classify(self, mail: Mail, text: MailText) -> Classification:
        """What the new text says, never nothing. Mails of other threads that wait meanwhile are read in the same go."""
        ticket = _Ticket(mail, text)
        with self._queue:
            self._waiting.append(ticket)
        with self._reading:
            if ticket.found is None:
                with self._queue:
                    others = [other for other in self._waiting if other is not ticket][: reader.MOST - 1]
                    self._waiting = [other for other in self._waiting if other is not ticket and other not in others]
                self._read_together([ticket, *others])
        assert ticket.found is not None
        return ticket.found

    def _read_together(self, tickets: list[_Ticket]) -> None:
        """Reads the first ticket's mail, and the others with it unless one of them is at fault."""
        try:
            found = self._classify([(one.mail, one.text) for one in tickets])
        except Exception:
            if len(tickets) == 1:
                raise
            found = self._classify([(tickets[0].mail, tickets[0].text)])
        for one, classification in zip(tickets, found, strict=False):
            one.found = classification

    def classify_all(self, mails: Sequence[tuple[Mail, MailText]]) -> list[Classification]:
        """Several mails in one go, in their order."""
        with self._reading:
            return self._classify(mails)

    def told(self, mail: Mail, text: MailText, intents: Sequence[Intent]) -> Classification:
        """The reading of a mail whose intents are known: where it says them, and the rest."""
        with self._reading:
            return self._classify([(mail, text)], [intents])[0]

    def _classify(
        self, mails: Sequence[tuple[Mail, MailText]], told: Sequence[Sequence[Intent]] | None = None
    ) -> list[Classification]:
        seen = [self._see(mail, text) for mail, text in mails]
        outputs = iter(self._reader.read([window for one in seen for window in one.windows]))
        return [
            self._classification(one, [next(outputs) for _ in one.windows], known)
            for one, known in zip(seen, told or [()] * len(seen), strict=True)
        ]

    def _see(self, mail: Mail, text: MailText) -> _Seen:
        new, places = evidence.joined(text.source, [(part.start, part.end) for part in text.new])
        beside = context(mail, text.source[max((part.end for part in text.new), default=0) :])
        windows = list(views(self._reader.tokenizer, mail.subject, new, beside))
        return _Seen(mail, text, new, places, windows)

    def _classification(
        self, seen: _Seen, outputs: Sequence[reader.Output], told: Sequence[Intent] = ()
    ) -> Classification:
        logits = np.max([output.labels for output in outputs], axis=0)
        probability = self._calibration.probabilities(logits)
        of_intent = mapping(probability)
        thresholds = self._calibration.thresholds
        chosen: tuple[Intent, ...]
        said: tuple[Intent, ...] = ()
        agreed = False
        decided = AUTOMATIC.get(seen.mail.automatic) if seen.mail.automatic and not told else None
        if told:
            chosen, confidence = tuple(told), 1.0
        elif decided is not None:
            chosen, confidence = (decided,), max(0.97, of_intent[decided])
        else:
            chosen, likelihood = choose(of_intent, thresholds)
            confidence = self._calibration.certainty(of_intent, chosen, likelihood)
            said = self._terse.said(seen.mail, seen.parts)
            agreed = set(said) == set(chosen)
            if said and not agreed:
                chosen, of_intent = said, of_intent | dict.fromkeys(said, _BY_PHRASES)
        if len(seen.text.split()) <= 1 and decided is None:
            confidence = min(confidence, _ALMOST_NOTHING)
        if said:
            confidence = max(confidence, _AGREED) if agreed else _BY_PHRASES
        scores = tuple(
            IntentScore(
                intent,
                round(confidence if intent is decided else of_intent[intent], 3),
                places[0],
                round(thresholds[intent], 3),
                self._neighbours.nearest(outputs[0].pooled, intent),
                places[1],
            )
            for intent in chosen
            for places in [self._places(seen, outputs, INTENT_ORDER.index(intent))]
        )
        tone = TONE_ORDER[int(np.argmax(np.mean([output.tone for output in outputs], axis=0)))]
        reply = float(np.mean([output.reply for output in outputs])) > 0
        if any(INTENTS[intent].stands_alone and not INTENTS[intent].wants_reply for intent in chosen):
            reply = False
        if chosen[0] is Intent.DELIVERY_FAILURE:
            tone = Tone.NEUTRAL
        disputes = next((one.evidence + one.further for one in scores if one.intent is Intent.DISPUTE), None)
        reasons = () if disputes is None else self._reasons(seen, outputs, probability[_REASONS], disputes)
        return Classification(scores, tone, reply, round(confidence, 3), self._version, reasons)

    def _reasons(
        self,
        seen: _Seen,
        outputs: Sequence[reader.Output],
        probability: NDArray[np.float64],
        disputes: tuple[Evidence, ...],
    ) -> tuple[ReasonScore, ...]:
        """The reason that the words of each disputing place tell, and those that the mail as a whole gives (`REASON_FROM`)."""
        places: dict[int, list[Evidence]] = {}
        for place in disputes:
            said = [
                output.tokens[n, _REASONS]
                for view, output in zip(seen.windows, outputs, strict=True)
                for n in evidence.tokens_at(view, seen.places, place)
            ]
            if said:
                places.setdefault(int(np.argmax(np.mean(said, axis=0))), []).append(place)
        order = np.argsort(-probability)
        more = [int(n) for n in order if probability[n] >= REASON_FROM and n not in places]
        if not places and not more:
            more = [int(order[0])]
        return tuple(
            ReasonScore(
                REASON_ORDER[n],
                round(float(probability[n]), 3),
                tuple(places.get(n, ())) or self._places(seen, outputs, len(INTENT_ORDER) + n)[0],
            )
            for n in [*places, *more]
        )

    def _places(
        self, seen: _Seen, outputs: Sequence[reader.Output], label: int
    ) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
        """Where the mail says a label: the best places of all windows, and the further ones; in the order of the text."""
        found = [
            place
            for view, output in zip(seen.windows, outputs, strict=True)
            for place in evidence.places(view, sigmoid(output.tokens[:, label].astype(np.float64)), seen.text)
        ]
        sure, further = (
            tuple(sorted(self._evidence(seen, places), key=lambda item: (item.source is Source.SUBJECT, item.start)))
            for places in evidence.chosen(found)
        )
        return sure, further

    @staticmethod
    def _evidence(seen: _Seen, found: Sequence[evidence.Place]) -> Iterator[Evidence]:
        for place in found:
            if place.section is Section.SUBJECT:
                start, end = place.start, min(place.end, len(seen.mail.subject))
                if seen.mail.subject[start:end].strip():
                    yield Evidence(seen.mail.subject[start:end], start, end, Source.SUBJECT, strength=place.strength)
                continue
            for start, end in seen.places.spans(place.start, place.end):
                if seen.mail.text[start:end].strip():
                    yield Evidence(seen.mail.text[start:end], start, end, strength=place.strength)
