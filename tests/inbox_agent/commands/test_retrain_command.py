"""Retraining: what is learnt and what is held back, that both models are measured on the same mails, and what is kept.

Everything is real but the training, which writes a model file that costs nothing (`factories.models`).
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.models import OneIntent, a_model_file, load_model, version_of

from classifiers import corpus
from classifiers.corpus import Record, Split
from inbox_agent import db
from inbox_agent.commands import retrain
from inbox_agent.commands.retrain import Retrained, Workshop, parted
from inbox_agent.domain.errors import CorpusError, ModelError
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.pipeline.model_shelf import ModelShelf
from inbox_agent.records import model_version

TRAINED = Intent.PROMISE_TO_PAY
"""What the new model reads in every mail; the present one reads a request for a statement."""


@pytest.fixture(scope="module")
def mails() -> list[Record]:
    """The sample mails as if they were edits."""
    return list(corpus.read(sorted((corpus.FOLDER.parent / "mails").glob("*/gold.jsonl"))))


@pytest.fixture(scope="module")
def shipped() -> list[Record]:
    """A little of the corpus: some of each split."""
    every = corpus.shipped()
    return [one for split in Split for one in [record for record in every if record.split is split][:12]]


class Training:
    """Writes a model and remembers what it was given."""

    def __init__(self) -> None:
        self.learnt: list[Record] = []

    def __call__(self, config: Path, edits: Path, out: Path) -> None:
        self.learnt = list(corpus.read([edits]))
        a_model_file(out.parent, "new", TRAINED).rename(out)


def run(
    engine: sa.Engine, folder: Path, edits: Sequence[Record], shipped: Sequence[Record], training: Training
) -> Retrained:
    shelf = ModelShelf(engine, load_model, "fixed", folder / "models")
    workshop = Workshop(training, load_model, lambda path: {"labels": path.name})
    return retrain.run(engine, shelf, edits, shipped, folder / "settings.toml", folder, workshop)


def test_about_a_fifth_is_held_back_by_conversation_and_for_good(mails: list[Record]) -> None:
    learnt, held_back = parted(mails)
    assert len(learnt) + len(held_back) == len(mails)
    assert 0.08 < len(held_back) / len(mails) < 0.32
    assert not {one.conversation for one in learnt} & {one.conversation for one in held_back}
    again = parted(list(reversed(mails[:40])))
    known = {one.id for one in held_back}
    assert {one.id for one in again[1]} == known & {one.id for one in mails[:40]}


def test_the_rule_holds_whatever_the_file_is_called(mails: list[Record]) -> None:
    """The corpus' first files are training mail by their name."""
    named = [replace(one, file="fr") for one in mails]
    assert [one.id for one in parted(named)[1]] == [one.id for one in parted(mails)[1]]


def test_no_mail_of_the_frozen_test_split_is_learnt(shipped: list[Record]) -> None:
    """Also when the edits are those very mails."""
    test = [record for record in shipped if record.split is Split.TEST]
    assert parted(test)[0] == []


def test_both_models_are_measured_on_the_same_mails_and_the_new_one_is_kept(
    engine: sa.Engine, tmp_path: Path, mails: list[Record], shipped: list[Record]
) -> None:
    training = Training()
    result = run(engine, tmp_path, mails, shipped, training)
    learnt, held_back = parted(mails)
    assert [one.id for one in training.learnt] == [one.id for one in learnt]
    assert result.before.version == "fixed-1"
    assert result.after.version == version_of(tmp_path / "model.safetensors")
    for mine, side in ((Intent.STATEMENT_REQUEST, result.before), (TRAINED, result.after)):
        test = [record for record in shipped if record.split is Split.TEST]
        for measured, records in ((side.test, test), (side.edits, held_back)):
            assert measured is not None
            assert measured["count"] == len(records)
            assert measured["exact"] == pytest.approx(
                sum(one.gold.intents == (mine,) for one in records) / len(records)
            )
    with db.reading(engine) as session:
        (row,) = model_version.versions(session)
        assert model_version.newest_promotion(session) is None
        assert b"".join(model_version.pieces(session, row.id or 0)) == (tmp_path / "model.safetensors").read_bytes()
    assert row.version == result.after.version
    assert row.card == {"labels": "model.safetensors"}
    assert row.evaluation["edits_learnt"] == len(learnt)
    assert row.evaluation["corpus"] == sum(record.split is Split.TRAIN for record in shipped)
    assert row.evaluation["test"] == result.after.test
    assert row.evaluation["before"]["version"] == "fixed-1"


