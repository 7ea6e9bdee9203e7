"""The composition root: the one file that knows all packages, and puts them together from the settings."""

from datetime import timedelta
from functools import partial

import sqlalchemy as sa
from sqlmodel import col, select

from inbox_agent import db, schema
from inbox_agent.domain.steps import IntentClassifier
from inbox_agent.durable import Queue
from inbox_agent.ledger.database import DatabaseLedger
from inbox_agent.ledger.leads import House
from inbox_agent.ledger.source import LedgerSource
from inbox_agent.ledger.tables import CompanyRow
from inbox_agent.mailbox import registry as mailboxes
from inbox_agent.mailbox.mime import parse
from inbox_agent.mailbox.source import MailSource
from inbox_agent.pipeline.audit import Audit, Outcome
from inbox_agent.pipeline.classifier_switch import ClassifierSwitch
from inbox_agent.pipeline.intake import Intake
from inbox_agent.pipeline.mailbox_memory import MailboxMemory
from inbox_agent.pipeline.model_shelf import ModelShelf
from inbox_agent.pipeline.slots import Slot
from inbox_agent.pipeline.triager import Triager
from inbox_agent.pipeline.worker import Worker
from inbox_agent.pipeline.workflows import Engine, Workplace
from inbox_agent.records.mailbox import Mailbox, MailboxCompany
from inbox_agent.records.people import Controller
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.settings import Settings


def open_database(settings: Settings) -> sa.Engine:
    """The engine of a database that is at the present schema. Raises `DatabaseError`."""
    engine = db.create_engine(settings.database)
    schema.require_current(engine)
    return engine


def raw_store(settings: Settings) -> RawStore:
    """Where raw mail is kept."""
    return RawStore(settings.raw_folder)


def model_shelf(settings: Settings, engine: sa.Engine) -> ModelShelf:
    """Where classifiers come from: model files from the database are kept in the data folder."""
    from classifiers import registry as classifiers

    return ModelShelf(engine, classifiers.load, settings.classifier, settings.data_dir / "models")


def triager(settings: Settings, classifier: IntentClassifier | None = None) -> Triager:
    """The steps; loads models. Without a `classifier`, the one that the setting names. Raises `ModelError`."""
    from classifiers import registry as classifiers
    from drafting.drafter import TemplateDrafter
    from extractors import registry as extractors

    return Triager(
        extractors.load_reader(),
        classifier or classifiers.load(settings.classifier),
        extractors.load_extractor(),
        extractors.load_watch(settings.authserv_id),
        TemplateDrafter(settings.policy),
    )


def ledger_of(engine: sa.Engine, mailbox_id: int) -> LedgerSource:
    """The ledger of the own companies that the mailbox serves; of all of them when it names none."""
    served = select(MailboxCompany.company_id).where(MailboxCompany.mailbox_id == mailbox_id)
    with db.reading(engine) as session:
        named = session.exec(served.order_by(col(MailboxCompany.position))).all()
    return DatabaseLedger(engine, house_of(engine, mailbox_id, tuple(named)))


def house_of(engine: sa.Engine, mailbox_id: int | None = None, company_ids: tuple[int, ...] = ()) -> House:
    """The own side of the house: these companies, or all; and the addresses of its mailboxes and people."""
    with db.reading(engine) as session:
        every = session.exec(select(CompanyRow.id).order_by(col(CompanyRow.id))).all() if not company_ids else ()
        people = session.exec(select(Controller.email).where(col(Controller.active))).all()
        addresses = session.exec(select(Mailbox.address)).all()
    own = frozenset(one.strip().lower() for one in (*people, *addresses))
    return House(company_ids or tuple(one for one in every if one is not None), mailbox_id, own)


def open_mailbox(settings: Settings, engine: sa.Engine, mailbox: Mailbox) -> MailSource:
    """The mailbox, not yet connected."""
    memory = MailboxMemory(engine, mailbox.id or 0)
    return mailboxes.open_source(mailbox.kind, mailbox.name, mailbox.options, settings, memory)


def intake(settings: Settings, engine: sa.Engine, queue: Queue) -> Intake:
    """What takes in mail."""
    return Intake(engine, queue, raw_store(settings), parse)


def audit(settings: Settings, engine: sa.Engine, mailbox: Mailbox) -> Outcome:
    """Takes in what a mailbox has, then compares all of it. Raises `MailboxError` or `DatabaseError`."""
    taking_in = intake(settings, engine, Queue(engine))
    source = open_mailbox(settings, engine, mailbox)
    mailbox_id = mailbox.id or 0
    try:
        taking_in.take(mailbox_id, source)
        return Audit(engine, taking_in).run(mailbox_id, source)
    finally:
        source.close()


def worker(settings: Settings) -> Worker:
    """A worker, ready to run. Raises `DatabaseError`, `ModelError`, `SettingsError`."""
    engine = open_database(settings)
    slot = Slot(engine, settings.data_dir / "locks")
    queue = Queue(engine)

    open_source = partial(open_mailbox, settings, engine)
    shelf = model_shelf(settings, engine)
    opened = shelf.first()
    reader = triager(settings, opened.classifier)
    workplace = Workplace(
        engine,
        reader,
        partial(ledger_of, engine),
        open_source,
        settings.triage_threads,
        settings.sending,
        raw_store(settings),
    )
    return Worker(
        engine,
        Engine(workplace, slot.executor_id),
        slot,
        intake(settings, engine, queue),
        queue,
        open_source,
        settings.poll_seconds,
        ClassifierSwitch(shelf, reader, opened),
        timedelta(minutes=settings.audit_minutes),
    )
