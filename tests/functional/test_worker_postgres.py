"""The whole worker on PostgreSQL: killed, and two at a time; each mail is read once, no reply is sent twice.

Real Dovecot, real SMTP, real worker processes; SIGKILL, so that nothing of ours can tidy up.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from functools import partial

import sqlalchemy as sa
from factories.world import World
from sqlmodel import col, func, select

from inbox_agent import db
from inbox_agent.durable import Queue
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import TriageRow
from inbox_agent.review import decide
from inbox_agent.review.views import Approval

MAILS, REPLIES = 40, 10


def deliver(world: World, first: int, count: int) -> None:
    """Mails of different customers, numbered from `first`."""
    for number in range(first, first + count):
        world.dovecot.deliver(
            World.USER,
            (
                f"From: Klant {number} <klant{number}@boer.example>\r\nTo: debiteuren@halvermaan.example\r\n"
                f"Subject: Kopie factuur\r\nMessage-ID: <{number}@boer.example>\r\n\r\n"
                f"Goedemorgen,\r\n\r\nKunt u mij een kopie sturen van factuur 2670{number:04d}?\r\n\r\nGroet, Jan\r\n"
            ).encode(),
        )


def until(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Waits for something that will come true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def count(engine: sa.Engine, *where: sa.ColumnElement[bool], of: type = StoredMail) -> int:
    with db.reading(engine) as session:
        return session.exec(select(func.count()).select_from(of).where(*where)).one()


def all_read(engine: sa.Engine, mails: int) -> bool:
    return count(engine, StoredMail.state == MailState.TRIAGED) == mails


def approve(world: World, wanted: int) -> bool:
    """A controller approves one draft more, until as many as wanted; whether there are."""
    open_mail = select(StoredMail).where(StoredMail.state == MailState.TRIAGED, col(StoredMail.decided_at).is_(None))
    with db.writing(world.engine) as session:
        mail = session.exec(open_mail.order_by(StoredMail.id)).first()
        if mail is not None and session.exec(select(func.count()).select_from(OutgoingReply)).one() < wanted:
            approval = Approval(version=mail.version, subject="Re: Kopie factuur", reply="Beste Jan, hierbij.")
            decide.approve(session, world.viewer, mail.id, approval, Queue(world.engine), db.now())
    return count(world.engine, of=OutgoingReply) >= wanted


def each_once(engine: sa.Engine, mails: int) -> None:
    """Every mail that was delivered is stored once and read once, and the mailbox counts the same."""
    with db.reading(engine) as session:
        arrived = ~col(StoredMail.is_sent)  # our own replies are taken in from the sent mail as well
        of_mails = select(StoredMail.message_id, func.count()).where(arrived).group_by(StoredMail.message_id)
        stored = session.exec(of_mails).all()
        readings = session.exec(select(TriageRow.mail_id, func.count()).group_by(col(TriageRow.mail_id))).all()
        states = Counter(session.exec(select(StoredMail.state).where(arrived)).all())
        fetched = session.exec(select(Mailbox.fetched_count)).one()
        sent = session.exec(select(func.count()).select_from(StoredMail).where(StoredMail.is_sent)).one()
    assert dict(stored) == {f"<{number}@boer.example>": 1 for number in range(mails)}
    assert states == {MailState.TRIAGED: mails}
    assert (len(readings), {times for _, times in readings}) == (mails, {1})
    assert fetched == mails + sent


def test_a_worker_killed_twice_reads_and_sends_everything_once(postgres_world: World) -> None:
    """Killed while mail comes in, and while replies leave."""
    world, engine = postgres_world, postgres_world.engine
    worker = world.start_worker()
    try:
        deliver(world, 0, MAILS // 2)
        until(lambda: count(engine) > 0)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        deliver(world, MAILS // 2, MAILS // 2)
        worker = world.start_worker()
        until(lambda: approve(world, REPLIES // 2))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker = world.start_worker()
        until(lambda: approve(world, REPLIES))
        under_way = col(OutgoingReply.state).in_([ReplyState.APPROVED, ReplyState.DELIVERING])
        until(lambda: all_read(engine, MAILS) and count(engine, under_way, of=OutgoingReply) == 0)
    finally:
        world.stop(worker)
    each_once(engine, MAILS)
    with db.reading(engine) as session:
        replies = session.exec(select(OutgoingReply)).all()
    sent = Counter(message_from_bytes(raw)["Message-ID"] for raw in world.smtp_received())
    assert len(replies) == REPLIES
    assert max(sent.values()) == 1
    assert set(sent) <= {reply.message_id for reply in replies}
    for reply in replies:
        assert reply.state in (ReplyState.DELIVERED, ReplyState.UNCERTAIN), reply.problem
        assert reply.state is ReplyState.UNCERTAIN or sent[reply.message_id] == 1


def test_two_workers_read_each_mail_once(postgres_world: World) -> None:
    """Both find the same mail in the mailbox at the same time; mail keeps coming until both have read some."""
    world, engine = postgres_world, postgres_world.engine
    deliver(world, 0, MAILS)
    mails = MAILS
    workers = [world.start_worker(), world.start_worker()]
    try:
        until(partial(all_read, engine, mails))
        deadline = time.monotonic() + 60
        while readers(engine) != {"worker-1", "worker-2"}:
            assert time.monotonic() < deadline, "one of the two read nothing"
            deliver(world, mails, MAILS)
            mails += MAILS
            until(partial(all_read, engine, mails))
        assert [worker.poll() for worker in workers] == [None, None]
    finally:
        for worker in workers:
            world.stop(worker)
    each_once(engine, mails)


def readers(engine: sa.Engine) -> set[str]:
    """Which workers ran a triage."""
    with engine.connect() as connection:
        return set(
            connection.execute(
                sa.text(
                    "SELECT executor_id FROM dbos.workflow_status WHERE status = 'SUCCESS' AND name = 'triage_mail'"
                )
            ).scalars()
        )
