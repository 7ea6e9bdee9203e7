"""The second look: what one place is about hangs on what the mail's other places are about, as far as that is known.

Each other place counts with each set of rows that it may be about, by how likely that is after the first look.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.linking.choice import Asked, relation
from extractors.linking.rows import Rows
from extractors.segments import Said

MAX_OTHERS = 12
"""Other places that are compared, the nearest."""

_MOST = 4
"""Hypotheses of another place that count."""

_LEAST = 0.03
"""How likely one must be to count."""

_ABOVE = ("subject", "quote", "quotes", "overdue")
_OWN = ("n.evidence", "n.clause", "n.sentence")


@dataclass(frozen=True, slots=True)
class Looked:
    """A place after the first look: what it may be about, and how likely each is."""

    said: Said
    asked: Asked
    sets: Sequence[int]
    shares: Sequence[float]

    @property
    def best(self) -> int:
        """The likeliest set."""
        return self.sets[max(range(len(self.sets)), key=self.shares.__getitem__)]

    def likely(self) -> list[tuple[int, float]]:
        """The likeliest sets."""
        order = sorted(range(len(self.sets)), key=lambda n: -self.shares[n])[:_MOST]
        return [(self.sets[n], self.shares[n]) for n in order if self.shares[n] > _LEAST]


class _Beside:
    """Another place seen from one: what holds for a set by how it lies to what that one may be about."""

    def __init__(self, group: str, own: str, other: Looked, apart: str) -> None:
        theirs = other.asked.group
        same, levels = "same" if theirs == group else "other", f"{own}|{other.asked.level(_OWN)}"
        self._ends = (
            f"|{same}|{apart}",
            f"|{group}|{theirs}",
            f"|{group}|{theirs}|{apart}",
            f"|{levels}|{apart[0]}",
            f"|{levels}|{same}",
        )
        self._bundles: dict[str, tuple[str, ...]] = {}

    def bundle(self, how: str) -> tuple[str, ...]:
        if how not in self._bundles:
            self._bundles[how] = tuple(how + end for end in self._ends)
        return self._bundles[how]


def seen_together(looked: Sequence[Looked], at: int, rows: Rows) -> list[dict[tuple[str, ...], float]]:
    """For each set of the place `at`: its features beside the other places, in bundles."""
    place = looked[at]
    others = sorted((n for n in range(len(looked)) if n != at), key=lambda n: abs(n - at))[:MAX_OTHERS]
    group, own = place.asked.group, place.asked.level(_OWN)
    known = [(_Beside(group, own, looked[n], _apart(place.said, looked[n].said)), looked[n].likely()) for n in others]
    used = 0
    for _, likely in known:
        if likely and likely[0][1] > 0.5:
            used |= likely[0][0]
    left = [(cue.name, cue.rows & ~used) for cue in place.asked.cues if cue.name in _ABOVE and cue.rows & used]
    left = [("open", rows.open & ~used), *left] if used else []
    described = []
    for marks in place.sets:
        held: dict[tuple[str, ...], float] = defaultdict(float)
        for beside, likely in known:
            for rows_there, share in likely:
                how = relation(marks, rows_there) if rows_there else ("both none" if not marks else "none there")
                held[beside.bundle(how)] += share
        if used:
            how = relation(marks, used)
            held[f"used{how}", f"used{how}{group}", f"used{how}@{own}"] = 1.0
        for name, rest in left:
            if rest:
                how = f"left.{name}{relation(marks, rest)}"
                held[how, f"{how}{group}", f"{how}@{own}", f"{how}{min(rest.bit_count(), 3)}"] = 1.0
        described.append(dict(held))
    return described


def _apart(one: Said, two: Said) -> str:
    """Where the second is said, seen from the first: in another text, the same sentence, beside it, or far; before or after."""
    if one.evidence.source is not two.evidence.source:
        return "other text"
    after = two.evidence.start > one.evidence.start
    if one.sentence == two.sentence:
        return "sentence after" if after else "sentence before"
    gap = two.sentence[0] - one.sentence[1] if after else one.sentence[0] - two.sentence[1]
    return f"{'beside' if gap <= 3 else 'far'} {'after' if after else 'before'}"
