"""An approved reply whose workflow got lost is not forgotten; a mailbox whose options change is opened anew."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa
from factories.mails import a_mailbox, a_triaged_mail
from factories.people import a_viewer
from factories.pipeline import ListSource, a_mailbox_row, at_work

from inbox_agent import db
from inbox_agent.durable import Queue
from inbox_agent.mailbox.mime import parse
from inbox_agent.mailbox.source import MailSource
from inbox_agent.pipeline.intake import Intake
from inbox_agent.pipeline.slots import Slot
from inbox_agent.pipeline.worker import Worker
from inbox_agent.pipeline.workflows import Engine
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import Review


class NoEngine:
    """Stands where the durable engine stands. `fault` is raised when it is asked to forget."""

    fault: Exception | None = None
    rounds = 0

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def resume_of(self, executor_id: str) -> int:
        return 0

    def pace(self, is_busy: bool) -> None:
        pass

    def forget_before(self, cutoff_milliseconds: int) -> None:
        self.rounds += 1
        if self.fault is not None:
            raise self.fault


@contextmanager
def running(
    engine: sa.Engine,
    folder: Path,
    durable: NoEngine,
    open_source: Callable[[Mailbox], MailSource] = lambda mailbox: ListSource(),
) -> Iterator[Worker]:
    """A worker at work."""
    queue = Queue(engine)
    intake, slot = Intake(engine, queue, RawStore(), parse), Slot(engine, folder / "locks")
    worker = Worker(engine, cast(Engine, durable), slot, intake, queue, open_source, poll_seconds=0.05)
    with at_work(worker):
        yield worker


def soon(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def a_reply(engine: sa.Engine, state: ReplyState, age: timedelta) -> int:
    """The id of a reply that is in this state for so long."""
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        mailbox.active = False
        viewer = a_viewer(session, "Sanne", "Debiteuren", mailbox.id)
        mail = a_triaged_mail(session, mailbox)
        review = Review(
            mail_id=mail.id, controller_id=viewer.controller_id, decision="approved", decided_at=db.now() - age
        )
        session.add(review)
        session.flush()
        reply = OutgoingReply(
            mail_id=mail.id, mailbox_id=mailbox.id, review_id=review.id, message_id="<r@h.example>", body="Beste Jan",
            recipients=["jan@boer.example"], state=state, approved_by=viewer.controller_id, approved_at=db.now(), send_after=db.now() - age,
            changed_at=db.now() - age,
        )  # fmt: skip
        session.add(reply)
        session.flush()
        return reply.id


def deliveries(engine: sa.Engine) -> int:
    table = "workflow_status" if engine.dialect.name == "sqlite" else "dbos.workflow_status"
    with engine.connect() as connection:
        return connection.execute(sa.text(f"SELECT count(*) FROM {table} WHERE name = 'deliver_reply'")).scalar()


@pytest.mark.parametrize("state", [ReplyState.APPROVED, ReplyState.DELIVERING])
def test_a_reply_whose_workflow_got_lost_gets_one_more(engine: sa.Engine, tmp_path: Path, state: ReplyState) -> None:
    """The disk was full while its workflow ran: nobody would send it, and nobody would know."""
    a_reply(engine, state, timedelta(minutes=3))
    durable = NoEngine()
    with running(engine, tmp_path, durable):
        soon(lambda: durable.rounds)
    assert deliveries(engine) == 1


@pytest.mark.parametrize(
    ("state", "age"),
    [
        (ReplyState.APPROVED, timedelta(seconds=30)),
        (ReplyState.UNCERTAIN, timedelta(days=1)),
        (ReplyState.FAILED, timedelta(days=1)),
        (ReplyState.DELIVERED, timedelta(days=1)),
    ],
)
def test_every_other_reply_is_left_alone(engine: sa.Engine, tmp_path: Path, state: ReplyState, age: timedelta) -> None:
    a_reply(engine, state, age)
    durable = NoEngine()
    with running(engine, tmp_path, durable):
        soon(lambda: durable.rounds)
    assert deliveries(engine) == 0


def test_a_reply_that_waits_its_turn_is_not_enqueued_twice(engine: sa.Engine, tmp_path: Path) -> None:
    reply_id = a_reply(engine, ReplyState.APPROVED, timedelta(hours=1))
    with db.writing(engine) as session:
        Queue(engine).deliver(session, reply_id)
    durable = NoEngine()
    with running(engine, tmp_path, durable):
        soon(lambda: durable.rounds)
    assert deliveries(engine) == 1


def polled(engine: sa.Engine, mailbox_id: int) -> object:
    with db.reading(engine) as session:
        return session.get_one(Mailbox, mailbox_id).polled_at


def test_a_fault_while_looking_after_ends_nothing(engine: sa.Engine, tmp_path: Path) -> None:
    mailbox_id = a_mailbox_row(engine)
    durable = NoEngine()
    durable.fault = ZeroDivisionError()
    with running(engine, tmp_path, durable) as worker:
        soon(lambda: durable.rounds)
        soon(lambda: polled(engine, mailbox_id))
        assert not worker.stop.is_set()


def test_changed_options_open_the_mailbox_anew_and_a_pause_holds_at_once(engine: sa.Engine, tmp_path: Path) -> None:
    mailbox_id = a_mailbox_row(engine)
    opened: list[object] = []

    def open_source(mailbox: Mailbox) -> MailSource:
        opened.append(mailbox.options.get("host"))
        return ListSource()

    def change(**columns: object) -> None:
        with db.writing(engine) as session:
            session.get_one(Mailbox, mailbox_id).sqlmodel_update(columns)

    with running(engine, tmp_path, NoEngine(), open_source):
        soon(lambda: opened == [None])
        change(options={"host": "new.example"})
        soon(lambda: opened == [None, "new.example"])
        change(active=False)
        soon(lambda: not any(thread.name == "debiteuren" for thread in threading.enumerate()))


def test_a_held_reply_is_not_lost(engine: sa.Engine, tmp_path: Path) -> None:
    """Its workflow waits out the hold, delayed: it is not to get another one that would send it sooner."""
    reply_id = a_reply(engine, ReplyState.APPROVED, timedelta(minutes=3))
    with db.writing(engine) as session:
        session.get_one(OutgoingReply, reply_id).send_after = db.now() + timedelta(minutes=5)
        Queue(engine).deliver(session, reply_id, delay=timedelta(minutes=5))
    durable = NoEngine()
    with running(engine, tmp_path, durable):
        soon(lambda: durable.rounds)
    assert deliveries(engine) == 1
