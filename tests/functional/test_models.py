"""A running worker and the model in force: real processes, a real mailbox, the real loader."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.models import a_model_file
from sqlmodel import col, select

from classifiers import artifact
from inbox_agent import db
from inbox_agent.bench.program import Program, call
from inbox_agent.records import model_version
from inbox_agent.records.model_version import ModelOrigin
from inbox_agent.records.triage import TriageRow
from inbox_agent.records.worker import WorkerSlot

BAD = "e5-00000bad"


class Station:
    """An empty database with a folder mailbox, and a worker at work on it that reads by phrases."""

    def __init__(self, folder: Path) -> None:
        data = folder / "data"
        self.environment = {
            **os.environ,
            "INBOX_AGENT_DATA_DIR": str(data),
            "INBOX_AGENT_CLASSIFIER": "phrases",
            "INBOX_AGENT_LOG_FORMAT": "json",
            "INBOX_AGENT_POLL_SECONDS": "1",
        }
        self.box, self.log = folder / "box", folder / "log"
        self.box.mkdir()
        self.call("database", "upgrade")
        self.call("mailbox", "add", "debiteuren", "--address", "debiteuren@halvermaan.example", "--path", str(self.box))
        self.engine: sa.Engine = db.create_engine(f"sqlite:///{data / 'inbox-agent.db'}")
        self.worker = Program(self.environment, "worker", err=self.log)

    def call(self, *arguments: str) -> str:
        done = call(self.environment, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def readers(self) -> list[str]:
        """Which version read each mail, in order."""
        with db.reading(self.engine) as session:
            return list(session.exec(select(TriageRow.model_version).order_by(col(TriageRow.id))))

    def mail(self) -> str:
        """Puts one more mail into the mailbox; returns the version that read it."""
        before = len(self.readers())
        name = f"{before}.eml"
        (self.box / name).write_text(f"From: jan@boer.example\nSubject: {name}\n\nGraag een kopie van de factuur.\n")
        self.until(lambda: len(self.readers()) > before)
        return self.readers()[-1]

    def slot(self) -> WorkerSlot:
        with db.reading(self.engine) as session:
            return session.exec(select(WorkerSlot)).one()

    def until(self, holds: Callable[[], object], seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert self.worker.poll() is None, self.log.read_text("utf-8")
            assert time.monotonic() < deadline, self.log.read_text("utf-8")
            time.sleep(0.1)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path)
    yield made
    made.worker.terminate()
    made.worker.wait(timeout=30)
    made.engine.dispose()


def test_a_broken_model_in_force_stops_nothing_and_is_named(station: Station, tmp_path: Path) -> None:
    """It was promoted behind the command's back, which would have refused it."""
    version = station.mail()
    assert version.startswith("phrases")
    with db.writing(station.engine) as session:
        path = a_model_file(tmp_path, "bad")
        model_version.register(session, path, BAD, ModelOrigin.RETRAINED, {}, db.now())
        model_version.promote(session, BAD, "somebody", db.now())
    station.until(lambda: station.slot().model_problem)
    assert station.mail() == version
    listed = station.call("models", "list")
    assert f"In force: {BAD}" in listed
    assert f"reads with {version}" in listed
    assert f"The model {BAD} is refused: " in listed
    assert '"event": "model_refused"' in station.log.read_text("utf-8")
    assert "is in force again" in station.call("models", "rollback")
    station.until(lambda: not station.slot().model_problem)
    assert station.mail() == version


@pytest.mark.skipif(not artifact.SHIPPED.is_file(), reason="no model is shipped yet")
def test_a_running_worker_changes_and_changes_back(station: Station) -> None:
    phrases = station.mail()
    shipped = artifact.version(artifact.SHIPPED)
    assert f"{shipped} is in force." in station.call("models", "promote", shipped)
    station.until(lambda: station.slot().model_version == shipped)
    assert station.mail() == shipped
    station.call("models", "rollback")
    station.until(lambda: station.slot().model_version == phrases)
    assert station.mail() == phrases
