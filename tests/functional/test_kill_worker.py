"""The worker is killed at random points while 200 mails arrive: each is stored once, triaged once, no reply sent twice.

Real Dovecot, real SMTP, real worker processes; SIGKILL, so that nothing of ours can tidy up.
"""

import random
import signal
import time
from collections import Counter
from email import message_from_bytes

import sqlalchemy as sa
from factories.world import World
from imapclient import IMAPClient
from sqlmodel import col, func, select

from inbox_agent import db
from inbox_agent.domain.errors import InboxAgentError
from inbox_agent.durable import Queue
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import TriageRow
from inbox_agent.review import decide
from inbox_agent.review.views import Approval

MAILS = 200
KILLS = 8


def test_killing_the_worker_loses_and_doubles_nothing(world: World) -> None:
    chance = random.Random(20261124)
    engine = world.engine
    arriving = _arrivals(world.imap_port)
    queue = Queue(engine)
    worker = world.start_worker()
    kills = 0
    deadline = time.monotonic() + 240
    try:
        next_kill = time.monotonic() + 4
        while time.monotonic() < deadline:
            next(arriving, None)
            _approve_some(engine, world, queue)
            if kills < KILLS and time.monotonic() > next_kill:
                worker.send_signal(signal.SIGKILL)
                worker.wait()
                worker = world.start_worker()
                kills += 1
                next_kill = time.monotonic() + chance.uniform(1.5, 5)
            if kills == KILLS and _all_done(engine):
                break
            time.sleep(0.02)
    finally:
        world.stop(worker)

    with db.reading(engine) as session:
        stored = session.exec(select(StoredMail.message_id, func.count()).group_by(StoredMail.message_id)).all()
        triaged = session.exec(select(TriageRow.mail_id, func.count()).group_by(col(TriageRow.mail_id))).all()
        states = Counter(session.exec(select(StoredMail.state)).all())
        replies = session.exec(select(OutgoingReply)).all()
    assert kills == KILLS
    assert len(stored) == MAILS
    assert {count for _, count in stored} == {1}
    assert states == {MailState.TRIAGED: MAILS}
    assert len(triaged) == MAILS
    assert {count for _, count in triaged} == {1}
    sent = Counter(message_from_bytes(raw)["Message-ID"] for raw in world.smtp_received())
    assert max(sent.values()) == 1
    assert len(replies) >= 20
    for reply in replies:
        assert reply.state in (ReplyState.DELIVERED, ReplyState.UNCERTAIN), reply.problem
        if reply.state is ReplyState.DELIVERED:
            assert sent[reply.message_id] == 1


def _arrivals(port: int):
    """Appends one mail a step."""
    with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
        client.login(World.USER, World.PASSWORD)
        for number in range(MAILS):
            client.append(
                "INBOX",
                (
                    f"From: Klant {number} <klant{number}@boer.example>\r\nTo: debiteuren@halvermaan.example\r\n"
                    f"Subject: Kopie factuur\r\nMessage-ID: <{number}@boer.example>\r\n\r\n"
                    f"Goedemorgen,\r\n\r\nKunt u mij een kopie sturen van factuur 2670{number:04d}?\r\n\r\nGroet, Jan\r\n"
                ).encode(),
            )
            yield


def _approve_some(engine: sa.Engine, world: World, queue: Queue) -> None:
    """A controller approves a draft now and then, while the worker lives and dies."""
    with db.reading(engine) as session:
        waiting = session.exec(
            select(StoredMail)
            .where(StoredMail.state == MailState.TRIAGED, col(StoredMail.decided_at).is_(None))
            .limit(1)
        ).first()
        approved = session.exec(select(func.count()).select_from(OutgoingReply)).one()
    if waiting is None or approved >= 60:
        return
    try:
        with db.writing(engine) as session:
            approval = Approval(version=waiting.version, subject="Re: Kopie factuur", reply="Beste Jan, hierbij.")
            decide.approve(session, world.viewer, waiting.id, approval, queue, db.now())
    except InboxAgentError:
        pass


def _all_done(engine: sa.Engine) -> bool:
    with db.reading(engine) as session:
        read = session.exec(select(func.count()).where(StoredMail.state == MailState.TRIAGED)).one()
        under_way = session.exec(
            select(func.count()).where(col(OutgoingReply.state).in_([ReplyState.APPROVED, ReplyState.DELIVERING]))
        ).one()
        approved = session.exec(select(func.count()).select_from(OutgoingReply)).one()
    return read >= MAILS and under_way == 0 and approved >= 60
