"""What may be meant at one place, and what holds for it: sets of rows, and how each lies to the cues.

A hypothesis is a set of rows, the empty one too. It is described by how it lies to each cue (the same set, inside it, around
it, across it, apart from it), by kind of intent, and by what it is (how many, open, overdue). The weights are learned.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from extractors.linking.cue import Cue
from extractors.linking.rows import Rows, bits
from inbox_agent.domain.taxonomy import DisputeReason, Intent

MAX_SETS = 64
"""Hypotheses that are compared at one place."""

MAX_SINGLE = 12
"""Rows of a cue that are tried one by one."""

_REMEMBERED = 20_000
"""Sums that a scorer keeps."""

_LEVELS = ("n.evidence", "n.clause", "n.before", "n.sentence", "n.line", "n.heading", "q.above", "n.prev", "n.next1", "subject", "quote")  # fmt: skip
"""The cues that name rows by number, the nearest first: which is the first there is, changes what the others are worth."""

_NEAR = ("n.", "a.", "words.", "month.", "bare.", "day.")
"""Cues whose rows are also tried together."""


_PLAIN = ("n.", "a.evidence", "a.clause", "month.")
"""Cues by which the new text names rows outright."""

_STANDING = ("open", "overdue", "current", "settled", "twins")
"""Cues that rest on the ledger alone. Where rows are named and no word is a plural, several rows need more than these."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one place: whose rows, by which cues, and what the words around say about how many."""

    intent: Intent
    reason: DisputeReason | None
    cues: tuple[Cue, ...]
    plural: bool = False
    singular: bool = False
    count: int = 0
    unknown: bool = False
    """Whether a number stands there that looks like one of this ledger, and is none."""

    @property
    def group(self) -> str:
        """The intent, disputes about double billing apart."""
        return "duplicate" if self.reason is DisputeReason.DUPLICATE else self.intent.value

    def rows_of(self, name: str) -> int:
        """The rows of all cues of that name."""
        rows = 0
        for cue in self.cues:
            if cue.name == name:
                rows |= cue.rows
        return rows

    def level(self, levels: Sequence[str] = _LEVELS) -> str:
        """The first of the cues `levels` that the place has."""
        there = {cue.name for cue in self.cues}
        return next((name for name in levels if name in there), "none")


def relation(rows: int, cue: int) -> str:
    """How a set lies to a cue's rows."""
    if rows == cue:
        return "="
    if not rows:
        return "0"
    shared = rows & cue
    if shared == rows:
        return "<"
    if shared == cue:
        return ">"
    return "x" if shared else "/"


def hypotheses(asked: Asked, rows: Rows) -> list[int]:
    """The sets of rows to choose among, the empty one first."""
    cued = list(dict.fromkeys(cue.rows for cue in asked.cues))
    sets = dict.fromkeys((0, *cued))
    taken = asked.rows_of("taken")
    for marks in cued:
        if marks.bit_count() > 1:
            if marks.bit_count() <= MAX_SINGLE:
                sets.update(dict.fromkeys(1 << n for n in bits(marks)))
            for other in (marks & rows.open, marks & ~rows.credit, marks & ~taken, marks & rows.overdue):
                if other:
                    sets[other] = None
    if len(rows.items) <= MAX_SINGLE:
        sets.update(dict.fromkeys(1 << n for n in bits(rows.all)))
    near = [cue.rows for cue in asked.cues if cue.name.startswith(_NEAR) and cue.rows.bit_count() <= 3]
    for k, one in enumerate(near):
        for two in near[k + 1 :]:
            sets[one | two] = None
            if one & two:
                sets[one & two] = None
    if rows.open.bit_count() in (3, 4):
        sets.update(dict.fromkeys(rows.open & ~(1 << n) for n in bits(rows.open)))
    if asked.plural or not any(cue.name.startswith(_PLAIN) for cue in asked.cues):
        return list(sets)[:MAX_SETS]
    said = {cue.rows for cue in asked.cues if not cue.name.startswith(_STANDING)}
    standing = {cue.rows for cue in asked.cues if cue.name.startswith(_STANDING) and cue.rows.bit_count() > 1} - said
    return [marks for marks in sets if marks not in standing][:MAX_SETS]


