"""Calibration: logits that are too sure come down, thresholds follow, confidence follows being right."""

import numpy as np
import pytest

from classifiers.calibration import Calibration, fit, sigmoid
from classifiers.labels import INTENT_ORDER, LABEL_ORDER, choose, mapping
from inbox_agent.domain.errors import ModelError


@pytest.fixture(scope="module")
def overconfident() -> tuple[np.ndarray, np.ndarray]:
    """Logits that are three times too large, of 800 mails."""
    rng = np.random.default_rng(4)
    true = rng.normal(-1.5, 1.5, (800, len(LABEL_ORDER)))
    labels = (rng.random(true.shape) < sigmoid(true)).astype(float)
    return true * 3, labels


def test_probabilities_come_near_the_truth(overconfident: tuple[np.ndarray, np.ndarray]) -> None:
    logits, labels = overconfident
    calibration = fit(logits, labels)
    assert np.median(calibration.scale) == pytest.approx(1 / 3, abs=0.08)
    for column in range(len(LABEL_ORDER)):
        high = calibration.probabilities(logits)[:, column] > 0.6
        if high.sum() > 50:
            assert abs(calibration.probabilities(logits)[high, column].mean() - labels[high, column].mean()) < 0.12


def test_confidence_is_higher_where_sets_are_right(overconfident: tuple[np.ndarray, np.ndarray]) -> None:
    logits, labels = overconfident
    calibration = fit(logits, labels)
    sure: dict[bool, list[float]] = {True: [], False: []}
    for row, gold in zip(calibration.probabilities(logits), labels, strict=True):
        probability = mapping([float(value) for value in row])
        chosen, likelihood = choose(probability, calibration.thresholds)
        right = set(chosen) == {intent for intent, said in zip(INTENT_ORDER, gold, strict=False) if said}
        sure[right].append(calibration.certainty(probability, chosen, likelihood))
    assert np.mean(sure[True]) > np.mean(sure[False])
    every = sure[True] + sure[False]
    assert np.mean(every) == pytest.approx(len(sure[True]) / len(every), abs=0.03)


def test_thresholds_stay_moderate_where_there_is_little(overconfident: tuple[np.ndarray, np.ndarray]) -> None:
    logits, labels = overconfident
    few = labels.copy()
    few[:, 3] = 0
    few[:2, 3] = 1
    assert 0.4 < fit(logits, few).threshold[3] < 0.6


def test_it_survives_its_card(overconfident: tuple[np.ndarray, np.ndarray]) -> None:
    calibration = fit(*overconfident)
    again = Calibration.of_json(calibration.as_json())
    assert again.threshold == pytest.approx(calibration.threshold, abs=1e-4)
    with pytest.raises(ModelError, match="no calibration"):
        Calibration.of_json({"scale": [1.0]})
