"""From token scores to words: where a mail says a label, as spans of its subject or new text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.encoder.view import Section, View
from inbox_agent.domain.act import Evidence, Source

_KEEP = 0.35
"""A neighbour belongs to a span when it has this share of the span's highest score."""

SURE = 0.4
"""A second place counts when its highest score reaches this."""

_GAP = 2
"""Tokens that a span may bridge."""

MAX_PLACES = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `start` to `end` of the section's text, with the highest token score in it."""

    section: Section
    start: int
    end: int
    score: float


def places(view: View, scores: NDArray[np.floating], text: str) -> list[Place]:
    """The places of one label, best first, at least one when the view has any words. `scores` (T,) in 0..1."""
    words = [
        n for n, (start, end) in enumerate(view.offsets) if end > start and view.sections[n] is not Section.CONTEXT
    ]
    left = dict.fromkeys(words)
    found: list[Place] = []
    while left and len(found) < MAX_PLACES:
        peak = max(left, key=lambda n: float(scores[n]))
        if found and scores[peak] < SURE:
            break
        first, last = _grown(peak, view, scores, left, -1), _grown(peak, view, scores, left, 1)
        start, end = view.offsets[first][0], view.offsets[last][1]
        if view.sections[peak] is Section.TEXT:
            start, end = _whole_words(text, start, end)
        found.append(Place(view.sections[peak], start, end, float(scores[peak])))
        for n in range(first - 1, last + 2):
            left.pop(n, None)
    return found


def _grown(peak: int, view: View, scores: NDArray[np.floating], left: dict[int, None], step: int) -> int:
    edge, at = peak, peak
    while abs(at - edge) <= _GAP:
        at += step
        if at not in left or view.sections[at] is not view.sections[peak]:
            break
        if scores[at] >= _KEEP * scores[peak]:
            edge = at
    return edge


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widened to whole words, without blanks around."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    while start < end - 1 and text[start].isspace():
        start += 1
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return start, end


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where the characters of a joined text stand in its source: runs (start in joined, start in source, length)."""

    runs: tuple[tuple[int, int, int], ...]

    def spans(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The stretches of the source that the joined characters `start` to `end` come from."""
        for joined, source, length in self.runs:
            first, last = max(start, joined), min(end, joined + length)
            if first < last:
                yield source + first - joined, source + last - joined


def tokens_at(view: View, mapping: Mapping, place: Evidence) -> Iterator[int]:
    """The tokens of the view that stand in a place of the body or of the subject."""
    section = Section.SUBJECT if place.source is Source.SUBJECT else Section.TEXT
    for n, (start, end) in enumerate(view.offsets):
        if view.sections[n] is section and end > start:
            spans = [(start, end)] if section is Section.SUBJECT else mapping.spans(start, end)
            if any(first < place.end and place.start < last for first, last in spans):
                yield n


def joined(source: str, parts: Sequence[tuple[int, int]]) -> tuple[str, Mapping]:
    """The parts as one text, each without blank space around, a line break between; and where its characters stand."""
    pieces: list[str] = []
    runs: list[tuple[int, int, int]] = []
    length = 0
    for start, end in parts:
        piece = source[start:end]
        kept = piece.strip("\r\n ")
        if not kept:
            continue
        if pieces:
            length += 1
        runs.append((length, start + piece.index(kept[0]) if kept else start, len(kept)))
        pieces.append(kept)
        length += len(kept)
    return "\n".join(pieces), Mapping(tuple(runs))
