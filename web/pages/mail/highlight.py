"""Evidence in its text: a text cut into segments, each knowing which acts it proves. Pure; offsets as in `Mail.text`."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from inbox_agent.domain.text import MailText, PartKind

LONGEST = 60_000
"""Characters of one part that a page shows; the rest is in the original mail."""

_FOLDED = {PartKind.SIGNATURE, PartKind.DISCLAIMER, PartKind.QUOTE, PartKind.FORWARD}


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` proves act number `act` (1, 2, …; 0: an intent without act)."""

    act: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch that proves `acts` (none: plain text), ascending. `begins` are those whose evidence starts here."""

    text: str
    acts: tuple[int, ...] = ()
    begins: tuple[int, ...] = ()

    @property
    def innermost(self) -> int:
        """The act whose colour it has: the one that began last."""
        return self.acts[-1]


@dataclass(frozen=True, slots=True)
class PartView:
    """A part of a mail as shown. `folded`: behind a line to click, unless it holds evidence. `cut`: longer than shown."""

    kind: PartKind
    segments: tuple[Segment, ...]
    folded: bool
    cut: bool

    @property
    def is_proof(self) -> bool:
        """Whether any of it is evidence."""
        return any(segment.acts for segment in self.segments)


def parts(text: MailText, spans: Iterable[Span]) -> tuple[PartView, ...]:
    """The parts of a mail in order, without empty ones, blank lines around each left out."""
    wanted = tuple(spans)
    views = []
    for part in text.parts:
        start, end = _without_blank_lines(text.source, part.start, part.end)
        if start < end:
            shown = min(end, start + LONGEST)
            views.append(
                PartView(part.kind, segments(text.source, wanted, start, shown), part.kind in _FOLDED, shown < end)
            )
    return tuple(views)


def segments(text: str, spans: Iterable[Span], start: int = 0, end: int | None = None) -> tuple[Segment, ...]:
    """`text[start:end]` cut where evidence begins or ends. Evidence that reaches beyond is cut off at the border.

    Joined again, the segments are `text[start:end]`; nested, overlapping and adjacent evidence all keep their own acts.
    """
    stop = min(len(text), LONGEST + start) if end is None else min(end, len(text))
    inside = [
        Span(span.act, max(start, span.start), min(stop, span.end))
        for span in spans
        if span.start < span.end and span.start < stop and span.end > start
    ]
    borders = sorted({start, stop, *(span.start for span in inside), *(span.end for span in inside)})
    cut = []
    for left, right in pairwise(borders):
        covering = sorted((span for span in inside if span.start <= left and right <= span.end), key=lambda s: s.act)
        begins = tuple(dict.fromkeys(span.act for span in covering if span.start == left))
        cut.append(Segment(text[left:right], tuple(dict.fromkeys(span.act for span in covering)), begins))
    return tuple(cut)


def _without_blank_lines(text: str, start: int, end: int) -> tuple[int, int]:
    stretch = text[start:end]
    stripped = stretch.strip("\r\n\t \u00a0")
    if not stripped:
        return start, start
    first = stretch.index(stripped[0])
    line = stretch.rfind("\n", 0, first) + 1
    return start + line, start + len(stretch.rstrip())
