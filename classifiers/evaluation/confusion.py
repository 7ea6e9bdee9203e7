"""What was read for what: per mail, each intent that was missed beside each that was read wrongly."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.evaluation.pairs import Pair
from inbox_agent.domain.taxonomy import Intent

WORST = 20


@dataclass(frozen=True, slots=True)
class Confusion:
    """`missed` was there and `extra` was read, in one mail. `extra` None: missed alone; `missed` None: read besides."""

    missed: Intent | None
    extra: Intent | None
    mails: int


def confusions(pairs: Sequence[Pair]) -> tuple[Confusion, ...]:
    """All that occur, the most frequent first. A mail with two missed and one extra counts for two."""
    found: Counter[tuple[Intent | None, Intent | None]] = Counter()
    for pair in pairs:
        missed = pair.labels.intents - pair.reading.intents
        extra = pair.reading.intents - pair.labels.intents
        if missed or extra:
            found.update((one, other) for one in missed or [None] for other in extra or [None])
    rows = [Confusion(missed, extra, mails) for (missed, extra), mails in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.mails, row.missed or "", row.extra or "")))


def worst(pairs: Sequence[Pair], most: int = WORST) -> tuple[int, ...]:
    """Places in `pairs` of the wrong sets, the most confident first."""
    wrong = [place for place, pair in enumerate(pairs) if not pair.is_exact]
    return tuple(sorted(wrong, key=lambda place: -pairs[place].reading.confidence)[:most])
