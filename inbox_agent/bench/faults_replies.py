"""A controller approves replies while the outgoing server misbehaves and the worker is killed."""

import time
from collections.abc import Callable

from sqlmodel import col, select

from inbox_agent import db
from inbox_agent.bench.faults_mail import PATIENCE, Show
from inbox_agent.bench.faults_scene import Scene
from inbox_agent.bench.smtp_sink import Mishap
from inbox_agent.domain.errors import InboxAgentError
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.reply import ReplyState
from inbox_agent.review import decide
from inbox_agent.review.views import Approval

MISHAPS = {Mishap.NONE: 60, Mishap.BEFORE_DATA: 10, Mishap.AFTER_DATA: 15, Mishap.SILENCE: 15}
"""How often of a hundred."""

_UNDER_WAY = 40


def leave(scene: Scene, show: Show) -> int:
    """All replies of the plan are approved and delivered by SMTP, or not. Returns how often the worker was killed meanwhile."""
    kinds, weights = list(MISHAPS), list(MISHAPS.values())
    scene.sink.chance = lambda: scene.chance.choices(kinds, weights)[0]
    return answer(scene, scene.mailbox_id, scene.plan.replies, show, lambda: None)


def answer(scene: Scene, mailbox_id: int, count: int, show: Show, disturb: Callable[[], None]) -> int:
    """Approves so many replies of a mailbox, with `disturb` before each, until all have left, or not; returns the kills."""
    waiting = _answerable(scene, mailbox_id, count)
    kill_at = set(scene.chance.sample(range(len(waiting)), min(scene.plan.delivery_kills, len(waiting))))
    kills = approved = 0
    for number, mail in enumerate(waiting):
        if scene.late(1):
            break
        scene.work()
        disturb()
        approved += _approve(scene, mail)
        show("replies leave", number, count)
        until = time.monotonic() + 60
        while _under_way(scene) > _UNDER_WAY and time.monotonic() < until:
            scene.work()
            time.sleep(0.1)
        if number in kill_at:
            scene.await_progress(1, scene.chance.uniform(0.2, 2))
            scene.kill_worker()
            kills += 1

    def is_done() -> bool:
        under_way = _under_way(scene)
        show("replies leave", approved - under_way, approved)
        return under_way == 0

    scene.settle(is_done, scene.replies, PATIENCE)
    return kills


def _under_way(scene: Scene) -> int:
    states = scene.replies()
    return states[ReplyState.APPROVED] + states[ReplyState.DELIVERING]


def _answerable(scene: Scene, mailbox_id: int, count: int) -> list[StoredMail]:
    wanted = (
        select(StoredMail)
        .where(
            StoredMail.mailbox_id == mailbox_id,
            StoredMail.state == MailState.TRIAGED,
            col(StoredMail.decided_at).is_(None),
            col(StoredMail.automatic).is_(None),
            ~col(StoredMail.is_sent),
        )
        .order_by(col(StoredMail.id))
        .limit(count)
    )
    with db.reading(scene.engine) as session:
        found = list(session.exec(wanted))
        session.expunge_all()
        return found


def _approve(scene: Scene, mail: StoredMail) -> bool:
    approval = Approval(
        version=mail.version,
        subject=f"Re: {mail.subject}",
        reply="Beste klant,\n\nDank voor uw bericht.",
        checked=(mail.sender_email,),
    )
    try:
        with db.writing(scene.engine) as session:
            decide.approve(session, scene.viewer, mail.id or 0, approval, scene.queue, db.now())
    except InboxAgentError:
        return False
    return True
