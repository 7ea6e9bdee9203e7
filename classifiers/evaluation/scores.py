"""All figures of one reader on some mails."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from classifiers.evaluation import confusion, reliability
from classifiers.evaluation.bootstrap import Ratio, intervals
from classifiers.evaluation.counts import Group, group
from classifiers.evaluation.pairs import Pair
from inbox_agent.domain.taxonomy import Intent, Language

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with its 95 % interval, measured over `count` mails (or acts); None: there was nothing to measure."""

    value: float | None
    low: float | None = None
    high: float | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Scores:
    """What `evaluate` measured.

    `micro`, `macro`, `exact`: of all mails, as in `Group`.
    `reason_acts`, `reason_mails`: dispute-reason accuracy, over the mails with a dispute in labels and reading: the share
    of labelled dispute acts whose reason is among the reasons read; the share of mails whose set of reasons is exactly right.
    `tone`, `requires_reply`, `reply_text`: share of mails where it is exactly right.
    `ece`, `coverage`: see `reliability`; `threshold` is the confidence from which mail is let through for that coverage.
    `worst`: places in the pairs of the wrong sets that were read with most confidence.
    """

    whole: Group
    languages: dict[Language, Group]
    micro: Measure
    macro: Measure
    exact: Measure
    reason_acts: Measure
    reason_mails: Measure
    tone: Measure
    requires_reply: Measure
    reply_text: Measure
    ece: Measure
    coverage: Measure
    threshold: float | None
    bins: tuple[reliability.Bin, ...]
    curve: tuple[reliability.Point, ...]
    confusions: tuple[confusion.Confusion, ...]
    worst: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """The figures as JSON values; `worst` is left out, since it only makes sense beside the mails."""
        fields = asdict(self)
        del fields["worst"]
        return fields


def evaluate(pairs: Sequence[Pair], resamples: int = RESAMPLES) -> Scores:
    """All figures of these mails; intervals from `resamples` resamples (0: none). Raises `ValueError` when there are no mails.

    The order of the mails changes nothing but ties in `worst` and the draws of the bootstrap.
    """
    whole = group(pairs)
    ratios = {name: _ratio(pairs, part) for name, part in _RATIOS.items()}
    spread = intervals(pairs, ratios, resamples)
    row = reliability.ranked(
        np.array([pair.reading.confidence for pair in pairs]), np.array([pair.is_exact for pair in pairs])
    )
    covered = float(reliability.coverage(*row)[0])
    curve = reliability.curve(*row)

    def measure(name: str, value: float | None, count: int) -> Measure:
        low, high = spread.get(name, (None, None)) if value is not None else (None, None)
        return Measure(value, low, high, count)

    shares = {
        name: measure(name, float(share.sum() / of.sum()) if of.sum() else None, int(of.sum()))
        for name, (share, of) in ratios.items()
    }
    return Scores(
        whole=whole,
        languages={
            language: group(mails)
            for language in Language
            if (mails := [pair for pair in pairs if pair.labels.language is language])
        },
        micro=measure("micro", whole.micro.f1, whole.mails),
        macro=measure("macro", whole.macro, whole.mails),
        ece=measure("ece", float(reliability.calibration_error(*row)[0]), whole.mails),
        coverage=measure("coverage", covered, whole.mails),
        threshold=next((point.confidence for point in curve if point.coverage == covered), None),
        bins=reliability.bins_of(*row),
        curve=curve,
        confusions=confusion.confusions(pairs),
        worst=confusion.worst(pairs),
        **shares,
    )


Part = Callable[[Pair], tuple[float, float]]
"""What one mail counts for a ratio, and of how much."""


def _reason_acts(pair: Pair) -> tuple[float, float]:
    reasons, read = pair.labels.reasons, pair.reading.reasons
    if read is None or not _both_dispute(pair):
        return 0, 0
    return sum(reason in read for reason in reasons), len(reasons)


def _reason_mails(pair: Pair) -> tuple[float, float]:
    if pair.reading.reasons is None or not pair.labels.reasons or not _both_dispute(pair):
        return 0, 0
    return float(frozenset(pair.labels.reasons) == pair.reading.reasons), 1


def _both_dispute(pair: Pair) -> bool:
    return Intent.DISPUTE in pair.labels.intents and Intent.DISPUTE in pair.reading.intents


def _same(labelled: object, read: object) -> tuple[float, float]:
    return (0, 0) if labelled is None or read is None else (float(labelled == read), 1)


_RATIOS: dict[str, Part] = {
    "exact": lambda pair: (float(pair.is_exact), 1),
    "reason_acts": _reason_acts,
    "reason_mails": _reason_mails,
    "tone": lambda pair: _same(pair.labels.tone, pair.reading.tone),
    "requires_reply": lambda pair: _same(pair.labels.requires_reply, pair.reading.requires_reply),
    "reply_text": lambda pair: _same(pair.labels.reply_text, pair.reading.reply_text),
}


def _ratio(pairs: Sequence[Pair], part: Part) -> Ratio:
    counted = np.array([part(pair) for pair in pairs], dtype=np.float64)
    return counted[:, 0], counted[:, 1]
