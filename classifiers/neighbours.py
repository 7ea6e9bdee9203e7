"""The training mails most like a mail, by the direction of the network's pooled vectors."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.sample import Sample
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.domain.triage import Neighbour

SHOWN = 3
"""Mails shown for one intent."""

_BEGINNING = 160
"""Characters of a training mail that are kept to be shown."""

VECTORS = "neighbours.vectors"


class Neighbours:
    """The training mails of one model: vectors in its tensors; ids, intents and beginnings in its card."""

    def __init__(self, tensors: Mapping[str, NDArray[Any]], card: Mapping[str, Any]) -> None:
        self._vectors = _unit(tensors[VECTORS].astype(np.float32))
        self._rows: list[dict[str, Any]] = card["neighbours"]
        self._of = {
            intent: np.array([n for n, row in enumerate(self._rows) if intent.value in row["intents"]], dtype=int)
            for intent in Intent
        }

    def nearest(self, vector: NDArray[np.float32], intent: Intent) -> tuple[Neighbour, ...]:
        """The most similar mails with this intent, at most `SHOWN`."""
        rows = self._of[intent]
        if not len(rows):
            return ()
        similarity = self._vectors[rows] @ _unit(vector[None])[0]
        return tuple(
            Neighbour(self._rows[rows[n]]["id"], round(float(similarity[n]), 3), self._rows[rows[n]]["text"])
            for n in np.argsort(-similarity)[:SHOWN]
        )


def rows(samples: Sequence[Sample], private: frozenset[str]) -> list[dict[str, Any]]:
    """The card's part. The words of samples in `private` (a team's own mail) are not kept."""
    return [
        {
            "id": sample.id,
            "intents": sorted(sample.intents),
            "text": "" if sample.id in private else " ".join(sample.text.split())[:_BEGINNING],
        }
        for sample in samples
    ]


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)
