"""How far a figure could be off by the choice of mails: 95 % intervals from resampled mails (percentile bootstrap)."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from classifiers.evaluation.counts import Numbers, macro_f1, matrix
from classifiers.evaluation.pairs import Pair
from classifiers.evaluation.reliability import calibration_error, coverage

SEED = 3
AT_ONCE = 100
"""Resamples held in memory together; 10,000 mails then take some 30 MB."""

Ratio = tuple[Numbers, Numbers]
"""Per mail, what counts for a figure and of how much: the figure is the quotient of their sums."""


def intervals(
    pairs: Sequence[Pair], ratios: Mapping[str, Ratio], resamples: int, seed: int = SEED
) -> dict[str, tuple[float, float]]:
    """The 2.5th and 97.5th percentile of `micro`, `macro`, `ece`, `coverage` and of each ratio; the same for one seed.

    A figure that no resample has is left out. Resampled mails repeat, so that a calibration error is found a little too
    large: the interval of a very small one may lie above it.
    """
    if not resamples:
        return {}
    confidence = np.array([pair.reading.confidence for pair in pairs])
    order = np.argsort(-confidence, kind="stable")
    confidence = confidence[order]
    gold = matrix(pairs[place].labels.intents for place in order)
    read = matrix(pairs[place].reading.intents for place in order)
    right = (gold == read).all(axis=1).astype(np.float64)
    ordered = {name: (share[order], whole[order]) for name, (share, whole) in ratios.items()}
    found: dict[str, list[Numbers]] = {}
    for drawn in _draws(len(pairs), resamples, seed):
        weights = _weights(drawn)
        counts = [weights @ part.astype(np.float64) for part in (gold & read, read, gold)]
        of_all = [count.sum(axis=1) for count in counts]
        figures = {
            "micro": _quotient(2 * of_all[0], of_all[1] + of_all[2]),
            "macro": macro_f1(*counts),
            "ece": calibration_error(confidence[drawn], right[drawn]),
            "coverage": coverage(confidence[drawn], right[drawn]),
        }
        figures |= {name: _quotient(weights @ share, weights @ whole) for name, (share, whole) in ordered.items()}
        for name, values in figures.items():
            found.setdefault(name, []).append(values)
    return {
        name: (float(np.quantile(known, 0.025)), float(np.quantile(known, 0.975)))
        for name, values in found.items()
        if len(known := (joined := np.concatenate(values))[~np.isnan(joined)])
    }


def _draws(mails: int, resamples: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """Resamples, a row each: as many mails as there are, drawn with replacement, in order."""
    random = np.random.default_rng(seed)
    for done in range(0, resamples, AT_ONCE):
        yield np.sort(random.integers(0, mails, (min(AT_ONCE, resamples - done), mails)), axis=1)


def _weights(drawn: npt.NDArray[np.int64]) -> Numbers:
    """How often each mail was drawn, a row a resample."""
    rows, mails = drawn.shape
    places = drawn + np.arange(rows)[:, None] * mails
    return np.bincount(places.ravel(), minlength=rows * mails).reshape(rows, mails).astype(np.float64)


def _quotient(share: Numbers, whole: Numbers) -> Numbers:
    return np.where(whole > 0, share / np.where(whole > 0, whole, 1.0), np.nan)
