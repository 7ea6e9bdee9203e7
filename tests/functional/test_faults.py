"""The fault suite at its smallest: every promise holds, and the count of the far ends would notice if one did not.

Real Dovecot, real SMTP, real worker processes; SIGKILL, so that nothing of ours can tidy up.
"""

from pathlib import Path

import pytest
from sqlmodel import col, select

from inbox_agent import db
from inbox_agent.bench import faults_mail, faults_replies, faults_tally
from inbox_agent.bench.dovecot import DovecotMissing
from inbox_agent.bench.faults_plan import Mischief, Plan
from inbox_agent.bench.faults_scene import Scene
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.reply import OutgoingReply, ReplyState

PLAN = Plan(mails=60, kills=3, replies=20, minutes=4)


def test_nothing_is_lost_doubled_or_sent_twice(tmp_path: Path) -> None:
    """The worker killed three times while mail comes in and once while replies leave, Dovecot restarted and renumbered, an
    answer cut in its middle; replies whose fate the outgoing server kept to itself."""
    try:
        scene = Scene(tmp_path, PLAN)
    except DovecotMissing as missing:
        pytest.skip(missing.sentence)
    with scene:
        done = faults_mail.arrive(scene, lambda what, count, of: None)
        kills = faults_replies.leave(scene, lambda what, count, of: None)
        scene.stop_worker()
        mail, replies = faults_tally.of_mail(scene), faults_tally.of_replies(scene)
        assert (mail.broken, replies.broken) == ([], [])
        assert (kills, done) == (1, {Mischief.KILL: 3, Mischief.RESTART: 1, Mischief.CUT: 1, Mischief.RENUMBER: 1})
        assert scene.wire.cuts == 1
        assert (mail.on_server, mail.states["triaged"], replies.approved) == (60, 60, 20)
        assert replies.states["delivered"] > 0
        assert replies.states["delivered"] <= replies.arrived
        _the_count_notices(scene)


def _the_count_notices(scene: Scene) -> None:
    """A mail's Message-ID is written over another's; of the replies one arrives twice, and a delivered one did not."""
    with db.writing(scene.engine) as session:
        undecided = select(StoredMail).where(~col(StoredMail.is_sent), col(StoredMail.decided_at).is_(None))
        first, second = session.exec(undecided.limit(2))
        first.message_id = second.message_id
        session.add(first)
        session.exec(select(Mailbox)).one().fetched_count += 1
        delivered = session.exec(select(OutgoingReply).where(OutgoingReply.state == ReplyState.DELIVERED)).first()
        assert delivered is not None
    messages = scene.sink.messages
    messages[:] = [one for one in messages if delivered.message_id.encode() not in one.raw]
    messages.append(messages[0])
    assert faults_tally.of_mail(scene).broken == ["lost: 1", "stored twice: 1", "miscounted: 1"]
    assert faults_tally.of_replies(scene).broken == ["replies sent twice: 1", "replies lost: 1"]
