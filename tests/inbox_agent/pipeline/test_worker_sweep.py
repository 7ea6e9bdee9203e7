"""What a worker looks after: mail whose workflow got lost, workers that died, mailboxes that fail and come back.

Everything is real but the durable engine, at whose place a harmless one notes what it is asked, so that a test says how
many rounds there are.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa
from factories.mails import a_mail, a_mailbox, a_triaged_mail, store
from factories.pipeline import ListSource, a_mailbox_row, at_work, raw_mail
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.errors import DatabaseError, MailboxSignInRefused, MailboxUnreachable
from inbox_agent.durable import Queue
from inbox_agent.mailbox.mime import parse
from inbox_agent.mailbox.source import Fetched, MailSource
from inbox_agent.pipeline.intake import Intake
from inbox_agent.pipeline.slots import Slot
from inbox_agent.pipeline.worker import Worker
from inbox_agent.pipeline.workflows import Engine
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.worker import WorkerSlot


@dataclass
class QuietEngine:
    """Stands where the durable engine stands. `forget_before` ends every round of looking after."""

    resumed: list[str] = field(default_factory=list)
    fail: DatabaseError | None = None
    after_round: Callable[[], object] = lambda: None
    running: bool = False
    is_busy: bool = False

    def start(self) -> None:
        self.running = True

    def resume_of(self, executor_id: str) -> int:
        self.resumed.append(executor_id)
        return 1

    def pace(self, is_busy: bool) -> None:
        self.is_busy = is_busy

    def forget_before(self, cutoff_milliseconds: int) -> None:
        self.after_round()
        if self.fail is not None:
            raise self.fail

    def stop(self) -> None:
        self.running = False


Made = tuple[Worker, QuietEngine]


@pytest.fixture
def a_worker(engine: sa.Engine, tmp_path: Path) -> Callable[..., Made]:
    """Makes a worker whose mailboxes are opened by the given function, and its durable engine."""

    def make(open_source: Callable[[Mailbox], MailSource] = lambda mailbox: ListSource()) -> Made:
        quiet = QuietEngine()
        queue = Queue(engine)
        intake = Intake(engine, queue, RawStore(), parse)
        slot = Slot(engine, tmp_path / "locks")
        return Worker(engine, cast(Engine, quiet), slot, intake, queue, open_source, poll_seconds=0.05), quiet

    return make


def one_round(made: Made) -> None:
    """Runs the worker until it looked after everything once."""
    worker, quiet = made
    quiet.after_round = worker.stop.set
    worker.run()


def running(made: Made) -> AbstractContextManager[Worker]:
    """A worker at work."""
    worker, _ = made
    return at_work(worker)


def until(engine: sa.Engine, mailbox_id: int, holds: Callable[[Mailbox], object]) -> Mailbox:
    """The mailbox's row as soon as the condition holds."""
    deadline = time.monotonic() + 60
    while True:
        with db.reading(engine) as session:
            row = session.get_one(Mailbox, mailbox_id)
        if holds(row):
            return row
        assert time.monotonic() < deadline, row
        time.sleep(0.02)


def _workflow_table(engine: sa.Engine) -> str:
    return "workflow_status" if engine.dialect.name == "sqlite" else "dbos.workflow_status"


def workflows(engine: sa.Engine) -> list[str]:
    """What was enqueued, without the attempt's number."""
    with engine.connect() as connection:
        found = connection.execute(sa.text(f"SELECT workflow_uuid FROM {_workflow_table(engine)}")).scalars()
        return sorted(one.rpartition(":")[0] for one in found)


# Mail that waits


def test_mail_that_waits_for_minutes_is_enqueued_again_and_nothing_else(
    engine: sa.Engine, a_worker: Callable[..., Made]
) -> None:
    before = db.now()
    long_ago = before - timedelta(minutes=3)
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        mailbox.active = False
        lost, other = store(session, mailbox, a_mail()), store(session, mailbox, a_mail())
        fresh = store(session, mailbox, a_mail())
        triaged = a_triaged_mail(session, mailbox)
        parked = store(session, mailbox, a_mail(), MailState.PARKED)
        ignored = store(session, mailbox, a_mail(), MailState.IGNORED)
        for row in (lost, other, triaged, parked, ignored):
            row.changed_at = long_ago
        fresh.changed_at = before - timedelta(seconds=30)
    one_round(a_worker())
    assert workflows(engine) == [f"triage_mail:{lost.id}", f"triage_mail:{other.id}"]
    with db.reading(engine) as session:
        changed = {row.id: row.changed_at for row in session.exec(select(StoredMail))}
        states = [session.get_one(StoredMail, row.id).state for row in (lost, fresh, triaged, parked, ignored)]
    assert changed.pop(lost.id) >= before
    assert changed.pop(other.id) >= before
    assert changed.pop(fresh.id) == before - timedelta(seconds=30)
    assert set(changed.values()) == {long_ago}
    assert states == [
        MailState.FETCHED, MailState.FETCHED, MailState.TRIAGED, MailState.PARKED, MailState.IGNORED,
    ]  # fmt: skip


