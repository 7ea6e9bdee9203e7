"""The durable workflows: triage, delivery, marking. DBOS resumes them after a crash; ids travel, never mail.

State changes go through datasource transactions (exactly once); sending is a plain step (at least once), hence the
rule in `delivery`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Semaphore
from typing import cast

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSConfig, SQLAlchemyDatasource
from dbos import error as dbos_error
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from inbox_agent import db, durable
from inbox_agent.domain.errors import DatabaseError, InboxAgentError
from inbox_agent.domain.sending import SendingRules
from inbox_agent.ledger.source import LedgerSource
from inbox_agent.pipeline import delivery, saving
from inbox_agent.pipeline.triager import Triager
from inbox_agent.records.mail import MailState, StoredMail, content_of, has_written_before
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.reply import ReplyState

log = structlog.get_logger()

_AT_ONCE = 6
"""Workflows of a queue that one worker holds at the same time; how many *read* at once is the caller's semaphore. More
only makes them wait for SQLite's write lock and for each other (measured: 4 to 6 read more mail a second than 16)."""

_POLL_SECONDS = {durable.TRIAGE_QUEUE: 0.5, durable.DELIVERY_QUEUE: 1.0, durable.FOLLOW_UP_QUEUE: 10.0}
"""How often a queue is looked at while little happens: each look costs some 3 ms of a core."""

_BUSY_POLL_SECONDS = 0.1
"""The same for mail to read while there is more of it than one look takes."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the workflows work with. `ledger_of` gives the ledger of a mailbox (by id)."""

    engine: sa.Engine
    triager: Triager
    ledger_of: Callable[[int], LedgerSource]
    open_source: delivery.OpenSource
    reading_at_once: int = 2
    sending: SendingRules = field(default_factory=SendingRules)
    raw_store: RawStore = field(default_factory=RawStore)


class Engine:
    """The running durable engine of one worker. Make one per process."""

    def __init__(self, workplace: Workplace, executor_id: str) -> None:
        self._workplace = workplace
        self._executor_id = executor_id
        self._is_busy = False

    def start(self) -> None:
        """Registers workflows and queues and resumes what this executor left unfinished. Raises `DatabaseError`."""
        engine = self._workplace.engine
        url = engine.url.render_as_string(hide_password=False)
        config: DBOSConfig = {
            "name": durable.APPLICATION,
            "system_database_url": url,
            "system_database_engine": db.create_durable_engine(url),
            "executor_id": self._executor_id,
            "application_version": durable.APPLICATION_VERSION,
            "run_migrations": False,
            "log_level": "WARNING",
            "max_executor_threads": 64,
            "notification_listener_polling_interval_sec": 1.0,  # nobody listens, but stopping waits for it
        }
        with db.sentences():
            DBOS(config=config)
            _register(self._workplace)
            DBOS.launch()
            for queue, seconds in _POLL_SECONDS.items():
                DBOS.register_queue(
                    queue, worker_concurrency=_AT_ONCE, polling_interval_sec=seconds, on_conflict="always_update"
                )

    def pace(self, is_busy: bool) -> None:
        """Looks for mail to read often while there is some, else seldom. Raises `DatabaseError`."""
        if is_busy == self._is_busy:
            return
        with db.sentences():
            queue = DBOS.retrieve_queue(durable.TRIAGE_QUEUE)
            if queue is not None:
                queue.set_polling_interval_sec(_BUSY_POLL_SECONDS if is_busy else _POLL_SECONDS[durable.TRIAGE_QUEUE])
        self._is_busy = is_busy

    def resume_of(self, executor_id: str) -> int:
        """Takes over what a dead worker left unfinished; returns how many workflows. Raises `DatabaseError`."""
        with db.sentences():
            left = DBOS.list_workflows(status="PENDING", executor_id=executor_id, load_input=False, load_output=False)
            if left:
                DBOS.resume_workflows([workflow.workflow_id for workflow in left])
        return len(left)

    def forget_before(self, cutoff_milliseconds: int) -> None:
        """Deletes finished workflows that began before the cutoff (epoch milliseconds). Raises `DatabaseError`."""
        with db.sentences():
            finished = DBOS.list_workflows(
                status=["SUCCESS", "ERROR", "CANCELLED"],
                end_time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(cutoff_milliseconds / 1000)),
                limit=5000,
                load_input=False,
                load_output=False,
            )
            if finished:
                DBOS.delete_workflows([workflow.workflow_id for workflow in finished])

    def stop(self) -> None:
        """Lets running steps end; what is left is resumed at the next start."""
        DBOS.destroy(workflow_completion_timeout_sec=5)


