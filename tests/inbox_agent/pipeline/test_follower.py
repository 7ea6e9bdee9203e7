"""A mailbox as a worker follows it: compared at the start, read on when a comparison fails, and silent about its secrets."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.logs import logging_as
from factories.people import a_viewer
from factories.pipeline import ListSource, a_mailbox_row, raw_mail
from sqlmodel import Session, select
from starlette.testclient import TestClient

from inbox_agent import bootstrap, db
from inbox_agent.bench.dovecot import Dovecot
from inbox_agent.domain.errors import MailboxUnreachable
from inbox_agent.durable import Queue
from inbox_agent.mailbox.mime import parse
from inbox_agent.mailbox.source import Listed, MailSource
from inbox_agent.pipeline.follower import Follower
from inbox_agent.pipeline.intake import Intake
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import Mailbox, MailboxKind
from inbox_agent.records.people import SignIn
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.review import access
from inbox_agent.settings import Settings
from web.app import create_app

SECRET = "wachtwoord-dat-niemand-mag-zien"


@contextmanager
def followed(engine: sa.Engine, mailbox_id: int, open_source: Callable[[Mailbox], MailSource]) -> Iterator[list[str]]:
    """The mailbox, followed as a worker does; gives what was said when mail arrived."""
    stop, arrivals = threading.Event(), list[str]()
    intake = Intake(engine, Queue(engine), RawStore(), parse)
    follower = Follower(engine, intake, open_source, lambda: arrivals.append("mail"), 0.02, timedelta(hours=1), stop)
    thread = threading.Thread(target=follower.follow, args=(mailbox_id,), daemon=True)
    thread.start()
    try:
        yield arrivals
    finally:
        stop.set()
        thread.join(timeout=30)
        assert not thread.is_alive()


def until(engine: sa.Engine, holds: Callable[[Session], object]) -> None:
    deadline = time.monotonic() + 60
    while True:
        with db.reading(engine) as session:
            if holds(session):
                return
        assert time.monotonic() < deadline
        time.sleep(0.02)


def the_mailbox(session: Session) -> Mailbox:
    return session.exec(select(Mailbox)).one()


def count(session: Session) -> int:
    return len(session.exec(select(StoredMail.id)).all())


def test_a_mailbox_is_compared_when_a_worker_begins(engine: sa.Engine) -> None:
    """A mail that was skipped before comes in without anybody asking; the pace quickens for what came."""
    source = ListSource([raw_mail(Subject=str(number)) for number in range(3)], skipped={1})
    with followed(engine, a_mailbox_row(engine), lambda _: source) as arrivals:
        until(engine, lambda session: count(session) == 3 and the_mailbox(session).audited_at)
    assert arrivals == ["mail"]


def test_a_comparison_that_fails_is_told_and_keeps_no_mail_waiting(engine: sa.Engine) -> None:
    class NoList(ListSource):
        fails = True

        def list_since(self, day: date) -> Iterator[Listed]:
            if self.fails:
                raise MailboxUnreachable("The server lists nothing.")
            return super().list_since(day)

    source = NoList([raw_mail(Subject="1")])
    with followed(engine, a_mailbox_row(engine), lambda _: source):
        until(engine, lambda session: the_mailbox(session).problem == "The server lists nothing.")
        source.raws.append(raw_mail(Subject="2"))
        until(engine, lambda session: count(session) == 2)
        with db.reading(engine) as session:
            row = the_mailbox(session)
        assert row.problem == "The server lists nothing."
        assert row.polled_at is not None
        assert row.audited_at is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_password_shows_nowhere(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A server refuses it, with all logging on: neither log, nor database, nor page has it."""
    monkeypatch.setenv("BOX_PASSWORD", SECRET)
    settings = Settings(data_dir=tmp_path, log_level="debug")
    with Dovecot.start(tmp_path / "dovecot", users={"debiteuren": "een-ander"}) as dovecot:
        options = {
            "host": "127.0.0.1", "port": dovecot.port, "security": "none", "user": "debiteuren",
            "password": "env:BOX_PASSWORD",
            "smtp": {"host": "127.0.0.1", "port": 1, "security": "none", "user": "debiteuren",
                     "password": "env:BOX_PASSWORD"},
        }  # fmt: skip
        box = a_mailbox_row(engine)
        with db.writing(engine) as session:
            mailbox = session.get_one(Mailbox, box)
            mailbox.kind, mailbox.options = MailboxKind.IMAP, options
            viewer = a_viewer(session, "Sanne", "A", box)
            session.add(
                SignIn(token_hash=access._digest("token"), controller_id=viewer.controller_id, csrf_token="c",
                       created_at=db.now(), expires_at=db.now() + timedelta(hours=1))
            )  # fmt: skip
        with logging_as(settings), followed(engine, box, lambda row: bootstrap.open_mailbox(settings, engine, row)):
            until(engine, lambda session: "password" in the_mailbox(session).problem)
    page = TestClient(create_app(settings, engine), cookies={"session": "token"}).get("/mailboxes")
    assert "debiteuren" in page.text
    said = capfd.readouterr()
    assert "mailbox_problem" in said.err
    assert SECRET not in said.err + said.out + page.text
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*.db*"))
    assert b"BOX_PASSWORD" in kept, "where it lies is known"
    assert SECRET.encode() not in kept
