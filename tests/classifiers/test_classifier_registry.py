"""Loading classifiers by name, and preparing them."""

from pathlib import Path

import pytest

from classifiers.patterns import read_phrases
from classifiers.registry import load, prepare
from inbox_agent.domain.errors import ModelError


def test_load() -> None:
    assert load("phrases").version.startswith("phrases-")


def test_unknown_name_is_a_plain_sentence() -> None:
    with pytest.raises(
        ModelError, match="There is no classifier 'oracle'; choose one of: fine-tuned, phrases, or name a model file"
    ):
        load("oracle")


def test_prepare_tells_progress() -> None:
    told: list[tuple[int, int]] = []
    prepare(lambda done, total, label: told.append((done, total)))
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1]


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is missing"):
        read_phrases(tmp_path)
    (tmp_path / "nl.toml").write_text('[dispute]\nsays = ["("]\n')
    with pytest.raises(ModelError, match="broken pattern"):
        read_phrases(tmp_path)
