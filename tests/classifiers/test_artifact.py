"""Model files: what is damaged, cut short or of another label set is refused by name."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from classifiers import artifact
from classifiers.labels import LABEL_SET
from inbox_agent.domain.errors import ModelError

TENSORS = {"heads.bias": np.arange(23, dtype=np.float32), "section.layer": np.array([3])}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "winter.safetensors"
    file.write_bytes(artifact.pack(TENSORS, {"name": "winter"}))
    return file


def _rewritten(path: Path, **changes: object) -> None:
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    card = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["card"]) | changes
    path.write_bytes(save(load(content), metadata={"card": json.dumps(card)}))


def test_card_and_tensors_come_back(path: Path) -> None:
    card, tensors = artifact.read(path)
    assert card["name"] == "winter"
    assert card["labels"] == LABEL_SET
    assert tensors["heads.bias"].dtype == np.float16
    assert list(tensors["section.layer"]) == [3]
    assert artifact.version(path) == f"e5-{artifact.digest(path)[:8]}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model file .*spring\.safetensors"):
        artifact.read_card(tmp_path / "spring.safetensors")


@pytest.mark.parametrize("kept", [0, 5, 60, -3])
def test_a_file_that_is_cut_short_is_refused(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelError, match=r"winter\.safetensors"):
        artifact.read(path)


def test_another_label_set_is_refused(path: Path) -> None:
    _rewritten(path, labels=LABEL_SET | {"intents": ["spam"]})
    with pytest.raises(ModelError, match="another label set"):
        artifact.read_card(path)


def test_changed_weights_are_noticed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="wrong hash"):
        artifact.read(path)


def test_a_safetensors_file_of_others_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(save(TENSORS))
    with pytest.raises(ModelError, match="no model of this program"):
        artifact.read_card(path)
