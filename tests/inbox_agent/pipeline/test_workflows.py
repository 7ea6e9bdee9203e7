"""The triage workflow in the real durable engine: a mail whose reading cannot be kept is parked, and shown."""

import time
from dataclasses import replace

import sqlalchemy as sa
from factories.mails import a_triage
from factories.pipeline import ListSource, a_mailbox_row, raw_mail
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.domain.triage import Triage
from inbox_agent.durable import Queue
from inbox_agent.mailbox.mime import parse
from inbox_agent.pipeline.intake import Intake
from inbox_agent.pipeline.workflows import Engine, Workplace
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.raw_mail import RawStore


class NoLedger:
    def for_mail(self, mail: Mail) -> Ledger:
        return Ledger()


class Fabulist:
    """Reads a disputed amount that no database column holds."""

    def triage(self, mail: Mail, ledger: Ledger) -> Triage:
        read = a_triage(Intent.DISPUTE, mail=mail)
        acts = tuple(replace(act, amount=Money(10**30)) for act in read.extraction.acts)
        return replace(read, extraction=replace(read.extraction, acts=acts))


def test_a_mail_whose_reading_cannot_be_kept_is_parked(engine: sa.Engine) -> None:
    """Left as *fetched* it would be read again every two minutes for ever, and nobody would see it."""
    Intake(engine, Queue(engine), RawStore(), parse).take(a_mailbox_row(engine), ListSource([raw_mail()]))
    durable = Engine(Workplace(engine, Fabulist(), lambda mailbox_id: NoLedger(), lambda mailbox: ListSource()), "w-1")
    durable.start()
    try:
        deadline = time.monotonic() + 30
        while True:
            with db.reading(engine) as session:
                row = session.exec(select(StoredMail)).one()
            if row.state is not MailState.FETCHED:
                break
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        durable.stop()
    assert row.state is MailState.PARKED
    assert "could not be read by the machine" in row.state_reason
