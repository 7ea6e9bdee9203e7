"""Running workers change their classifier when another is put in force; a model that is refused changes nothing.

Everything is real but the loader, which reads model files that cost nothing (`factories.models`).
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from factories.mails import NOW, a_mail
from factories.models import OneIntent, a_model_file, load_model, version_of
from sqlmodel import col, select

from inbox_agent import db
from inbox_agent.domain.danger import DangerSign
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.steps import IntentClassifier
from inbox_agent.domain.taxonomy import Intent, Language
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.domain.triage import Classification, Extraction
from inbox_agent.durable import Queue
from inbox_agent.mailbox.mime import parse
from inbox_agent.pipeline import worker as worker_module
from inbox_agent.pipeline.classifier_switch import ClassifierSwitch
from inbox_agent.pipeline.intake import Intake
from inbox_agent.pipeline.model_shelf import ModelShelf
from inbox_agent.pipeline.slots import Slot
from inbox_agent.pipeline.triager import Triager
from inbox_agent.pipeline.worker import Worker
from inbox_agent.records import model_version
from inbox_agent.records.model_version import ModelOrigin, ModelPiece
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.worker import WorkerSlot


class Plain:
    """Reader, extractor, watch and drafter of a triager whose classifier alone matters."""

    def read(self, mail: Mail) -> MailText:
        return MailText(mail.text, (TextPart(PartKind.NEW, 0, len(mail.text)),), Language.NL)

    def extract(self, *_: object) -> Extraction:
        return Extraction((), ())

    def signs(self, *_: object) -> tuple[DangerSign, ...]:
        return ()

    def draft(self, *_: object) -> None:
        return None


class Bench:
    """A database with models, and a worker's switch as it stands after its start."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder

    def keep(self, words: str, intent: Intent = Intent.OTHER_QUERY, content: bytes | None = None) -> str:
        path = a_model_file(self.folder / "made", words, intent)
        if content is not None:
            path.write_bytes(content)
        with db.writing(self.engine) as session:
            row = model_version.register(session, path, version_of(path), ModelOrigin.RETRAINED, {}, NOW)
            return row.version

    def promote(self, version: str) -> None:
        with db.writing(self.engine) as session:
            model_version.promote(session, version, "sanne", NOW)

    def rollback(self) -> None:
        with db.writing(self.engine) as session:
            model_version.rollback(session, "sanne", NOW)

    def damage(self, version: str) -> None:
        """Changes a byte of the model in the database."""
        with db.writing(self.engine) as session:
            model = model_version.version_named(session, version)
            pieces = select(ModelPiece).where(ModelPiece.model_id == model.id).order_by(col(ModelPiece.position))
            last = session.exec(pieces).all()[-1]
            last.content = b"x" + last.content[1:]

    def start(self, load: Callable[[str], IntentClassifier] = load_model) -> ClassifierSwitch:
        shelf = ModelShelf(self.engine, load, "fixed", self.folder / "models")
        opened = shelf.first()
        plain = cast(Any, Plain())
        self.triager = Triager(plain, opened.classifier, plain, plain, plain)
        return ClassifierSwitch(shelf, self.triager, opened)

    def reads(self) -> tuple[str, Intent]:
        """Which version names itself in a reading, and what it reads."""
        classification = self.triager.triage(a_mail(), Ledger()).classification
        return classification.model_version, classification.labels[0]


@pytest.fixture
def bench(engine: sa.Engine, tmp_path: Path) -> Bench:
    return Bench(engine, tmp_path)


def look(switch: ClassifierSwitch) -> None:
    """One round of the worker, to the end of what it began."""
    switch.follow()
    for thread in threading.enumerate():
        if thread.name == "model":
            thread.join(timeout=60)
            assert not thread.is_alive()


def test_the_setting_reads_until_something_is_promoted(bench: Bench) -> None:
    switch = bench.start()
    look(switch)
    assert bench.reads() == ("fixed-1", Intent.STATEMENT_REQUEST)
    assert (switch.serving, switch.problem) == ("fixed-1", "")


