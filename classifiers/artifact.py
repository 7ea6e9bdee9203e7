"""A fine-tuned model as one file: what training changed in the base (fp16 safetensors), with its card in the metadata.

The card is JSON made from facts: label set, base, settings, data hashes, calibration, metrics, limits. It holds the hash of
the tensors, so that a damaged file is noticed. Never pickle: reading a file runs nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from classifiers.labels import LABEL_SET
from inbox_agent.domain.errors import ModelError

SHIPPED = Path(__file__).parent / "models" / "shipped.safetensors"

Tensors = dict[str, NDArray[Any]]

FORMAT = 1


def digest(path: Path) -> str:
    """SHA-256 of the file in hexadecimal. Raises `ModelError` when it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"The model {path.name} cannot be read ({error.strerror}).") from error


def version(path: Path) -> str:
    """`e5-` and the first eight digits of the file's hash."""
    return f"e5-{digest(path)[:8]}"


def pack(tensors: Mapping[str, NDArray[Any]], card: Mapping[str, Any]) -> bytes:
    """The content of a model file."""
    halved = {
        name: np.ascontiguousarray(value, np.float16 if value.dtype.kind == "f" else value.dtype)
        for name, value in tensors.items()
    }
    whole = {"format": FORMAT, "labels": LABEL_SET, **card, "tensors_sha256": _tensors_digest(halved)}
    return save(halved, metadata={"card": json.dumps(whole, ensure_ascii=False)})


def read_card(path: Path) -> dict[str, Any]:
    """The card of a model file. Raises `ModelError` when the file is missing, cut short or of another label set."""
    return _read(path, with_tensors=False)[0]


def read(path: Path) -> tuple[dict[str, Any], Tensors]:
    """Card and tensors. Raises `ModelError` also when the tensors are not those that the card was made for."""
    return _read(path, with_tensors=True)


def _read(path: Path, with_tensors: bool) -> tuple[dict[str, Any], Tensors]:
    name = path.name
    if not path.is_file():
        raise ModelError(f"There is no model file {path}. Install the program again, or promote another version.")
    try:
        with safe_open(path, framework="numpy") as file:
            card = json.loads((file.metadata() or {}).get("card", "null"))
            tensors = {key: file.get_tensor(key) for key in file.keys()} if with_tensors else {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(
            f"The model {name} is damaged or cut short ({error}). The previous model keeps serving; get the file again."
        ) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise ModelError(f"The file {name} is no model of this program: its card is missing or of another format.")
    if card.get("labels") != LABEL_SET:
        raise ModelError(f"The model {name} was trained on another label set. Retrain it with this program's labels.")
    if with_tensors and _tensors_digest(tensors) != card.get("tensors_sha256"):
        raise ModelError(
            f"The model {name} has a wrong hash: its weights are not those of its card. Get the file again."
        )
    return card, tensors


def _tensors_digest(tensors: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        value = tensors[name]
        digest.update(f"{name} {value.dtype} {value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()
