"""Model files that cost nothing: a text file that names its version and what it reads, and the loader for it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

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
