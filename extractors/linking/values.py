"""Cues by what rows are worth and when they are of: a stated amount, one or the sum of several, a month, a day."""

import re
from collections.abc import Iterator
from itertools import combinations

from extractors.linking.context import Context
from extractors.linking.cue import Cue
from extractors.linking.rows import bits
from extractors.segments import Said
from inbox_agent.domain.act import Evidence, LinkReason, Source

MAX_SUMMED = 14
"""Rows among which sums are looked for: 2^14 sets."""

_THOUSANDS = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d)?)\s?k\b", re.IGNORECASE)


class Values:
    """Finds the rows of stated amounts, months and days."""

    def __init__(self, context: Context) -> None:
        self._c, self._stated, self._rows = context, context.stated, context.rows

    def at(self, place: Said, source: str) -> Iterator[Cue]:
        """The cues of what the place, its clause and sentence, and the sentences beside it state."""
        evidence = place.evidence
        spans = [("evidence", (evidence.start, evidence.end)), ("clause", place.clause), ("sentence", place.sentence)]
        if evidence.source is Source.BODY:
            here = self._c.sentence_index(evidence.start)
            if here > 0:
                spans.append(("prev", self._c.sentences[here - 1]))
            if 0 <= here < len(self._c.sentences) - 1:
                spans.append(("next", self._c.sentences[here + 1]))
        for name, span in spans:
            yield from self._amounts(name, source, span, evidence)
            yield from self._months(name, span, evidence)
            yield from self._days(name, source, span, evidence)

    def _amounts(self, name: str, source: str, span: tuple[int, int], evidence: Evidence) -> Iterator[Cue]:
        if not self._rows.values.has_amounts:
            return
        same, total, near = 0, 0, 0
        said: list[str] = []
        placed: list[tuple[int, int, str]] = []
        for mention in self._stated.amounts_in(evidence, *span):
            if not (mention.sure or mention.amount.minor):
                continue
            minor, words = abs(mention.amount.minor), source[mention.start : mention.end]
            if rows := self._rows.worth(mention.amount):
                same |= rows
                said.append(words)
                placed.append((_apart(mention.start, mention.end, evidence), rows, words))
            elif mention.sure and minor and (rows := self._summed(minor)):
                total |= rows
                said.append(words)
        for match in _THOUSANDS.finditer(source, *span):
            minor = round(float(match.group(1).replace(",", ".")) * 100_000)
            near |= self._rows.where(
                n for n in bits(self._rows.open) if abs(self._rows.items[n].open.minor - minor) <= minor * 0.06
            )
        words = ", ".join(said)
        if len(placed) > 1 and name == "sentence":
            _, rows, words_near = min(placed)
            yield Cue("a.nearest", rows, LinkReason.AMOUNT, words_near)
        if same:
            yield Cue(f"a.{name}", same, LinkReason.AMOUNT, words)
            if same & self._rows.open and same & ~self._rows.open:
                yield Cue(f"a.{name}.open", same & self._rows.open, LinkReason.AMOUNT, words)
        if total:
            yield Cue(f"sum.{name}", total, LinkReason.SUM, words)
        if near:
            yield Cue(f"near.{name}", near, LinkReason.AMOUNT)

    def _summed(self, minor: int) -> int:
        """The only set of several open rows (set-off included) that comes to this amount, else none."""
        if self._rows.open_total == minor and self._rows.open.bit_count() > 1:
            return self._rows.open
        among = self._rows.open | self._rows.credit
        if not 2 <= among.bit_count() <= MAX_SUMMED:
            return 0
        positions = [n for n in bits(among) if self._rows.items[n].open.minor]
        sums: list[int] = []
        for size in range(2, min(len(positions), 5) + 1):
            for chosen in combinations(positions, size):
                if sum(self._rows.items[n].open.minor for n in chosen) == minor:
                    sums.append(self._rows.where(chosen))
                    if len(sums) > 1:
                        return 0
        return sums[0] if sums else 0

    def _months(self, name: str, span: tuple[int, int], evidence: Evidence) -> Iterator[Cue]:
        named = self._c.months_in(evidence, *span)
        for kind, bare in (("month", False), ("bare", True)) if named else ():
            issued = due = 0
            said: list[str] = []
            placed: list[tuple[int, int, str]] = []
            first = {one.month: one for one in reversed(named) if one.bare is bare}
            for month in sorted(first):
                if marks := self._rows.issued_in(month):
                    placed.append((_apart(first[month].start, first[month].end, evidence), marks, first[month].words))
                    issued |= marks
                due |= self._rows.due_in(month)
                said.append(first[month].words)
            if len(placed) > 1 and name == "sentence":
                _, marks, words = min(placed)
                yield Cue(f"{kind}.nearest", marks, LinkReason.PERIOD, words)
            if said:
                words = ", ".join(said)
                yield Cue(f"{kind}.{name}", issued, LinkReason.PERIOD, words)
                if issued & self._rows.open != issued:
                    yield Cue(f"{kind}.{name}.open", issued & self._rows.open, LinkReason.PERIOD, words)
                if due != issued and not bare:
                    yield Cue(f"{kind}.{name}.due", due, LinkReason.PERIOD, words)

    def _days(self, name: str, source: str, span: tuple[int, int], evidence: Evidence) -> Iterator[Cue]:
        named = self._stated.days_in(evidence, *span)
        days = {one.behind: source[one.start : min(one.end, span[1])] for one in named if one.behind}
        if not days:
            return
        issued = due = 0
        for day in days:
            issued |= self._rows.issued_on(day)
            due |= self._rows.due_on(day)
        words = ", ".join(days.values())
        yield Cue(f"day.{name}", issued, LinkReason.DATE, words)
        yield Cue(f"day.{name}.due", due, LinkReason.DATE, words)


def _apart(start: int, end: int, evidence: Evidence) -> int:
    """Characters between a stretch and the evidence."""
    return max(start - evidence.end, evidence.start - end, 0)
