"""Calibration on dev: probabilities one can act on, thresholds, and one confidence that the whole reading is right.

Each intent gets a scale and a shift of its logit (Platt); thresholds are those with the best F1, drawn towards one half
where dev has few mails. Confidence is a logistic curve over the likelihood of the chosen set and its closest call.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.labels import INTENT_ORDER, choose, mapping
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import INTENTS, Intent

Array = NDArray[np.float64]

_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """`scale` and `shift` per label (intents, then reasons), `threshold` per intent, `confidence` the weights of `features`."""

    scale: tuple[float, ...]
    shift: tuple[float, ...]
    threshold: tuple[float, ...]
    confidence: tuple[float, ...]

    def probabilities(self, logits: Array) -> Array:
        """Calibrated probabilities (…, LABELS) of label logits."""
        return sigmoid(logits * np.array(self.scale) + np.array(self.shift))

    @property
    def thresholds(self) -> dict[Intent, float]:
        """By intent."""
        return mapping(self.threshold)

    def certainty(self, probability: dict[Intent, float], chosen: Sequence[Intent], likelihood: float) -> float:
        """The confidence (0..1) that exactly `chosen` is right."""
        return float(sigmoid(np.array(self.confidence) @ features(probability, self.thresholds, chosen, likelihood)))

    def as_json(self) -> dict[str, Any]:
        """For a model's card."""
        return {name: [round(value, 5) for value in values] for name, values in asdict(self).items()}

    @classmethod
    def of_json(cls, card: dict[str, Any]) -> "Calibration":
        """From a model's card. Raises `ModelError` when it does not hold one."""
        try:
            return cls(**{name: tuple(float(value) for value in card[name]) for name in cls.__dataclass_fields__})
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError("The model's card holds no calibration. Retrain the model.") from error


def sigmoid(values: Array) -> Array:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-np.clip(values, -40, 40)))


def features(
    probability: dict[Intent, float], threshold: dict[Intent, float], chosen: Sequence[Intent], likelihood: float
) -> Array:
    """What tells whether a set is right: a constant, the log-odds of its likelihood, the closest call, how many intents."""
    closest = min(abs(_odds(probability[intent]) - _odds(threshold[intent])) for intent in INTENT_ORDER)
    alone = any(INTENTS[intent].stands_alone for intent in chosen)
    return np.array([1.0, _odds(likelihood), min(closest, 4.0), float(len(chosen) - 1), float(alone)])


def fit(logits: Array, labels: Array) -> Calibration:
    """From dev logits and targets (N, LABELS)."""
    scale, shift = zip(
        *(_platt(logits[:, column], labels[:, column]) for column in range(labels.shape[1])), strict=True
    )
    probability = sigmoid(logits * np.array(scale) + np.array(shift))
    threshold = tuple(_threshold(probability[:, n], labels[:, n]) for n in range(len(INTENT_ORDER)))
    rows, right = [], []
    for row, gold in zip(probability, labels, strict=True):
        of_intent = mapping(row)
        chosen, likelihood = choose(of_intent, mapping(threshold))
        rows.append(features(of_intent, mapping(threshold), chosen, likelihood))
        right.append(set(chosen) == {intent for intent, said in zip(INTENT_ORDER, gold, strict=False) if said})
    return Calibration(
        scale, shift, threshold, tuple(_logistic(np.array(rows), np.array(right, dtype=float), ridge=1.0))
    )


def _platt(logit: Array, label: Array) -> tuple[float, float]:
    """Scale and shift, held near (1, 0) by a prior worth a few mails, since some labels are rare on dev."""
    weights = _logistic(np.stack([logit, np.ones_like(logit)], axis=1), label, ridge=3.0, prior=np.array([1.0, 0.0]))
    return max(0.1, float(weights[0])), float(weights[1])


def _threshold(probability: Array, label: Array) -> float:
    """The threshold of the best F1 among 0.2 … 0.8, a mean with one half by the number of mails that have the label."""
    grid = np.arange(0.2, 0.81, 0.02)
    positive = label.sum()
    f1 = [
        2 * (label * (probability >= value)).sum() / max(1.0, positive + (probability >= value).sum()) for value in grid
    ]
    near_best = grid[np.array(f1) >= max(f1) - 0.003]
    trust = positive / (positive + 60)
    return float(trust * near_best.mean() + (1 - trust) * 0.5)


def _logistic(rows: Array, target: Array, ridge: float, prior: Array | None = None) -> Array:
    """Logistic regression by Newton's method, each step halved until it helps, with a ridge towards `prior` (default 0)."""
    prior = np.zeros(rows.shape[1]) if prior is None else prior

    def cost(weights: Array) -> float:
        scores = rows @ weights
        return float((np.logaddexp(0, scores) - target * scores).sum() + ridge / 2 * ((weights - prior) ** 2).sum())

    weights, present = prior.copy(), cost(prior)
    for _ in range(100):
        share = sigmoid(rows @ weights)
        slope = rows.T @ (share - target) + ridge * (weights - prior)
        curve = (rows * (share * (1 - share))[:, None]).T @ rows + ridge * np.eye(rows.shape[1])
        step = np.linalg.solve(curve, slope)
        while (lower := cost(weights - step)) > present and np.abs(step).max() > 1e-9:
            step = step / 2
        weights, gain, present = weights - step, present - lower, lower
        if gain < 1e-8:
            break
    return np.asarray(weights)


def _odds(probability: float) -> float:
    bounded = min(max(probability, _FLOOR), 1 - _FLOOR)
    return math.log(bounded / (1 - bounded))