def test_mail_that_was_enqueued_again_gets_its_minutes(engine: sa.Engine, a_worker: Callable[..., Made]) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        mailbox.active = False
        lost = store(session, mailbox, a_mail())
        lost.changed_at = db.now() - timedelta(hours=1)
    one_round(a_worker())
    one_round(a_worker())
    assert workflows(engine) == [f"triage_mail:{lost.id}"]


def test_mail_that_was_enqueued_when_it_came_in_is_enqueued_anew(
    engine: sa.Engine, a_worker: Callable[..., Made]
) -> None:
    """The first workflow of that mail is known to the durable engine: the second has another name, else it were nothing."""
    mailbox_id = a_mailbox_row(engine)
    source = ListSource([raw_mail()])
    Intake(engine, Queue(engine), RawStore(), parse).take(mailbox_id, source)
    with db.writing(engine) as session:
        row = session.exec(select(StoredMail)).one()
        row.changed_at = db.now() - timedelta(hours=1)
        session.get_one(Mailbox, mailbox_id).active = False
    one_round(a_worker())
    assert workflows(engine) == [f"triage_mail:{row.id}"] * 2


def test_a_backlog_is_not_enqueued_twice(engine: sa.Engine, a_worker: Callable[..., Made]) -> None:
    """A thousand mails at once wait for longer than two minutes, each with its workflow; one from before lost its own."""
    mailbox_id = a_mailbox_row(engine)
    with db.writing(engine) as session:
        mailbox = session.get_one(Mailbox, mailbox_id)
        mailbox.active = False
        lost = store(session, mailbox, a_mail())
    Intake(engine, Queue(engine), RawStore(), parse).take(
        mailbox_id, ListSource([raw_mail(Subject=str(n)) for n in range(3)])
    )
    long_ago = int((db.now() - timedelta(hours=1)).timestamp() * 1000)
    with db.writing(engine) as session:
        session.execute(sa.update(StoredMail).values(changed_at=db.now() - timedelta(hours=1)))
        session.get_one(StoredMail, lost.id).changed_at = db.now() - timedelta(hours=2)
        session.execute(sa.text(f"UPDATE {_workflow_table(engine)} SET created_at = {long_ago}"))
    before = workflows(engine)
    one_round(a_worker())
    assert sorted(workflows(engine)) == sorted([*before, f"triage_mail:{lost.id}"])


# Workers that died


def test_a_dead_worker_is_taken_over_once_and_buried(engine: sa.Engine, a_worker: Callable[..., Made]) -> None:
    with db.writing(engine) as session:
        session.add(WorkerSlot(slot=7, process="gone:1", beat_at=db.now() - timedelta(minutes=2)))
        session.add(WorkerSlot(slot=8, process="alive:1", beat_at=db.now() - timedelta(seconds=20)))
    first, second = a_worker(), a_worker()
    one_round(first)
    one_round(second)
    assert (first[1].resumed, second[1].resumed) == (["worker-7"], [])
    with db.reading(engine) as session:
        assert session.exec(select(WorkerSlot.slot)).all() == [8]


def test_a_database_failure_while_looking_after_does_not_end_the_worker(
    engine: sa.Engine, a_worker: Callable[..., Made]
) -> None:
    """`run` returns because it was told to stop, not by an error, and leaves no row of a living worker."""
    made = a_worker()
    made[1].fail = DatabaseError("The disk is full.")
    one_round(made)
    assert made[1].running is False
    with db.reading(engine) as session:
        assert session.exec(select(WorkerSlot)).all() == []


# Mailboxes that fail


@dataclass
class MoodySource(ListSource):
    """Raises `mood` at every fetch while there is one; counts the attempts."""

    mood: Exception | None = None
    attempts: int = 0

    def fetch_since(self, cursor: str) -> Iterator[Fetched]:
        self.attempts += 1
        if self.mood is not None:
            raise self.mood
        return super().fetch_since(cursor)


