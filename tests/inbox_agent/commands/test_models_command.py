"""`inbox-agent models` as a user types it: what is shown, what is refused, and that a refusal changes nothing."""

import os
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.models import a_model_file

from inbox_agent import cli, db, schema
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
