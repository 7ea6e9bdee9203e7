"""What every classifier must beat, learned in the run on training mail: the most frequent answer, and TF-IDF.

TF-IDF: words 1-2 and characters in words 2-5 of subject and new text, one class-balanced logistic regression an intent.
scikit-learn comes with the `train` extra and is imported when a `TfIdf` is fitted.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.evaluation.pairs import Reading
from classifiers.sample import Sample
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, Intent

Probabilities = npt.NDArray[np.float64]
"""A row a mail, a column an intent in the order of `Intent`."""

THRESHOLD = 0.5
STRENGTH = 3.0
"""Inverse regularisation `C`: of 1, 3, 10 and 30 the best by micro-F1 on dev (0.609 of 270 mails; 1 and 10: 0.608, 0.596)."""

MAX_READ = 10_000
"""Characters of new text that are read, as by the other classifiers."""


class Majority:
    """Answers every mail with what is most frequent in training mail; confidence is how frequent that is."""

    version = "majority"

    def __init__(self) -> None:
        self._reading = Reading(frozenset({Intent.UNRELATED}), 0.0)

    def fit(self, samples: Sequence[Sample]) -> "Majority":
        """Counts. Raises `ModelError` when there are no samples."""
        _require(samples)
        intents, mails = Counter(sample.intents for sample in samples).most_common(1)[0]
        reasons = Counter(sample.reasons for sample in samples if sample.reasons)
        none: frozenset[DisputeReason] = frozenset()
        self._reading = Reading(
            intents,
            mails / len(samples),
            reasons.most_common(1)[0][0] if reasons else none,
            Counter(sample.tone for sample in samples).most_common(1)[0][0],
            Counter(sample.requires_reply for sample in samples).most_common(1)[0][0],
        )
        return self

    def read(self, samples: Sequence[Sample]) -> list[Reading]:
        """The same reading for each."""
        return [self._reading] * len(samples)


class TfIdf:
    """Logistic regressions on TF-IDF. Reads intents only; `probabilities` are not calibrated."""

    version = "tf-idf"

    def __init__(self, strength: float = STRENGTH) -> None:
        self._strength = strength
        self._features: Any = None
        self._regressions: dict[Intent, Any] = {}

    def fit(self, samples: Sequence[Sample]) -> "TfIdf":
        """Learns from labelled samples. Raises `ModelError` when there are none or scikit-learn is missing."""
        _require(samples)
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import FeatureUnion
        except ImportError as error:
            raise ModelError(
                "scikit-learn is not installed. Run: pip install -c .ci/constraints.txt -e '.[train]'"
            ) from error
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
        characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
        self._features = FeatureUnion([("words", words), ("characters", characters)])
        try:
            table = self._features.fit_transform(_texts(samples))
        except ValueError as error:
            raise ModelError(f"TF-IDF finds no words to learn from in {len(samples)} mails.") from error
        self._regressions = {}
        for intent in Intent:
            there = np.array([intent in sample.intents for sample in samples])
            if there.any() and not there.all():
                regression = LogisticRegression(
                    C=self._strength, class_weight="balanced", solver="liblinear", random_state=0
                )
                self._regressions[intent] = regression.fit(table, there)
        return self

    def probabilities(self, samples: Sequence[Sample]) -> Probabilities:
        """Of each intent in each mail; 0 for an intent that was never, or always, in the training mail."""
        found = np.zeros((len(samples), len(Intent)))
        if self._features is None:
            raise ModelError("TF-IDF has not learned yet: call fit first.")
        if samples:
            table = self._features.transform(_texts(samples))
            for column, intent in enumerate(Intent):
                if intent in self._regressions:
                    found[:, column] = self._regressions[intent].predict_proba(table)[:, 1]
        return found

    def read(self, samples: Sequence[Sample]) -> list[Reading]:
        """The set of each mail; confidence is the probability of exactly that set if intents were independent."""
        return [
            Reading(chosen := chosen_of(row), _certainty(row, chosen)) for row in self.probabilities(samples).tolist()
        ]


def chosen_of(row: Sequence[float], threshold: float = THRESHOLD) -> frozenset[Intent]:
    """The intents whose probability reaches the threshold, else the likeliest one.

    Stand-alone intents (guide, "Intents"): one that is the likeliest of all is chosen alone, others are left out.
    """
    likely = dict(zip(Intent, row, strict=True))
    best = max(likely, key=lambda intent: likely[intent])
    if INTENTS[best].stands_alone:
        return frozenset({best})
    others = {intent for intent, chance in likely.items() if chance >= threshold and not INTENTS[intent].stands_alone}
    return frozenset(others | {best})


def _certainty(row: Sequence[float], chosen: frozenset[Intent]) -> float:
    chances = zip(Intent, row, strict=True)
    return float(np.prod([chance if intent in chosen else 1 - chance for intent, chance in chances]))


def _texts(samples: Sequence[Sample]) -> list[str]:
    return [f"{sample.subject}\n{sample.text[:MAX_READ]}" for sample in samples]


def _require(samples: Sequence[Sample]) -> None:
    if not samples:
        raise ModelError("There is no training mail left for a baseline to learn from.")
