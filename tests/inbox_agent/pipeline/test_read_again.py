"""One contact for several debtors asks once and remembers: from the ledger's question over the choice to the next mail."""

from dataclasses import replace

import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import NOW, a_mail, a_mailbox, a_triage, store
from factories.people import a_viewer
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.recognition import Certainty
from inbox_agent.domain.taxonomy import Intent, Language
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.durable import Queue
from inbox_agent.ledger.database import DatabaseLedger
from inbox_agent.ledger.leads import House
from inbox_agent.pipeline.saving import save_triage
from inbox_agent.records.dispute import Dispute
from inbox_agent.records.mail import MailState, StoredMail, Thread, content_of
from inbox_agent.records.triage import TriageRow
from inbox_agent.review.choose import Remember, choose_customer

KANTOOR = Address("acc@kantoor.example", "Kantoor Pieters")


def read(engine: sa.Engine, ledger: DatabaseLedger, mail_id: int) -> Certainty:
    """What the triage workflow does, with a reading that always finds a dispute; how clear it was who writes."""
    with db.reading(engine) as session:
        row = session.get_one(StoredMail, mail_id)
        mail, chosen = content_of(session, mail_id), row.chosen_customer_id
    assert isinstance(mail, Mail)
    text = MailText(mail.text, (TextPart(PartKind.NEW, 0, len(mail.text)),), Language.NL)
    found = ledger.for_mail(mail, text, chosen)
    with db.writing(engine) as session:
        triage = replace(a_triage(Intent.DISPUTE, mail=mail), ledger=found)
        assert save_triage(session, mail_id, mail, triage, 0.1, NOW)
    return found.certainty


def test_it_asks_once_and_remembers(engine: sa.Engine, queue_door: Queue) -> None:
    """The chosen mail is filed with one dispute and its thread, an older unclear mail follows, and the next asks nothing."""
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        company = a_company(session)
        boer = a_customer(session, company, "10014", KANTOOR.email, invoices=("26700001",)).id
        a_customer(session, company, "10027", KANTOOR.email, invoices=("26700002",))
        older, asked = (new_mail(session, mailbox) for _ in range(2))
        ledger = DatabaseLedger(engine, House((company.id or 0,), mailbox.id))
    assert [read(engine, ledger, one) for one in (older, asked)] == [Certainty.AMBIGUOUS] * 2
    with db.writing(engine) as session:
        version = session.get_one(StoredMail, asked).version
        session.get_one(Thread, session.get_one(StoredMail, asked).thread_id).assigned_to = viewer.controller_id
        choose_customer(session, viewer, asked, version, boer or 0, Remember.ADDRESS, queue_door, NOW)
    with db.reading(engine) as session:
        states = [session.get_one(StoredMail, one).state for one in (older, asked)]
    assert states == [MailState.FETCHED] * 2
    assert [read(engine, ledger, one) for one in (older, asked)] == [Certainty.CLEAR] * 2
    with db.writing(engine) as session:
        following, numbered = new_mail(session, mailbox), new_mail(session, mailbox, "Factuur 26700002 klopt niet.")
    assert [read(engine, ledger, one) for one in (following, numbered)] == [Certainty.CLEAR] * 2
    with db.reading(engine) as session:
        rows = [session.get_one(StoredMail, one) for one in (older, asked, following)]
        other = session.get_one(StoredMail, numbered)
        thread = session.get_one(Thread, rows[1].thread_id)
        disputes = session.exec(select(Dispute).where(Dispute.mail_id == asked)).all()
        readings = session.exec(select(TriageRow).where(TriageRow.mail_id == asked).order_by(TriageRow.id)).all()
    assert [row.customer_id for row in rows] == [boer] * 3
    assert other.customer_id not in (None, boer)
    assert (thread.customer_id, thread.assigned_to) == (boer, viewer.controller_id)
    assert [one.customer_id for one in disputes] == [boer]
    assert [one.certainty for one in readings] == [Certainty.AMBIGUOUS, Certainty.CLEAR]


def new_mail(session: Session, mailbox: object, text: str = "Dit klopt niet.") -> int:
    mail = a_mail(sender=KANTOOR, subject="Vraag", text=text)
    return store(session, mailbox, mail).id or 0  # type: ignore[arg-type]
