"""A mailbox of Microsoft 365 with everything real but Microsoft: service, pages, database, follower."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
import uvicorn
from factories.graph_mailbox import graph_service, settings_of
from factories.pipeline import a_mailbox_row, an_approved_reply, raw_mail
from sqlmodel import select

from inbox_agent import db
from inbox_agent.bench.graph_box import Fault
from inbox_agent.bench.graph_service import GraphService
from inbox_agent.durable import Queue
from inbox_agent.mailbox.graph import GraphSource
from inbox_agent.mailbox.mime import parse
from inbox_agent.pipeline import delivery
from inbox_agent.pipeline.follower import Follower
from inbox_agent.pipeline.intake import Intake
from inbox_agent.pipeline.mailbox_memory import MailboxMemory
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import MailboxSubscription
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.settings import Settings
from web.app import create_app


@pytest.fixture(scope="module")
def service() -> Iterator[GraphService]:
    with graph_service() as started:
        yield started


@contextmanager
def pages(engine: sa.Engine) -> Iterator[str]:
    """The pages on a port of their own; gives their address."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(Settings(), engine), log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


@contextmanager
def followed(engine: sa.Engine, mailbox_id: int, open_source: Callable[[object], GraphSource]) -> Iterator[None]:
    """The mailbox, followed as a worker does, with an hour between polls."""
    stop = threading.Event()
    intake = Intake(engine, Queue(engine), RawStore(), parse)
    follower = Follower(engine, intake, open_source, lambda: None, 3600.0, timedelta(days=1), stop)
    thread = threading.Thread(target=follower.follow, args=(mailbox_id,), daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def eventually(look: Callable[[], bool]) -> None:
    """Far less than a poll interval."""
    deadline = time.monotonic() + 20
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def subjects(engine: sa.Engine) -> list[str]:
    with db.reading(engine) as session:
        return sorted(session.exec(select(StoredMail.subject)))


def subscribed(engine: sa.Engine) -> int:
    with db.reading(engine) as session:
        return len(session.exec(select(MailboxSubscription)).all())


def test_a_notification_brings_the_mail_long_before_the_poll(engine: sa.Engine, service: GraphService) -> None:
    box = service.box()
    mailbox_id = a_mailbox_row(engine)
    with pages(engine) as address:
        settings = settings_of(service, box, look_every=3600.0, notify_url=f"{address}/notifications/graph")
        opened = lambda _: GraphSource(settings, MailboxMemory(engine, mailbox_id))  # noqa: E731
        with followed(engine, mailbox_id, opened):
            eventually(lambda: subscribed(engine) == 2)
            service.deliver(box, raw_mail(Subject="Eerste", Message_ID="<1@boer.example>"))
            eventually(lambda: subjects(engine) == ["Eerste"])
            box.delta_lag = 1  # the notification comes before the folder shows the mail
            service.deliver(box, raw_mail(Subject="Laat", Message_ID="<2@boer.example>"))
            eventually(lambda: subjects(engine) == ["Eerste", "Laat"])


def test_what_is_kept_and_moved_is_known_to_the_source(engine: sa.Engine, service: GraphService) -> None:
    """A position that the service forgot costs one look and no second copy."""
    box = service.box()
    mailbox_id = a_mailbox_row(engine)
    memory = MailboxMemory(engine, mailbox_id)
    source = GraphSource(settings_of(service, box), memory)
    intake = Intake(engine, Queue(engine), RawStore(), parse)
    items = [box.deliver(raw_mail(Subject=f"nr-{n}", Message_ID=f"<{n}@boer.example>")) for n in range(3)]
    assert intake.take(mailbox_id, source) == 3
    assert memory.places([one.item_id for one in items]) == {one.item_id: "Postvak IN" for one in items}
    box.move(items[0], "archive")
    intake.take(mailbox_id, source)
    assert memory.still_here([one.item_id for one in items]) == [items[1].item_id, items[2].item_id]
    service.expire_tokens()
    before = len(box.requests)
    assert intake.take(mailbox_id, source) == 0
    assert not any("$value" in path for _, path in box.requests[before:])
    box.move(items[0], "inbox")
    assert intake.take(mailbox_id, source) == 0
    assert len(memory.still_here([one.item_id for one in items])) == 3
    source.close()


@pytest.mark.parametrize("renames", [False, True])
def test_a_reply_that_nobody_could_tell_of_settles_itself_when_it_shows(
    engine: sa.Engine, service: GraphService, renames: bool
) -> None:
    """The service took it, answered with an error, and showed it among the sent mail only later: sent once, and known."""
    box = service.box()
    mailbox_id = a_mailbox_row(engine)
    intake = Intake(engine, Queue(engine), RawStore(), parse)
    source = GraphSource(settings_of(service, box), MailboxMemory(engine, mailbox_id))
    source._client._sleep = lambda seconds: None
    question = box.deliver(raw_mail(Message_ID="<1@boer.example>"))
    assert intake.take(mailbox_id, source) == 1
    reply_id = an_approved_reply(engine, "<antwoord-1@halvermaan.example>")
    box.sent_lag, box.renames_at_sending = 40, renames
    box.faults.append(Fault("POST", "/send", 504, accepted=True))
    state, problem = delivery.attempt(engine, lambda mailbox: source, reply_id)
    assert state is ReplyState.UNCERTAIN
    with db.writing(engine) as session:
        delivery.finish(session, reply_id, state, problem)
    while not box.listed(box.folder("sentitems")):
        source.has_reply("<antwoord-1@halvermaan.example>")
    intake.take(mailbox_id, source)
    with db.reading(engine) as session:
        reply = session.get_one(OutgoingReply, reply_id)
        sent = session.exec(select(StoredMail).where(StoredMail.is_sent)).one()
    assert (reply.state, len(box.sent)) == (ReplyState.DELIVERED, 1)
    assert (sent.state, sent.conversation) == (MailState.IGNORED, question.conversation_id)
    source.close()