def test_a_promotion_changes_a_running_worker_and_a_rollback_changes_it_back(bench: Bench) -> None:
    switch = bench.start()
    first, second = bench.keep("a", Intent.DISPUTE), bench.keep("b", Intent.BANK_DETAILS)
    expected = [(first, Intent.DISPUTE), (second, Intent.BANK_DETAILS)]
    for version, intent in expected:
        bench.promote(version)
        look(switch)
        assert bench.reads() == (version, intent)
    bench.rollback()
    look(switch)
    assert bench.reads() == expected[0]
    bench.rollback()
    look(switch)
    assert bench.reads() == ("fixed-1", Intent.STATEMENT_REQUEST)
    assert switch.problem == ""


def test_every_worker_changes(bench: Bench) -> None:
    """Two that share a folder, as on one machine."""
    workers = [bench.start(), bench.start()]
    version = bench.keep("a")
    bench.promote(version)
    for switch in workers:
        switch.follow()
    for switch in workers:
        look(switch)
    assert [switch.serving for switch in workers] == [version, version]
    assert [path.name for path in (bench.folder / "models").iterdir()] == [f"{version}.safetensors"]


def test_a_worker_that_starts_later_begins_with_what_is_in_force(bench: Bench) -> None:
    bench.promote(bench.keep("a", Intent.DISPUTE))
    loaded: list[str] = []

    def load(name: str) -> IntentClassifier:
        loaded.append(name)
        return load_model(name)

    bench.start(load)
    assert bench.reads()[1] is Intent.DISPUTE
    assert len(loaded) == 1  # the setting's is not loaded for nothing


def test_a_mail_that_is_being_read_keeps_the_classifier_that_it_began_with(bench: Bench) -> None:
    reading, changed = threading.Event(), threading.Event()

    class Slow(OneIntent):
        def classify(self, mail: Mail, text: MailText) -> Classification:
            reading.set()
            assert changed.wait(60)
            return super().classify(mail, text)

    def load(name: str) -> IntentClassifier:
        return Slow("slow-1") if name == "fixed" else load_model(name)

    switch = bench.start(load)
    found: list[str] = []
    mail = threading.Thread(target=lambda: found.append(bench.reads()[0]))
    mail.start()
    assert reading.wait(60)
    version = bench.keep("a")
    bench.promote(version)
    look(switch)
    assert switch.serving == version
    changed.set()
    mail.join(timeout=60)
    assert found == ["slow-1"]
    assert bench.reads()[0] == version


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"model a", "is truncated"), (b"model a refund\n", "was trained on another label set")],
    ids=["truncated", "another-label-set"],
)
def test_a_model_that_cannot_be_loaded_is_refused_by_name(bench: Bench, content: bytes, why: str) -> None:
    good = bench.keep("good", Intent.DISPUTE)
    bench.promote(good)
    switch = bench.start()
    bad = bench.keep("bad", content=content)
    bench.promote(bad)
    look(switch)
    assert bench.reads() == (good, Intent.DISPUTE)
    assert f"The model {bad} is refused" in switch.problem
    assert why in switch.problem
    assert switch.problem.endswith("inbox-agent models rollback")


def test_a_model_with_a_wrong_hash_is_refused_and_its_file_not_kept(bench: Bench) -> None:
    switch = bench.start()
    version = bench.keep("a")
    bench.damage(version)
    bench.promote(version)
    look(switch)
    assert bench.reads()[0] == "fixed-1"
    assert "wrong SHA-256" in switch.problem
    assert version in switch.problem
    assert list((bench.folder / "models").iterdir()) == []


def test_a_damaged_file_is_fetched_again(bench: Bench) -> None:
    version = bench.keep("a")
    bench.promote(version)
    bench.start()
    file = bench.folder / "models" / f"{version}.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:1000])
    bench.start()
    assert bench.reads()[0] == version
    assert file.read_bytes() == whole