def test_a_failing_mailbox_says_so_until_it_works_again(engine: sa.Engine, a_worker: Callable[..., Made]) -> None:
    """`problem_since` is when it began, however often it is tried; mail that came meanwhile is taken in."""
    mailbox_id = a_mailbox_row(engine)
    source = MoodySource([raw_mail()], mood=MailboxUnreachable("The server does not answer."))
    before = db.now()
    with running(a_worker(lambda mailbox: source)):
        row = until(engine, mailbox_id, lambda row: row.problem)
        assert (row.problem, row.polled_at, row.fetched_count) == ("The server does not answer.", None, 0)
        since = row.problem_since
        assert since is not None
        assert before <= since <= db.now()
        source.mood = MailboxUnreachable("The server is down for maintenance.")
        row = until(engine, mailbox_id, lambda row: "maintenance" in row.problem)
        assert row.problem_since == since
        source.mood = None
        row = until(engine, mailbox_id, lambda row: not row.problem)
    assert (row.problem_since, row.fetched_count, row.cursor) == (None, 1, "1")
    assert row.polled_at is not None
    assert row.polled_at > since


def test_a_mailbox_that_worked_keeps_when_it_was_last_read(engine: sa.Engine, a_worker: Callable[..., Made]) -> None:
    mailbox_id = a_mailbox_row(engine)
    source = MoodySource()
    with running(a_worker(lambda mailbox: source)):
        polled = until(engine, mailbox_id, lambda row: row.polled_at).polled_at
        source.mood = MailboxUnreachable("The server does not answer.")
        row = until(engine, mailbox_id, lambda row: row.problem)
    assert polled is not None
    assert row.polled_at is not None
    assert row.problem_since is not None
    assert polled <= row.polled_at <= row.problem_since


def test_a_mailbox_that_cannot_be_opened_is_tried_again(engine: sa.Engine, a_worker: Callable[..., Made]) -> None:
    """The password was wrong and is put right while the worker runs."""
    mailbox_id = a_mailbox_row(engine)
    refused = threading.Event()

    def open_source(mailbox: Mailbox) -> MailSource:
        if not refused.is_set():
            raise MailboxSignInRefused("The password of mailbox debiteuren is wrong.")
        return ListSource([raw_mail()])

    with running(a_worker(open_source)):
        assert "password" in until(engine, mailbox_id, lambda row: row.problem).problem
        refused.set()
        row = until(engine, mailbox_id, lambda row: row.fetched_count and not row.problem)
    assert row.problem_since is None


def test_a_fault_of_ours_is_shown_and_tried_again(engine: sa.Engine, a_worker: Callable[..., Made]) -> None:
    mailbox_id = a_mailbox_row(engine)
    source = MoodySource([raw_mail()], mood=ZeroDivisionError("secret words of a mail"))
    with running(a_worker(lambda mailbox: source)):
        row = until(engine, mailbox_id, lambda row: row.problem)
        assert row.problem == "The mailbox stopped unexpectedly (ZeroDivisionError); it is tried again."
        source.mood = None
        until(engine, mailbox_id, lambda row: row.fetched_count and not row.problem)


def test_one_mailbox_fails_and_the_others_go_on(engine: sa.Engine, a_worker: Callable[..., Made]) -> None:
    broken, works = a_mailbox_row(engine, "stuk"), a_mailbox_row(engine, "heel")
    sources = {
        "stuk": MoodySource(mood=MailboxUnreachable("The server does not answer.")),
        "heel": MoodySource([raw_mail()]),
    }
    with running(a_worker(lambda mailbox: sources[mailbox.name])):
        until(engine, broken, lambda row: row.problem)
        row = until(engine, works, lambda row: row.fetched_count)
    assert (row.problem, row.problem_since) == ("", None)


def test_a_paused_mailbox_is_left_alone(engine: sa.Engine, a_worker: Callable[..., Made]) -> None:
    paused, works = a_mailbox_row(engine, "dicht"), a_mailbox_row(engine, "open")
    with db.writing(engine) as session:
        session.get_one(Mailbox, paused).active = False
    opened: list[str] = []

    def open_source(mailbox: Mailbox) -> MailSource:
        opened.append(mailbox.name)
        return ListSource()

    with running(a_worker(open_source)):
        until(engine, works, lambda row: row.polled_at)
    assert opened == ["open"]
    with db.reading(engine) as session:
        assert session.get_one(Mailbox, paused).polled_at is None
