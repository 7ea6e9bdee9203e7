"""Mails that say nearly the same words: shared runs of five words, found through an index, not by comparing every pair.

Greetings, closings and digits do not count: the same letter with another number is the same letter. A mail of a handful of words is
only held against mails of exactly its words.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifiers.corpus import Record
from classifiers.validation.finding import Finding, error, warning
from classifiers.validation.words import words
from inbox_agent.domain.taxonomy import Intent

RUN = 5
"""Words of a shingle."""

MIN_SHINGLES = 6
"""Shingles of the shorter mail from which a share is worth naming."""

SIMILAR = 0.35
"""Share of all shingles of two mails that both have, from which they are near duplicates."""

CONTAINED = 0.5
"""Share of the shorter mail's shingles that the longer one has, from which they are near duplicates."""

_WORD = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two near duplicates; `jaccard` and `containment` in 0..1."""

    first: Record
    second: Record
    jaccard: float
    containment: float

    @property
    def crosses(self) -> bool:
        """Whether the two are in different splits, so that one gives the other away."""
        return self.first.split is not self.second.split


def check(records: Sequence[Record]) -> Iterator[Finding]:
    """Near duplicates as findings: across splits an error, within one a warning, word for word always an error.

    Bounces only warn: mail servers have fixed words, and what a bounce says must stay as a server says it.
    """
    for pair in pairs(records):
        first, second = pair.first, pair.second
        told = f"{pair.jaccard:.0%} of all words' runs are shared, {pair.containment:.0%} of the shorter mail's"
        if Intent.DELIVERY_FAILURE in first.gold.intents and Intent.DELIVERY_FAILURE in second.gold.intents:
            yield warning("near-duplicate", first.id, f"A bounce in much the same words as {second.id}: {told}.")
        elif pair.crosses:
            between = f"{first.split} and {second.split}"
            yield error("near-duplicate", first.id, f"Near duplicate of {second.id} across {between}: {told}.")
        elif pair.jaccard == 1.0:
            yield error("near-duplicate", first.id, f"The same words as {second.id}.")
        else:
            yield warning("near-duplicate", first.id, f"Near duplicate of {second.id}: {told}.")


def pairs(records: Sequence[Record]) -> list[Pair]:
    """All near duplicates, most alike first."""
    shingled = [shingles(record) for record in records]
    index: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, runs in enumerate(shingled):
        for run in runs:
            index[run].append(position)
    found = []
    for second, runs in enumerate(shingled):
        shared = Counter(first for run in runs for first in index[run] if first < second)
        for first, count in shared.items():
            shorter = min(len(shingled[first]), len(runs))
            jaccard, containment = count / (len(shingled[first]) + len(runs) - count), count / shorter
            if jaccard == 1.0 or (shorter >= MIN_SHINGLES and (jaccard >= SIMILAR or containment >= CONTAINED)):
                found.append(Pair(records[first], records[second], jaccard, containment))
    return sorted(found, key=lambda pair: (-pair.jaccard, -pair.containment, pair.first.id))


def shingles(record: Record) -> frozenset[tuple[str, ...]]:
    """The runs of five words of a mail's new text without its furniture; of a shorter mail all its words as one run."""
    furniture = words(record.gold.language).furniture
    lines = [line for line in record.gold.reply_text.splitlines() if not furniture.match(line)]
    said = ["#" if word.isdigit() else word.lower() for word in _WORD.findall("\n".join(lines))]
    if not said:
        return frozenset()
    return frozenset(tuple(said[start : start + RUN]) for start in range(max(1, len(said) - RUN + 1)))
