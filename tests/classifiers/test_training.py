"""Training on a handful of mails: it learns them, ends in a file that reads, and continues from one."""

from pathlib import Path

import pytest

from classifiers import artifact, configuration, corpus, sample
from classifiers.configuration import Configuration
from inbox_agent.domain.errors import ModelError

pytest.importorskip("torch")

from classifiers import training

RECORDS = [record for record in corpus.shipped() if record.file == "nl-short"][:24]
SAMPLES = [sample.of(record) for record in RECORDS]
QUICK = {"frozen": 11, "epochs": 6, "augment": 0.0, "head_rate": 5e-3, "average": 0.0, "patience": 6, "tokens": 300}


def test_it_learns_what_it_is_shown() -> None:
    said: list[str] = []
    network, _ = training.fit(Configuration(**QUICK), SAMPLES, SAMPLES, said.append)
    micro, *_ = training.quick(training.outputs_of(network, SAMPLES), SAMPLES)
    assert micro > 0.5
    assert len(said) == 6
    assert all("dev micro" in line for line in said)
    kept = training.changed(network)
    assert not any(name.startswith("base.encoder.layer.10.") for name in kept)
    assert any(name.startswith("base.encoder.layer.11.") for name in kept)


def test_the_same_seed_gives_the_same_network() -> None:
    settings = Configuration(**QUICK | {"epochs": 1, "augment": 1.0})
    first, second = (training.fit(settings, SAMPLES[:8], SAMPLES[:8], lambda _: None)[0] for _ in range(2))
    for name, value in training.changed(first).items():
        assert value == pytest.approx(training.changed(second)[name], abs=1e-5)


def test_it_continues_only_from_a_model_of_the_same_layers() -> None:
    with pytest.raises(ModelError, match=r"shipped\.safetensors was trained from another layer"):
        training.fit(Configuration(**QUICK | {"start": "shipped"}), SAMPLES[:4], SAMPLES[:4], lambda _: None)


def test_settings_files_that_come_with_it_are_right() -> None:
    for path in configuration.CONFIGS.glob("*.toml"):
        assert configuration.read(path).frozen == int(artifact.read(artifact.SHIPPED)[1]["section.layer"].item())


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("epochs = 'many'")
    with pytest.raises(ModelError, match=r"settings\.toml are wrong: epochs"):
        configuration.read(path)
    path.write_text("learning_rate = 1")
    with pytest.raises(ModelError, match="learning_rate"):
        configuration.read(path)