class Described:
    """The features of the hypotheses of one place: names, each holding or not."""

    def __init__(self, asked: Asked, rows: Rows) -> None:
        self._asked, self._rows = asked, rows
        self._group, self._level = asked.group, asked.level()
        self._number = f"{'p' if asked.plural else ''}{'s' if asked.singular else ''}"
        self._ledger = min(rows.open.bit_count(), 4)
        self._taken = asked.rows_of("taken")
        self._cues: dict[str, int] = {}
        for cue in asked.cues:
            self._cues[cue.name] = self._cues.get(cue.name, 0) | cue.rows

    def bundles(self, marks: int) -> Iterator[tuple[str, ...]]:
        """All that holds for a set."""
        for name, cued in self._cues.items():
            how, size = relation(marks, cued), min(cued.bit_count(), 3)
            yield _cue_features(name, how, self._group, self._level, size)
        yield tuple(self._of_set(marks))

    def scores(self, sets: Sequence[int], scorer: "Scorer") -> list[float]:
        """What holds for each set, summed: the same as by `bundles`, each cue asked once."""
        kinds: dict[tuple[int, str, bool, bool], float] = {}
        totals = []
        for marks in sets:
            size = marks.bit_count()
            kind = min(size, 3), self._state(marks), size == self._asked.count, bool(marks & self._taken)
            if kind not in kinds:
                kinds[kind] = scorer.of(tuple(self._of_set(marks)))
            totals.append(kinds[kind])
        for name, cued in self._cues.items():
            worth: dict[str, float] = {}
            size = min(cued.bit_count(), 3)
            for n, marks in enumerate(sets):
                how = relation(marks, cued)
                if how not in worth:
                    worth[how] = scorer.of_cue(name, how, self._group, self._level, size)
                totals[n] += worth[how]
        return totals

    def _of_set(self, marks: int) -> Iterator[str]:
        group, level, number, ledger = self._group, self._level, self._number, self._ledger
        size, state = f"size{min(marks.bit_count(), 3)}", f"state.{self._state(marks)}"
        yield from (size, f"{size}{group}", f"{size}{number}", f"{size}{number}{group}", f"{size}of{ledger}")
        yield from (f"{size}of{ledger}{group}", f"{size}@{level}", f"{size}@{level}{group}")
        yield from (state, f"{state}{group}", f"{state}{group}@{level}", f"{state}{size}")
        if self._asked.count:
            yield f"count{'=' if marks.bit_count() == self._asked.count else '/'}"
        if self._asked.unknown:
            yield from (f"unknown{size}", f"unknown{size}@{level}")
        if marks & self._taken:
            yield f"taken{group}"

    def _state(self, marks: int) -> str:
        rows = self._rows
        if not marks:
            return "none"
        kinds = (("overdue", rows.overdue), ("open", rows.open), ("settled", rows.settled), ("credit", rows.credit))
        return next((name for name, among in kinds if marks & among == marks), "mixed")


def _cue_features(name: str, how: str, group: str, level: str, size: int) -> tuple[str, ...]:
    lies = name + how
    return lies, f"{lies}{group}", f"{lies}@{level}", f"{lies}{size}"


class Scorer:
    """Sums weights of features that hold together. It remembers the sums, since few combinations recur in all mail."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights
        self.of = lru_cache(maxsize=_REMEMBERED)(self._of)
        self.of_cue = lru_cache(maxsize=_REMEMBERED)(self._of_cue)

    def _of(self, features: tuple[str, ...]) -> float:
        return sum(self._weights.get(name, 0.0) for name in features)

    def _of_cue(self, name: str, how: str, group: str, level: str, size: int) -> float:
        return self._of(_cue_features(name, how, group, level, size))


def shares(scores: Sequence[float]) -> list[float]:
    """How likely each hypothesis is, by their scores (softmax)."""
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]
