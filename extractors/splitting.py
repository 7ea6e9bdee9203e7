"""Splitting: one sentence that pays several things on different days is several acts (guide, "Acts").

"A on the 5th, B and C on the 20th" and "500 on Friday, the rest on the 20th": a part begins where the one before has its day
and another invoice, sum or day follows. It is split only where every part has its own day and its own invoice, sum or rest, and
the sentence says nothing else.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from extractors.linking import Linker
from extractors.places import bare
from extractors.stated import Stated
from extractors.tables import read_lists
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.taxonomy import Intent

_AHEAD = {Intent.PROMISE_TO_PAY: True, Intent.PAYMENT_NOTIFICATION: False}
"""Intents that are split, and whether their days lie ahead."""

_REST = "rest"
_MAX_SENTENCE = 1_500
_MAX_PARTS = 12

Place = tuple[Intent, Evidence]


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    end: int
    days: frozenset[date]
    things: frozenset[str]
    named: bool

    def with_next(self, other: "_Part") -> "_Part":
        return _Part(
            self.start, other.end, self.days | other.days, self.things | other.things, self.named or other.named
        )


class Splitting:
    """The joining words and those for a rest are data (`lang/<code>/acts.toml`), read when made."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker
        joiners = "|".join((*read_lists("acts", "joiners"), *read_lists("acts", "turns")))
        self._cut = re.compile(rf"[,;:]\s+|\s(?=(?:{joiners})\s)", re.IGNORECASE)
        self._rest = re.compile(rf"\b(?:{'|'.join(read_lists('acts', 'rest'))})\b", re.IGNORECASE)

    def split(self, stated: Stated, sentences: Sequence[tuple[int, int]], places: Sequence[Place]) -> list[Place]:
        """The places, those that say several things as several."""
        result: list[Place] = []
        for intent, evidence in places:
            around = next((span for span in sentences if span[0] <= evidence.start < span[1]), None)
            alone = around and sum(_inside(place, around) for place in places) == 1
            parts = list(self._parts(stated, intent, evidence, around)) if alone and around else []
            if intent in _AHEAD and evidence.source is Source.BODY and _differ(parts):
                for part in parts[:_MAX_PARTS]:
                    result.append(
                        (intent, bare(Evidence(stated.mail.text[part.start : part.end], part.start, part.end)))
                    )
            else:
                result.append((intent, evidence))
        return result

    def _parts(self, stated: Stated, intent: Intent, evidence: Evidence, sentence: tuple[int, int]) -> Iterator[_Part]:
        start, end = sentence
        if intent not in _AHEAD or end - start > _MAX_SENTENCE:
            return
        held: _Part | None = None
        for piece in self._pieces(stated, intent, evidence, start, end):
            if held and held.days and ((piece.things - held.things) or (piece.days - held.days)):
                yield held
                held = piece
            else:
                held = held.with_next(piece) if held else piece
        if held:
            yield held

    def _pieces(self, stated: Stated, intent: Intent, evidence: Evidence, start: int, end: int) -> Iterator[_Part]:
        text = stated.mail.text
        edges = [start, *(match.end() for match in self._cut.finditer(text, start, end)), end]
        for left, right in pairwise(edges):
            days = [one.resolved(future=_AHEAD[intent]) for one in stated.days_in(evidence, left, right)]
            numbers = things = {link.number for link in self._linker.explicit(text, left, right, stated.ledger)}
            if not things:
                things = {str(one.amount) for one in stated.amounts_in(evidence, left, right) if one.sure}
                things |= {_REST} if self._rest.search(text, left, right) else set()
            yield _Part(left, right, frozenset(filter(None, days)), frozenset(things), bool(numbers))


def _inside(place: Place, sentence: tuple[int, int]) -> bool:
    return place[1].source is Source.BODY and sentence[0] <= place[1].start < sentence[1]


def _differ(parts: Sequence[_Part]) -> bool:
    """Whether each part has a day that no other has, and what it pays: all an invoice, or all a sum, or a rest."""
    days = [part.days for part in parts]
    alike = len({part.named for part in parts if _REST not in part.things}) == 1
    return len(parts) > 1 and alike and all(days) and all(part.things for part in parts) and len(set(days)) == len(days)
