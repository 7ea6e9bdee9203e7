"""A mailbox at work without models: raw mails come in by the real intake, readings are said by the test, sent mail is sent mail."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from itertools import count

import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import a_triage
from factories.people import a_viewer
from factories.pipeline import NOW, a_mailbox_row, raw_mail
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.domain.ledger import Company, Customer, Ledger
from inbox_agent.domain.mail import Address
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.domain.text import MailText, PartKind, QuotedHeader, TextPart
from inbox_agent.durable import Queue
from inbox_agent.ledger.tables import CustomerRow
from inbox_agent.mailbox.mime import parse
from inbox_agent.mailbox.source import Fetched
from inbox_agent.pipeline.intake import Intake
from inbox_agent.pipeline.saving import save_triage
from inbox_agent.records.mail import StoredMail, Thread, content_of
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.review.views import Viewer

OURS = "debiteuren@halvermaan.example"


@dataclass
class Desk:
    """One mailbox, its team, and customers 10014 (boer) and 10027 (smit), each with invoices."""

    engine: sa.Engine
    mailbox_id: int
    sanne: Viewer
    _keys: count = field(default_factory=lambda: count(1))

    @classmethod
    def of(cls, engine: sa.Engine) -> "Desk":
        """In an empty database."""
        mailbox_id = a_mailbox_row(engine)
        with db.writing(engine) as session:
            company = a_company(session)
            a_customer(session, company, "10014", "jan@boer.example", invoices=("26700001", "26700002"))
            a_customer(session, company, "10027", "piet@smit.example", invoices=("26700009",))
            sanne = a_viewer(session, "Sanne", "Debiteuren", mailbox_id)
        return cls(engine, mailbox_id, sanne)

    def comes(
        self,
        text: str = "Factuur 26700001 klopt niet.",
        minutes: int = 0,
        raw: bytes = b"",
        mailbox: int = 0,
        **headers: str,
    ) -> int:
        """The id of a mail that arrives `minutes` after nine; `headers` as for `raw_mail`."""
        return self._store(raw or raw_mail(text, **headers), minutes, mailbox, is_sent=False)

    def is_sent(
        self, text: str = "Dag Jan, dat zoeken we uit.", minutes: int = 10, mailbox: int = 0, **headers: str
    ) -> int:
        """The id of a mail that a colleague sent from the mailbox in the mail program, to jan@boer unless said otherwise."""
        known = {"To": "jan@boer.example", "Date": format_datetime(NOW + timedelta(minutes=minutes))}
        raw = raw_mail(text, f"Debiteuren <{OURS}>", **(known | headers))
        return self._store(raw, minutes, mailbox, is_sent=True)

    def _store(self, raw: bytes, minutes: int, mailbox: int, *, is_sent: bool) -> int:
        key = f"1:{next(self._keys)}"
        conversation = ""
        at = NOW + timedelta(minutes=minutes)
        box = mailbox or self.mailbox_id
        intake = Intake(self.engine, Queue(self.engine), RawStore(), parse)
        assert intake.store(box, Fetched(key, raw, at, key, is_sent=is_sent, conversation=conversation))
        with db.reading(self.engine) as session:
            wanted = select(StoredMail.id).where(StoredMail.mailbox_id == box, StoredMail.source_key == key)
            return session.exec(wanted).one() or 0

    def reads(
        self,
        mail_id: int,
        *intents: Intent,
        customer: str = "10014",
        invoice: str = "26700001",
        draft: str | None = "Beste Jan,",
        passed_on_from: str = "",
    ) -> Thread:
        """What the triage workflow does with this reading ("" : no customer); the mail's thread."""
        with db.reading(self.engine) as session:
            mail = content_of(session, mail_id)
        assert mail is not None
        reading = a_triage(*intents, number=invoice, draft=draft, mail=mail)
        known = Ledger(Customer(customer, f"Klant {customer}"), company=Company("HMT", "Halvermaan HMT"))
        reading = replace(reading, ledger=known if customer else Ledger())
        if passed_on_from:
            header = QuotedHeader(Address(passed_on_from))
            parts = (TextPart(PartKind.NEW, 0, 1), TextPart(PartKind.FORWARD, 1, len(mail.text), header))
            reading = replace(reading, text=MailText(mail.text, parts, reading.text.language))
        with db.writing(self.engine) as session:
            assert save_triage(session, mail_id, mail, reading, 0.1, NOW)
        return self.thread(mail_id)

    def row(self, mail_id: int) -> StoredMail:
        """As it is now."""
        with db.reading(self.engine) as session:
            return session.get_one(StoredMail, mail_id)

    def thread(self, mail_id: int) -> Thread:
        """The mail's thread, as it is now."""
        with db.reading(self.engine) as session:
            return session.get_one(Thread, session.get_one(StoredMail, mail_id).thread_id)

    def customer_id(self, session: Session, number: str) -> int:
        """A customer's row."""
        return session.exec(select(CustomerRow.id).where(CustomerRow.number == number)).one() or 0
