"""The sweeper: mail and replies whose workflow got lost (the disk was full while it ended) get another one."""

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import col, select

from inbox_agent import db
from inbox_agent.durable import Queue
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.reply import OutgoingReply, ReplyState

log = structlog.get_logger()

_STUCK_AFTER = timedelta(minutes=2)
_APART = timedelta(seconds=5)
"""How much later than its mail a workflow's own instant may be."""


class Sweeper:
    """Looks for what waits although nothing works on it. Never enqueues what a workflow still waits for, however long."""

    def __init__(self, engine: sa.Engine, queue: Queue) -> None:
        self._engine = engine
        self._queue = queue

    def sweep(self, now: datetime) -> None:
        """One look. Raises `DatabaseError`."""
        self._mail(now)
        self._replies(now)

    def _mail(self, now: datetime) -> None:
        """Workflows are begun in the order in which they were enqueued: mail older than all that wait has none, unless it is
        being read at this moment. Reading twice would be harmless: only the first one is kept.
        """
        with db.reading(self._engine) as session:
            anything = select(StoredMail.id).where(
                StoredMail.state == MailState.FETCHED, col(StoredMail.changed_at) < now - _STUCK_AFTER
            )
            if session.exec(anything.limit(1)).first() is None:
                return
        with db.sentences():
            oldest, reading = self._queue.oldest_waiting(), self._queue.being_read()
        before = min(now - _STUCK_AFTER, oldest - _APART if oldest else now)
        with db.writing(self._engine) as session:
            stuck = select(StoredMail).where(StoredMail.state == MailState.FETCHED, col(StoredMail.changed_at) < before)
            for row in session.exec(stuck.limit(200)):
                if row.id is None or row.id in reading:
                    continue
                self._queue.triage(session, row.id, attempt=int(now.timestamp()))
                row.changed_at = now
                log.warning("enqueued_again", mail_id=row.id)

    def _replies(self, now: datetime) -> None:
        """The new workflow sends a reply only if no other began to; else it looks whether it left."""
        on_its_way = select(OutgoingReply).where(
            col(OutgoingReply.state).in_((ReplyState.APPROVED, ReplyState.DELIVERING)),
            col(OutgoingReply.changed_at) < now - _STUCK_AFTER,
        )
        with db.reading(self._engine) as session:
            waiting = [row.id or 0 for row in session.exec(on_its_way.limit(50))]
        with db.sentences():
            lost = [reply_id for reply_id in waiting if not self._queue.is_delivering(reply_id)]
        if not lost:
            return
        with db.writing(self._engine) as session:
            for row in session.exec(on_its_way.where(col(OutgoingReply.id).in_(lost)).with_for_update()):
                self._queue.deliver(session, row.id or 0, attempt=int(now.timestamp()))
                row.changed_at = now
                log.warning("delivery_enqueued_again", reply_id=row.id)
