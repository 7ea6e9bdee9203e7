"""Cues by what rows are worth and when they are of: a stated amount, one or the sum of several, a month, a day."""

import re
from collections.abc import Iterator
from itertools import combinations

from extractors.amounts import find_amounts
from extractors.dates import Dates
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

    def __init__(self, context: Context, dates: Dates) -> None:
        self._c, self._dates, self._rows = context, dates, context.rows
        self._currency = next((row.amount.currency for row in self._rows.items), "EUR")

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
            yield from self._months(name, source, span, evidence)
            yield from self._days(name, source, span)

    def _amounts(self, name: str, source: str, span: tuple[int, int], evidence: Evidence) -> Iterator[Cue]:
        if not self._rows.known:
            return
        same, total, near = 0, 0, 0
        said: list[str] = []
        placed: list[tuple[int, int, str]] = []
        for mention in find_amounts(source, *span, self._currency, self._rows.known):
            minor, words = abs(mention.amount.minor), source[mention.start : mention.end]
            if rows := self._rows.by_amount.get((minor, mention.amount.currency), 0):
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

    def _months(self, name: str, source: str, span: tuple[int, int], evidence: Evidence) -> Iterator[Cue]:
        for kind, bare in (("month", False), ("bare", True)):
            issued = due = 0
            said: list[str] = []
            placed: list[tuple[int, int, str]] = []
            for month, match in self._c.phrases.months(source, *span, bare=bare):
                if marks := self._rows.issued_in(month):
                    placed.append((_apart(*match.span(), evidence), marks, match.group()))
                    issued |= marks
                due |= self._rows.due_in(month)
                said.append(match.group())
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

    def _days(self, name: str, source: str, span: tuple[int, int]) -> Iterator[Cue]:
        mail = self._c.mail
        mentions = self._dates.find(source, *span, mail.received_on, self._c.text.language, future=False)
        days = {mention.day: source[mention.start : mention.end] for mention in mentions}
        if not days:
            return
        issued = due = 0
        for day in days:
            issued |= self._rows.issued.get(day, 0)
            due |= self._rows.due.get(day, 0)
        words = ", ".join(days.values())
        yield Cue(f"day.{name}", issued, LinkReason.DATE, words)
        yield Cue(f"day.{name}.due", due, LinkReason.DATE, words)


def _apart(start: int, end: int, evidence: Evidence) -> int:
    """Characters between a stretch and the evidence."""
    return max(start - evidence.end, evidence.start - end, 0)
