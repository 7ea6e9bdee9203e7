"""The worker: one thread a mailbox takes in mail, the durable engine reads and delivers, a sweeper repairs."""

import threading
import time
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
import structlog
from sqlmodel import col, select

from inbox_agent import db
from inbox_agent.domain.errors import DatabaseError
from inbox_agent.durable import Queue
from inbox_agent.pipeline.classifier_switch import ClassifierSwitch
from inbox_agent.pipeline.copies import release_copies
from inbox_agent.pipeline.delivery import OpenSource
from inbox_agent.pipeline.follower import Follower
from inbox_agent.pipeline.intake import Intake
from inbox_agent.pipeline.slots import Slot, SlotLost
from inbox_agent.pipeline.sweeper import Sweeper
from inbox_agent.pipeline.workflows import Engine
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox

log = structlog.get_logger()

_BEAT_SECONDS = 10.0
_NOTICE_SECONDS = 0.5
_KEEP_WORKFLOWS = timedelta(days=7)


class Worker:
    """Runs until `stop` is set. A mailbox that fails is retried with growing pauses while the others go on."""

    def __init__(
        self,
        engine: sa.Engine,
        durable_engine: Engine,
        slot: Slot,
        intake: Intake,
        queue: Queue,
        open_source: OpenSource,
        poll_seconds: float,
        switch: ClassifierSwitch | None = None,
        audit_every: timedelta = timedelta(hours=1),
    ) -> None:
        """Without a `switch` the worker reads with what it began with."""
        self._engine = engine
        self._durable_engine = durable_engine
        self._slot = slot
        self._intake = intake
        self._queue = queue
        self._sweeper = Sweeper(engine, queue)
        self._open_source = open_source
        self._poll_seconds = poll_seconds
        self._switch = switch
        self._audit_every = audit_every
        self._threads: dict[int, threading.Thread] = {}
        self.stop = threading.Event()

    def run(self) -> None:
        """Works until `stop`.

        Raises `DatabaseError` when the database cannot be used at the start, `SlotLost` when another worker took its place.
        """
        self._beat(db.now())
        self._durable_engine.start()
        log.info("worker_started", slot=self._slot.number)
        try:
            while not self.stop.is_set():
                self._look_after(db.now())
                self._rest(_BEAT_SECONDS)
        finally:
            self.stop.set()
            for thread in self._threads.values():
                thread.join(timeout=10)
            self._durable_engine.stop()
            self._slot.release()
            log.info("worker_stopped", slot=self._slot.number)

    def _rest(self, seconds: float) -> None:
        """Waits in short steps: a signal that another thread got does not wake this one."""
        until = time.monotonic() + seconds
        while not self.stop.wait(_NOTICE_SECONDS) and time.monotonic() < until:
            pass

    def _look_after(self, now: datetime) -> None:
        """Starts threads for new mailboxes, beats, changes the classifier when another one is put in force, takes over
        from dead workers, re-enqueues what got stuck, reads copies that nothing stands for any more."""
        try:
            self._follow_mailboxes()
            self._beat(now)
            if self._switch is not None:
                self._switch.follow()
            for executor_id in self._slot.dead(now):
                count = self._durable_engine.resume_of(executor_id)
                self._slot.bury(executor_id)
                log.warning("took_over", executor_id=executor_id, workflows=count)
            self._sweeper.sweep(now)
            release_copies(self._engine, self._queue, now)
            self._durable_engine.pace(is_busy=self._has_unread())
            self._durable_engine.forget_before(int((now - _KEEP_WORKFLOWS).timestamp() * 1000))
        except SlotLost:
            raise
        except DatabaseError as error:
            log.error("database", problem=error.sentence)
        except Exception:  # a fault in looking after must not stop the mailboxes and the replies under way
            log.exception("looking_after_broke")

    def _beat(self, now: datetime) -> None:
        if self._switch is None:
            self._slot.beat(now)
        else:
            self._slot.beat(now, self._switch.serving, self._switch.problem)

    def _follow_mailboxes(self) -> None:
        with db.reading(self._engine) as session:
            mailboxes = list(session.exec(select(Mailbox).where(col(Mailbox.active))))
        for mailbox in mailboxes:
            assert mailbox.id is not None
            running = self._threads.get(mailbox.id)
            if running is None or not running.is_alive():
                follower = Follower(
                    self._engine,
                    self._intake,
                    self._open_source,
                    partial(self._durable_engine.pace, is_busy=True),
                    self._poll_seconds,
                    self._audit_every,
                    self.stop,
                )
                thread = threading.Thread(target=follower.follow, args=(mailbox.id,), name=mailbox.name, daemon=True)
                self._threads[mailbox.id] = thread
                thread.start()

    def _has_unread(self) -> bool:
        """Whether any mail waits to be read; answered from the queue's index."""
        unread = select(StoredMail.id).where(
            col(StoredMail.mailbox_id).in_(select(Mailbox.id)),
            col(StoredMail.decided_at).is_(None),
            StoredMail.state == MailState.FETCHED,
        )
        with db.reading(self._engine) as session:
            return session.exec(unread.limit(1)).first() is not None
