"""Intents counted: precision, recall and F1 of each, of all together, and of the mails of one language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.evaluation.pairs import Pair
from inbox_agent.domain.taxonomy import Intent

ORDER = tuple(Intent)
"""The columns of every matrix of intents."""

Matrix = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """`right` of the `read` that were read and of the `support` that were there; None where there is nothing to divide by."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    read: int
    right: int


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of some mails. `micro` counts every intent of every mail alike.

    `macro` is the mean F1 of the intents that occur in the labels; None when there are none.
    `exact` is the share of mails whose whole set of intents is right.
    """

    mails: int
    micro: Score
    macro: float | None
    exact: float
    intents: dict[Intent, Score]


def matrix(sets: Iterable[frozenset[Intent]]) -> Matrix:
    """A row a mail, a column an intent (`ORDER`)."""
    rows = [[intent in one for intent in ORDER] for one in sets]
    return np.array(rows, dtype=bool).reshape(len(rows), len(ORDER))


def score(right: int, read: int, support: int) -> Score:
    """The score of these counts."""
    return Score(
        right / read if read else None,
        right / support if support else None,
        2 * right / (read + support) if read + support else None,
        support,
        read,
        right,
    )


def macro_f1(right: Numbers, read: Numbers, support: Numbers) -> Numbers:
    """Mean F1 over the last axis of those intents with support; NaN where there are none."""
    there = support > 0
    f1 = np.where(there, 2 * right / np.maximum(read + support, 1), 0.0)
    count = there.sum(axis=-1)
    return np.where(count > 0, f1.sum(axis=-1) / np.maximum(count, 1), np.nan)


def group(pairs: Sequence[Pair]) -> Group:
    """The figures of these mails. Raises `ValueError` when there are none."""
    if not pairs:
        raise ValueError("Nothing can be measured on no mails.")
    gold, read = matrix(pair.labels.intents for pair in pairs), matrix(pair.reading.intents for pair in pairs)
    counts = np.stack([(gold & read).sum(axis=0), read.sum(axis=0), gold.sum(axis=0)]).astype(np.float64)
    macro = float(macro_f1(*counts))
    return Group(
        mails=len(pairs),
        micro=score(*(int(count) for count in counts.sum(axis=1))),
        macro=None if np.isnan(macro) else macro,
        exact=float((gold == read).all(axis=1).mean()),
        intents={intent: score(*(int(count) for count in counts[:, column])) for column, intent in enumerate(ORDER)},
    )
