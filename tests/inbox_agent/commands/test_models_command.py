"""`inbox-agent models` as a user types it: what is shown, what is refused, and that a refusal changes nothing."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from factories.models import a_model_file

from classifiers import artifact
from inbox_agent import cli, db, schema
from inbox_agent.commands import models
from inbox_agent.records import model_version
from inbox_agent.records.model_version import ModelOrigin
from inbox_agent.records.worker import WorkerSlot
from inbox_agent.settings import load

MEASURED = {
    "corpus": 1432,
    "edits_learnt": 27,
    "test": {"count": 300, "micro": 0.912, "macro": 0.9, "exact": None},
    "edits": None,
}


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sa.Engine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [])
    environment = {**os.environ, "INBOX_AGENT_DATA_DIR": str(tmp_path / "data"), "INBOX_AGENT_CLASSIFIER": "phrases"}
    monkeypatch.setattr(os, "environ", environment)
    engine = db.create_engine(load().database)
    schema.upgrade(engine)
    return engine


def keep(engine: sa.Engine, folder: Path, version: str, **fields: object) -> None:
    path = a_model_file(folder, version)
    with db.writing(engine) as session:
        model_version.register(session, path, version, ModelOrigin.RETRAINED, {}, db.now(), **fields)  # type: ignore[arg-type]


def force(engine: sa.Engine, version: str) -> None:
    with db.writing(engine) as session:
        model_version.promote(session, version, "sanne", db.now())


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    sys.argv = ["inbox-agent", "models", *arguments]
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def test_versions_are_listed_with_their_figures_and_the_one_in_force(
    database: sa.Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(database, tmp_path, "e5-11111111", evaluation=MEASURED, note="compared with phrases-1")
    keep(database, tmp_path, "e5-22222222")
    force(database, "e5-11111111")
    with db.writing(database) as session:
        problem = "The model e5-11111111 is refused: it is truncated. Go back with: inbox-agent models rollback"
        beat = {"process": "host:1", "beat_at": db.now()}
        session.add(WorkerSlot(slot=1, model_version="phrases-1", model_problem=problem, **beat))
        session.add(WorkerSlot(slot=2, model_version="e5-11111111", **beat))
    code, out, _ = call(capsys, "list")
    assert code == 0
    first, second = (next(line for line in out.splitlines() if f" e5-{n}" in line) for n in "12")
    today = f"{db.now():%Y-%m-%d}"
    assert first.split()[:8] == ["*", "e5-11111111", today, "1432", "27", "0.91", "0.90", "–"]
    assert second.split() == ["e5-22222222", today, "–", "–", "–", "–", "–", "retrained"]
    assert "compared with" in out
    assert "In force: e5-11111111" in out
    assert "sanne promoted e5-11111111" in out
    assert f"worker-1 (host:1) reads with phrases-1\n  {problem}\nworker-2 (host:1) reads with e5-11111111\n" in out


def test_nothing_to_list(database: sa.Engine, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "list")
    assert code == 0
    assert "In force: what the setting `classifier` names (phrases)" in out


def test_an_unknown_version_is_answered_with_those_that_there_are(
    database: sa.Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(database, tmp_path, "e5-11111111")
    code, _, err = call(capsys, "promote", "e5-99999999")
    assert (code, err) == (2, "inbox-agent: There is no model e5-99999999. There are: e5-11111111.\n")


def test_a_model_that_cannot_be_loaded_is_not_promoted(
    database: sa.Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(database, tmp_path, "e5-11111111")
    code, _, err = call(capsys, "promote", "e5-11111111")
    assert code == 2
    assert err.startswith("inbox-agent: The model e5-11111111 is refused: ")
    assert len(err.splitlines()) == 1
    with db.reading(database) as session:
        assert model_version.newest_promotion(session) is None


def test_rolling_back_says_what_is_in_force_again(
    database: sa.Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for version in ("e5-11111111", "e5-22222222"):
        keep(database, tmp_path, version)
        force(database, version)
    assert call(capsys, "rollback")[1].startswith("e5-11111111 is in force again.")
    assert "setting `classifier` names (phrases) is in force again." in call(capsys, "rollback")[1]
    code, _, err = call(capsys, "rollback")
    assert code == 2
    assert err.startswith("inbox-agent: There is nothing to roll back")
    assert len(err.splitlines()) == 1
    assert "rolled back to e5-11111111" in call(capsys, "list")[1]


def test_the_model_that_comes_with_the_program_is_listed_and_kept_when_it_is_asked_for(
    database: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its figures are its card's; the mails that it shows as neighbours stay in its file."""
    data = {"train": {"mails": 1500}, "extra": {"mails": 0}}
    card = {"data": data, "test": {"micro": 0.93, "macro": 0.92, "exact": 0.85}, "neighbours": [{"text": "Beste"}]}
    path = tmp_path / "shipped.safetensors"
    path.write_bytes(artifact.pack({"x": np.zeros(3, np.float32)}, card))
    monkeypatch.setattr(artifact, "SHIPPED", path)
    version = artifact.version(path)
    assert f"{version} " in call(capsys, "list")[1]
    with db.reading(database) as session:
        assert model_version.versions(session) == []
    models.keep_shipped(database, "e5-00000000")
    models.keep_shipped(database, version)
    models.keep_shipped(database, version)
    with db.reading(database) as session:
        (row,) = model_version.versions(session)
    assert (row.version, row.origin, "neighbours" in row.card) == (version, ModelOrigin.SHIPPED, False)
    lines = [line for line in call(capsys, "list")[1].splitlines() if version in line]
    assert [line.split()[2:] for line in lines] == [["1500", "0", "0.93", "0.92", "0.85", "shipped"]]