def test_the_present_model_is_the_one_in_force(
    engine: sa.Engine, tmp_path: Path, mails: list[Record], shipped: list[Record]
) -> None:
    path = a_model_file(tmp_path / "made", "present", Intent.DISPUTE)
    with db.writing(engine) as session:
        origin = model_version.ModelOrigin.RETRAINED
        model_version.register(session, path, version_of(path), origin, {}, db.now())
        model_version.promote(session, version_of(path), "sanne", db.now())
    assert run(engine, tmp_path, mails, shipped, Training()).before.version == version_of(path)


def test_nothing_is_trained_without_edits(engine: sa.Engine, tmp_path: Path, shipped: list[Record]) -> None:
    with pytest.raises(CorpusError, match="There are no edits to learn from"):
        run(engine, tmp_path, [], shipped, Training())


def test_nothing_is_trained_without_a_test_split(engine: sa.Engine, tmp_path: Path, mails: list[Record]) -> None:
    with pytest.raises(CorpusError, match="no test split"):
        run(engine, tmp_path, mails, [], Training())


def test_a_model_that_cannot_be_loaded_is_not_registered(
    engine: sa.Engine, tmp_path: Path, mails: list[Record], shipped: list[Record]
) -> None:
    class Broken(Training):
        def __call__(self, config: Path, edits: Path, out: Path) -> None:
            out.write_bytes(b"model")

    with pytest.raises(ModelError, match="truncated"):
        run(engine, tmp_path, mails, shipped, Broken())
    with db.reading(engine) as session:
        assert model_version.versions(session) == []


def test_a_training_that_fails_is_said_in_a_sentence(tmp_path: Path) -> None:
    """The real trainer, in its own process, with settings that are none."""
    (tmp_path / "settings.toml").write_text("this is no TOML")
    (tmp_path / "learnt.jsonl").write_text("")
    with pytest.raises(ModelError, match=r"The training failed \(exit code \d+\)"):
        retrain.train_apart(tmp_path / "settings.toml", tmp_path / "learnt.jsonl", tmp_path / "model.safetensors")


def test_the_comparison_names_both_models_and_the_command(
    engine: sa.Engine, tmp_path: Path, mails: list[Record], shipped: list[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(engine, tmp_path, mails, shipped, Training())
    retrain.show(result)
    printed = capsys.readouterr().out
    assert f"inbox-agent models promote {result.after.version}" in printed
    assert "fixed-1" in printed
    assert "test split (12)" in printed
    assert "held-back edits" in printed
    retrain.show(Retrained(replace(result.before, edits=None), replace(result.after, edits=None)))
    assert "None of the edits was held back" in capsys.readouterr().out


def test_figures_come_from_the_whole_chain(shipped: list[Record]) -> None:
    """A classifier that is right about nothing still has its mails counted."""
    test = [record for record in shipped if record.split is Split.TEST]
    side = retrain.measured(OneIntent("none", Intent.DELIVERY_FAILURE), test, [])
    assert side.edits is None
    assert side.test["count"] == len(test)


def test_records_written_for_the_training_are_the_edits_as_they_were(
    engine: sa.Engine, tmp_path: Path, mails: list[Record], shipped: list[Record]
) -> None:
    training = Training()
    run(engine, tmp_path, mails, shipped, training)
    sources = {json.dumps(one.source, sort_keys=True) for one in mails}
    assert {json.dumps(one.source, sort_keys=True) for one in training.learnt} <= sources
