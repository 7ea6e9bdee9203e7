"""One mailbox as a worker follows it: takes in what arrives, compares now and then, and says how that goes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

import sqlalchemy as sa
import structlog

from inbox_agent import db
from inbox_agent.domain.errors import DatabaseError, InboxAgentError
from inbox_agent.mailbox.source import MailSource
from inbox_agent.pipeline.audit import Audit
from inbox_agent.pipeline.delivery import OpenSource
from inbox_agent.pipeline.intake import Intake
from inbox_agent.records.mailbox import Mailbox

log = structlog.get_logger()

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_NOTED_EVERY = timedelta(seconds=10)
"""How often a mailbox that is well is written down as polled; each time costs a transaction."""


class Follower:
    """Works one mailbox until it is paused or `stop` is set. Its failures stay its own: it is retried with growing pauses.

    After a failure, and when its options were changed, it is opened anew: with its present options and password.
    """

    def __init__(
        self,
        engine: sa.Engine,
        intake: Intake,
        open_source: OpenSource,
        on_arrival: Callable[[], None],
        poll_seconds: float,
        audit_every: timedelta,
        stop: Event,
    ) -> None:
        """`on_arrival` is called when mail was taken in."""
        self._engine = engine
        self._intake = intake
        self._audit = Audit(engine, intake)
        self._open_source = open_source
        self._on_arrival = on_arrival
        self._poll_seconds = poll_seconds
        self._audit_every = audit_every
        self._stop = stop
        self._source: MailSource | None = None
        self._opened_with: tuple[object, ...] = ()
        self._compared_at: datetime | None = None
        self._difficulty = ""

    def follow(self, mailbox_id: int) -> None:
        """Returns when there is nothing more to follow. Raises nothing."""
        pause, name = _FIRST_PAUSE, ""
        while not self._stop.is_set():
            try:
                with db.reading(self._engine) as session:
                    mailbox = session.get_one(Mailbox, mailbox_id)
                name = mailbox.name
                if not mailbox.active:
                    break
                source = self._open(mailbox)
                new = self._intake.take(mailbox_id, source)
                if new:
                    log.info("fetched", mailbox=name, new=new)
                    self._on_arrival()
                self._compare(mailbox, source)
                self._note_polled(mailbox)
                pause = _FIRST_PAUSE
                source.wait(self._poll_seconds, self._stop)
                continue
            except InboxAgentError as error:
                if not isinstance(error, DatabaseError):
                    self._close()
                log.warning("mailbox_problem", mailbox=name, problem=error.sentence)
                self._note_problem(mailbox_id, error.sentence)
            except Exception as error:  # the thread must survive, and the team must see it
                self._close()
                log.exception("mailbox_broke", mailbox=name)
                sentence = f"The mailbox stopped unexpectedly ({type(error).__name__}); it is tried again."
                self._note_problem(mailbox_id, sentence)
            self._stop.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        self._close()

    def _open(self, mailbox: Mailbox) -> MailSource:
        way_in = (mailbox.kind, mailbox.name, mailbox.options)
        if way_in != self._opened_with:
            self._close()
        if self._source is None:
            self._source = self._open_source(mailbox)
            self._opened_with = way_in
        return self._source

    def _compare(self, mailbox: Mailbox, source: MailSource) -> None:
        """The audit, at the start and whenever it is due. One that fails is told, and does not keep new mail waiting."""
        now = db.now()
        last = mailbox.audited_at
        is_due = self._compared_at is None or (last is None or now - last >= self._audit_every)
        if not is_due or (self._difficulty and self._compared_at and now - self._compared_at < _RETRIED_AFTER):
            return
        self._compared_at = now
        assert mailbox.id is not None
        try:
            outcome = self._audit.run(mailbox.id, source)
        except DatabaseError:
            raise
        except InboxAgentError as error:
            self._difficulty = error.sentence
            log.warning("audit_failed", mailbox=mailbox.name, problem=error.sentence)
        else:
            self._difficulty = ""
            log.info("compared", mailbox=mailbox.name, on_server=outcome.on_server, missing=outcome.missing)

    def _note_polled(self, mailbox: Mailbox) -> None:
        """That the last poll went well, for the banner and the mailboxes page."""
        now = db.now()
        if mailbox.problem == self._difficulty and mailbox.polled_at and now - mailbox.polled_at < _NOTED_EVERY:
            return
        with db.writing(self._engine) as session:
            row = session.get_one(Mailbox, mailbox.id)
            row.polled_at, row.problem = now, self._difficulty
            row.problem_since = (row.problem_since or now) if self._difficulty else None

    def _note_problem(self, mailbox_id: int, problem: str) -> None:
        now = db.now()
        try:
            with db.writing(self._engine) as session:
                row = session.get_one(Mailbox, mailbox_id)
                row.problem, row.problem_since = problem, row.problem_since or now
        except DatabaseError as error:
            log.error("database", problem=error.sentence)

    def _close(self) -> None:
        """Ends the source, whatever state it is in."""
        source, self._source = self._source, None
        if source is not None:
            try:
                source.close()
            except Exception:  # it is given up anyway
                log.exception("mailbox_not_closed")


_RETRIED_AFTER = timedelta(minutes=5)
"""When a comparison that failed is tried again, while the mailbox itself is read on."""
