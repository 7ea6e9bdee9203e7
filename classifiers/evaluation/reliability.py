"""Whether `confidence` can be acted on: calibration error, and how much of the mail a threshold lets through.

Every function takes rows of mails sorted by falling confidence, `confidence` and `right` of one shape (rows, mails), so
that the bootstrap measures a thousand resamples at once. Mails of equal confidence count alike in whatever order they
stand: no threshold could part them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.evaluation.counts import Numbers

BINS = 10
PRECISION = 0.98

_Z = 1.959964
"""Standard deviations either side that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Mails of like confidence: their mean confidence, the share that is right, and its 95 % interval (Wilson)."""

    mails: int
    confidence: float
    right: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold lets through: mails of `confidence` or more are `coverage` of all and `precision` of them right."""

    confidence: float
    coverage: float
    precision: float


def ranked(confidence: Numbers, right: npt.NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """One row of mails as the functions below take it."""
    order = np.argsort(-confidence, kind="stable")
    return confidence[order][None, :], right[order].astype(np.float64)[None, :]


def calibration_error(confidence: Numbers, right: Numbers, bins: int = BINS) -> Numbers:
    """Expected calibration error of each row: `bins` bins of equally many mails, their gaps weighed by their mails."""
    starts = _starts(confidence.shape[1], bins)
    gaps = np.add.reduceat(confidence - _levelled(confidence, right), starts, axis=1)
    return np.asarray(np.abs(gaps).sum(axis=1) / confidence.shape[1], dtype=np.float64)


def coverage(confidence: Numbers, right: Numbers, precision: float = PRECISION) -> Numbers:
    """The largest share of each row's mails that some threshold lets through with at least this precision, else 0.

    A property of the ranking. Ties are broken against us: all mails of one confidence are let through or none.
    """
    mails = confidence.shape[1]
    through = np.arange(1, mails + 1)
    enough = _last_of_equals(confidence) & (np.cumsum(right, axis=1) >= precision * through - 1e-9)
    return np.asarray((enough * through).max(axis=1) / mails, dtype=np.float64)


def bins_of(confidence: Numbers, right: Numbers, bins: int = BINS) -> tuple[Bin, ...]:
    """The bins of the first row, from low to high confidence."""
    starts = _starts(confidence.shape[1], bins)
    parts = zip(np.split(confidence[0], starts[1:]), np.split(_levelled(confidence, right)[0], starts[1:]), strict=True)
    return tuple(_bin(len(sure), float(sure.mean()), float(share.mean())) for sure, share in parts)[::-1]


def curve(confidence: Numbers, right: Numbers) -> tuple[Point, ...]:
    """What each threshold of the first row lets through, from strict to lenient."""
    last = np.flatnonzero(_last_of_equals(confidence)[0])
    precision = np.cumsum(right[0])[last] / (last + 1)
    return tuple(
        Point(float(confidence[0, place]), float((place + 1) / confidence.shape[1]), float(share))
        for place, share in zip(last, precision, strict=True)
    )


def _starts(mails: int, bins: int) -> npt.NDArray[np.int_]:
    bins = min(bins, mails)
    return np.arange(bins) * mails // bins


def _last_of_equals(confidence: Numbers) -> npt.NDArray[np.bool_]:
    last = np.ones(confidence.shape, dtype=bool)
    last[:, :-1] = confidence[:, 1:] != confidence[:, :-1]
    return last


def _levelled(confidence: Numbers, right: Numbers) -> Numbers:
    """`right`, each mail with the mean of those of its row with the same confidence."""
    first = np.ones(confidence.shape, dtype=bool)
    first[:, 1:] = confidence[:, 1:] != confidence[:, :-1]
    equals = np.cumsum(first.ravel()) - 1
    means = np.bincount(equals, weights=right.ravel()) / np.bincount(equals)
    return np.asarray(means[equals].reshape(right.shape), dtype=np.float64)


def _bin(mails: int, confidence: float, right: float) -> Bin:
    spread = _Z * _Z / mails
    middle = (right + spread / 2) / (1 + spread)
    half = _Z * np.sqrt(right * (1 - right) / mails + spread / (4 * mails)) / (1 + spread)
    return Bin(mails, confidence, right, max(0.0, float(middle - half)), min(1.0, float(middle + half)))