def _unreadable(error: Exception) -> str:
    return f"This mail could not be read by the machine ({type(error).__name__}). Read it yourself, or retry."


def _register(workplace: Workplace) -> None:
    engine = workplace.engine
    source = SQLAlchemyDatasource.create(
        engine.url.render_as_string(hide_password=False),
        engine=engine,
        sessionmaker=sessionmaker(class_=Session, expire_on_commit=False),
        run_migrations=False,
    )

    def session() -> Session:
        return cast(Session, source.sql_session())

    reading = Semaphore(workplace.reading_at_once)

    @source.transaction(name="park")
    def park(mail_id: int, reason: str) -> None:
        saving.park(session(), mail_id, reason, db.now())

    @source.transaction(name="finish_reply")
    def finish_reply(reply_id: int, state: str, problem: str) -> None:
        delivery.finish(session(), reply_id, ReplyState(state), problem)

    @DBOS.workflow(name=durable.TRIAGE)
    def triage_mail(mail_id: int) -> None:
        started = time.perf_counter()
        try:
            with db.reading(engine) as reader:
                row = reader.get(StoredMail, mail_id)
                mail = content_of(reader, mail_id)
                seen_before = row is not None and has_written_before(reader, row)
                mailbox = reader.get(Mailbox, row.mailbox_id) if row else None
            if row is None or mail is None or row.state is not MailState.FETCHED:
                return
            with reading:
                text = workplace.triager.reader.read(mail).in_language(mailbox.usual_language if mailbox else None)
                known = workplace.ledger_of(row.mailbox_id).for_mail(mail, text, row.chosen_customer_id)
                ledger = replace(known, acquaintance=replace(known.acquaintance, seen_before=seen_before))
                triage = workplace.triager.triage(mail, ledger, text)
        except DatabaseError:
            raise  # stays *fetched*; the sweeper enqueues it again
        except InboxAgentError as error:
            park(mail_id, error.sentence)
            return
        except Exception as error:  # one mail must not stop the others: a person sees it, with what happened
            log.exception("triage_failed", mail_id=mail_id)
            park(mail_id, _unreadable(error))
            return
        seconds = time.perf_counter() - started

        @source.transaction(name="save_triage")
        def save() -> bool:
            return saving.save_triage(session(), mail_id, mail, triage, seconds, db.now())

        try:
            saved = save()
        except (dbos_error.DBOSException, OperationalError, InterfaceError):
            raise  # stays *fetched*; the sweeper enqueues it again
        except Exception as error:  # this reading cannot be kept, and another attempt would end the same way
            log.exception("triage_not_kept", mail_id=mail_id)
            park(mail_id, _unreadable(error))
            return
        if saved:
            log.info(
                "triaged", mail_id=mail_id, intents=",".join(triage.classification.labels), seconds=round(seconds, 3)
            )

    @DBOS.step(name="attempt_delivery")
    def attempt_delivery(reply_id: int) -> tuple[str, str]:
        state, problem = delivery.attempt(
            engine, workplace.open_source, reply_id, workplace.sending, workplace.raw_store
        )
        return state.value, problem

    @DBOS.workflow(name=durable.DELIVERY)
    def deliver_reply(reply_id: int) -> None:
        state, problem = attempt_delivery(reply_id)
        while state == ReplyState.APPROVED:  # too early: this worker's clock, or whoever enqueued it, was ahead
            DBOS.sleep(delivery.seconds_left(engine, reply_id))
            state, problem = attempt_delivery(reply_id)
        finish_reply(reply_id, state, problem)
        log.info("reply", reply_id=reply_id, state=state)

    @DBOS.step(name="mark_in_mailbox", retries_allowed=True, max_attempts=3)
    def mark_in_mailbox(mail_id: int) -> None:
        with db.reading(engine) as reader:
            row = reader.get_one(StoredMail, mail_id)
            mailbox = reader.get_one(Mailbox, row.mailbox_id)
        opened = workplace.open_source(mailbox)
        try:
            opened.mark_handled(row.source_key)
        finally:
            opened.close()

    @source.transaction(name="keep_handled")
    def keep_handled(mail_id: int) -> None:
        session().get_one(StoredMail, mail_id).handled_in_mailbox = True

    @DBOS.workflow(name=durable.MARK)
    def mark_handled(mail_id: int) -> None:
        mark_in_mailbox(mail_id)
        keep_handled(mail_id)
