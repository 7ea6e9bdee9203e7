"""The network on ONNX Runtime: token ids in, what the heads say out. The graph is built once per model and kept."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer

from classifiers import artifact, graph
from classifiers.encoder import base
from classifiers.encoder.tokenizer import PAD
from classifiers.encoder.view import Section, View
from inbox_agent.domain.errors import ModelError

Floats = NDArray[np.float32]

MOST = 32
"""Windows that are read in one go."""

_WORDS = "embeddings.word_embeddings.weight"

_LAYOUT = "1"
"""Changes whenever `graph` writes something else from the same model."""


@dataclass(frozen=True, slots=True)
class Output:
    """Of one window of T tokens: label logits (LABELS,), tone (4,), reply, token logits (T, LABELS), pooled (hidden,)."""

    labels: Floats
    tone: Floats
    reply: float
    tokens: Floats
    pooled: Floats


class Reader:
    """One loaded network. `read` may be called by one thread at a time."""

    def __init__(self, path: Path, card: Mapping[str, Any], threads: int) -> None:
        """Raises `ModelError` when base or graph cannot be made or loaded."""
        import onnxruntime

        folder = base.folder(str(card["base"]["source"]))
        if card["base"]["sha256"] != base.fingerprint(folder):
            raise ModelError(f"The model {path.name} was trained over another base than {folder.name}. Retrain it.")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._words = _mapped(folder / "model.safetensors", _WORDS)
        built = self._built = base.cache() / f"graph-{_key(path)}.onnx"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        for attempt in range(2):
            if not built.is_file() or attempt:
                _build_apart(path, built)
            try:
                self._session = onnxruntime.InferenceSession(str(built), options, providers=["CPUExecutionProvider"])
                break
            except Exception as error:  # its own exceptions share no base class; a damaged file is built once more
                if attempt:
                    raise ModelError(f"The model {path.name} cannot be loaded ({type(error).__name__}).") from error

    def read(self, views: Sequence[View]) -> list[Output]:
        """What the network says of each window, in their order; those of similar length are read together."""
        order = sorted(range(len(views)), key=lambda n: len(views[n]))
        found: dict[int, Output] = {}
        for at in range(0, len(order), MOST):
            part = order[at : at + MOST]
            found.update(zip(part, self._read([views[n] for n in part]), strict=True))
        return [found[n] for n in range(len(views))]

    def _read(self, views: Sequence[View]) -> list[Output]:
        """The same for a few windows; they are padded to one length."""
        longest = max(len(view) for view in views)
        ids = np.full((len(views), longest), PAD, dtype=np.int64)
        sections = np.full((len(views), longest), int(Section.CONTEXT), dtype=np.int64)
        for number, view in enumerate(views):
            ids[number, : len(view)] = view.ids
            sections[number, : len(view)] = view.sections
        feed = {
            "word": self._words[ids].astype(np.float32),
            "sections": sections,
            "present": (ids != PAD).astype(np.int32),
        }
        labels, tone, reply, tokens, pooled = self._session.run(["labels", "tone", "reply", "tokens", "pooled"], feed)
        return [
            Output(labels[n], tone[n], float(reply[n]), tokens[n, : len(view)], pooled[n])
            for n, view in enumerate(views)
        ]

    def forget(self) -> None:
        """Removes the kept graph: of a model that was only tried."""
        self._built.unlink(missing_ok=True)


def _key(path: Path) -> str:
    return hashlib.sha256(f"{_LAYOUT} {artifact.digest(path)}".encode()).hexdigest()[:16]


def _mapped(path: Path, name: str) -> NDArray[np.float16]:
    """A tensor of a safetensors file, mapped: only the rows that are read are loaded."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(length))[name]
    if entry["dtype"] != "F16":
        with safe_open(path, framework="numpy") as tensors:
            return np.asarray(tensors.get_tensor(name), dtype=np.float16)
    return np.memmap(path, np.float16, "r", offset=8 + length + entry["data_offsets"][0], shape=tuple(entry["shape"]))


def _build_apart(path: Path, built: Path) -> None:
    """Builds the graph in a process of its own: it takes seconds and memory that a worker should not keep."""
    command = [sys.executable, "-m", "classifiers.reader", str(path), str(built)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise ModelError(
            done.stderr.strip().splitlines()[-1]
            if done.stderr.strip()
            else f"The model {path.name} cannot be made ready."
        )


def build(path: Path, built: Path) -> None:
    """Writes the graph of a model beside its place and moves it there whole. Raises `ModelError`."""
    card, tensors = artifact.read(path)
    folder = base.folder(str(card["base"]["source"]))
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = dict(_base_weights(folder / "model.safetensors"))
        weights.update({name: value for name, value in tensors.items() if not name.startswith("neighbours.")})
        built.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(prefix="graph-", suffix=".onnx", dir=built.parent)
        os.close(descriptor)
        try:
            graph.build(weights, config["num_attention_heads"], config["layer_norm_eps"], Path(draft))
            Path(draft).replace(built)
        finally:
            Path(draft).unlink(missing_ok=True)
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise ModelError(
            f"The model {path.name} cannot be made ready in {built.parent} ({error}). Free space there, or remove that folder."
        ) from error


def _base_weights(path: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    with safe_open(path, framework="numpy") as file:
        for name in file.keys():  # noqa: SIM118
            if name != _WORDS:
                yield f"base.{name}", file.get_tensor(name)


if __name__ == "__main__":
    try:
        build(Path(sys.argv[1]), Path(sys.argv[2]))
    except ModelError as error:
        sys.exit(error.sentence)
