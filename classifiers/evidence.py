"""From token scores to words: where a mail says a label, as spans of its subject or new text."""

import re
import sys
from bisect import bisect_right
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

_FAINT = 0.05
"""A place that is no evidence is handed over as a further one when its highest score reaches this."""

_STRONGEST = 3
"""Tokens whose mean score is the strength of a place."""

MAX_PLACES = 3
MAX_FURTHER = 8

_BREAK = re.compile(r"\n|(?<=[^\W\d_]{3}[.!?;])\s|(?<=[)%€][.!?;])\s")
"""What no place goes across: the end of a line, and of a sentence that ends in a word."""


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `start` to `end` of the section's text, with the highest token score in it, and how strongly it speaks."""

    section: Section
    start: int
    end: int
    score: float
    strength: float


def places(view: View, scores: NDArray[np.floating], text: str) -> list[Place]:
    """The places of one label, best first, at least one when the view has any words. `scores` (T,) in 0..1.

    None goes across the end of a line or of a sentence.
    """
    breaks = [match.start() for match in _BREAK.finditer(text)]
    words = [
        n for n, (start, end) in enumerate(view.offsets) if end > start and view.sections[n] is not Section.CONTEXT
    ]
    left = dict.fromkeys(words)
    found: list[Place] = []
    while left and len(found) < MAX_FURTHER:
        peak = max(left, key=lambda n: float(scores[n]))
        if found and scores[peak] < _FAINT:
            break
        low, high = _within(breaks, view.offsets[peak][0]) if view.sections[peak] is Section.TEXT else (0, sys.maxsize)
        near = {n: None for n in left if low <= view.offsets[n][0] < high}
        first, last = _grown(peak, view, scores, near, -1), _grown(peak, view, scores, near, 1)
        start, end = view.offsets[first][0], view.offsets[last][1]
        if view.sections[peak] is Section.TEXT:
            start, end = _whole_words(text, start, end)
        strongest = np.sort(scores[first : last + 1])[-_STRONGEST:]
        found.append(Place(view.sections[peak], start, end, float(scores[peak]), float(strongest.mean())))
        for n in range(first - 1, last + 2):
            left.pop(n, None)
    return found


def _within(breaks: Sequence[int], at: int) -> tuple[int, int]:
    """The stretch between two breaks that has the character `at`."""
    following = bisect_right(breaks, at)
    return (breaks[following - 1] if following else 0), (breaks[following] if following < len(breaks) else sys.maxsize)


def chosen(found: Sequence[Place]) -> tuple[list[Place], list[Place]]:
    """Of the places of all windows those that are evidence, at most `MAX_PLACES`, and the further ones."""
    order = sorted(found, key=lambda place: -place.score)
    best = order[0].score if order else 0.0
    sure = [place for place in order if place.score >= min(best, SURE)][:MAX_PLACES]
    return sure, [place for place in order if place not in sure][:MAX_FURTHER]


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