def test_a_refused_model_is_not_tried_at_every_look_but_when_it_is_promoted_again(bench: Bench) -> None:
    tried: list[str] = []
    broken = True

    def load(name: str) -> IntentClassifier:
        tried.append(name)
        if broken and name != "fixed":
            raise ModelError("torch is missing; install it.")
        return load_model(name)

    switch = bench.start(load)
    version = bench.keep("a")
    bench.promote(version)
    for _ in range(3):
        look(switch)
    assert len(tried) == 2
    broken = False
    bench.rollback()
    bench.promote(version)
    look(switch)
    assert (switch.serving, switch.problem) == (version, "")


def test_rolling_back_a_refused_model_ends_the_problem(bench: Bench) -> None:
    switch = bench.start()
    bench.promote(bench.keep("bad", content=b"model"))
    look(switch)
    assert switch.problem
    bench.rollback()
    look(switch)
    assert (switch.serving, switch.problem) == ("fixed-1", "")


def test_a_fault_of_the_loader_stops_no_worker(bench: Bench) -> None:
    def load(name: str) -> IntentClassifier:
        if name == "fixed":
            return load_model(name)
        raise ZeroDivisionError

    switch = bench.start(load)
    version = bench.keep("a")
    bench.promote(version)
    look(switch)
    assert switch.serving == "fixed-1"
    assert f"The model {version} breaks (ZeroDivisionError)" in switch.problem
    assert bench.start(load).serving == "fixed-1"


def test_a_file_that_cannot_be_written_is_tried_again(bench: Bench) -> None:
    switch = bench.start()
    (bench.folder / "models").write_text("a file where the folder should be")
    version = bench.keep("a")
    bench.promote(version)
    look(switch)
    assert switch.serving == "fixed-1"
    assert "it is tried again" in switch.problem
    (bench.folder / "models").unlink()
    look(switch)
    assert (switch.serving, switch.problem) == (version, "")


def test_a_worker_that_starts_with_a_bad_promotion_reads_with_the_one_before(bench: Bench) -> None:
    good, bad = bench.keep("good", Intent.DISPUTE), bench.keep("bad", content=b"model")
    bench.promote(good)
    bench.promote(bad)
    switch = bench.start()
    look(switch)
    assert bench.reads() == (good, Intent.DISPUTE)
    assert bad in switch.problem


def test_a_worker_whose_setting_cannot_be_loaded_does_not_start(bench: Bench) -> None:
    def load(name: str) -> IntentClassifier:
        raise ModelError("There is no classifier 'fixed'.")

    with pytest.raises(ModelError, match="There is no classifier"):
        bench.start(load)


class Rounds:
    """Stands where the durable engine stands, and ends the worker after some rounds of looking after."""

    def __init__(self, rounds: int) -> None:
        self.left = rounds
        self.end: Callable[[], None] = lambda: None

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def pace(self, is_busy: bool) -> None: ...

    def forget_before(self, _cutoff: int) -> None:
        for thread in threading.enumerate():
            if thread.name == "model":
                thread.join(timeout=60)
        self.left -= 1
        if not self.left:
            self.end()


def test_a_worker_changes_within_its_rounds_and_says_what_it_reads_with(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_BEAT_SECONDS", 0.0)
    switch, rounds = bench.start(), Rounds(2)
    slot = Slot(bench.engine, bench.folder / "locks")
    seen: list[tuple[str, str]] = []
    beat = slot.beat
    slot.beat = lambda *arguments: (seen.append(arguments[1:]), beat(*arguments))[1]  # type: ignore[method-assign]
    queue = Queue(bench.engine)
    intake = Intake(bench.engine, queue, RawStore(), parse)
    worker = Worker(bench.engine, cast(Any, rounds), slot, intake, queue, cast(Any, None), 0.05, switch)
    rounds.end = worker.stop.set
    version, bad = bench.keep("a"), bench.keep("bad", content=b"model")
    bench.promote(version)
    worker.run()
    assert seen == [("fixed-1", ""), ("fixed-1", ""), (version, "")]
    bench.promote(bad)
    look(switch)
    slot = Slot(bench.engine, bench.folder / "locks")
    slot.beat(NOW, switch.serving, switch.problem)
    with db.reading(bench.engine) as session:
        row = session.exec(select(WorkerSlot)).one()
    assert row.model_version == version
    assert bad in row.model_problem
    slot.release()
