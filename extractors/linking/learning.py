"""Learning the weights of the choice: a conditional logit by gradient steps (Adam), with weights kept small.

Features come in bundles that hold together (a cue's relation, alone, by intent, by nearness): each bundle is summed once a step.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RARE = 3
"""A feature that is seen at fewer places is left out."""

STEPS = 100
RATE = 0.08
STRENGTH = 16.0
"""Of the Gaussian prior on every weight (L2)."""

SMALL = 0.03
"""Weights below are not kept."""

Bundle = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One place: the bundles that hold for each set that may be meant, each with how much, and which set is right."""

    sets: Sequence[Sequence[tuple[Bundle, float]]]
    right: int


def learn(examples: Sequence[Example]) -> dict[str, float]:
    """The weights under which the right sets are likeliest."""
    counts = Counter(
        bundle for example in examples for bundle in {bundle for held in example.sets for bundle, _ in held}
    )
    seen: Counter[str] = Counter()
    for bundle, count in counts.items():
        for name in bundle:
            seen[name] += count
    features = {name: n for n, name in enumerate(name for name, count in seen.items() if count >= RARE)}
    bundles = {bundle: n for n, bundle in enumerate(counts)}
    members = [(n, features[name]) for bundle, n in bundles.items() for name in bundle if name in features]
    held = [
        (row, bundles[bundle], value)
        for row, held in enumerate(held for example in examples for held in example.sets)
        for bundle, value in held
    ]
    sizes = np.asarray([len(example.sets) for example in examples])
    starts = np.cumsum(sizes) - sizes
    right = starts + np.asarray([example.right for example in examples])
    weights = _steps(
        np.asarray([row for row, _, _ in held]),
        np.asarray([bundle for _, bundle, _ in held]),
        np.asarray([value for _, _, value in held]),
        np.asarray(members),
        (int(sizes.sum()), len(bundles), len(features)),
        starts,
        right,
    )
    return {name: round(float(weights[n]), 3) for name, n in features.items() if abs(weights[n]) >= SMALL}


def _steps(
    row: NDArray[np.int_],
    bundle: NDArray[np.int_],
    value: NDArray[np.float64],
    members: NDArray[np.int_],
    shape: tuple[int, int, int],
    starts: NDArray[np.int_],
    right: NDArray[np.int_],
) -> NDArray[np.float64]:
    rows, bundles, features = shape
    owner, member = members.T
    place = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, rows)))
    target = np.zeros(rows)
    target[right] = 1.0
    weights, first, second = np.zeros(features), np.zeros(features), np.zeros(features)
    for step in range(1, STEPS + 1):
        worth = np.bincount(owner, weights[member], minlength=bundles)
        scores = np.bincount(row, worth[bundle] * value, minlength=rows)
        scores = np.exp(scores - np.maximum.reduceat(scores, starts)[place])
        off = scores / np.add.reduceat(scores, starts)[place] - target
        pull = np.bincount(bundle, off[row] * value, minlength=bundles)
        gradient = np.bincount(member, pull[owner], minlength=features) + STRENGTH * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        weights -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return weights
