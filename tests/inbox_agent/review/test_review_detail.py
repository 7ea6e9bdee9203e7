"""One mail's page and bytes: what stands there, and that another team's mail does not exist."""

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer, an_invoice
from factories.mails import a_mail, a_mailbox, a_triaged_mail, store
from factories.people import a_viewer
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.domain.errors import NotFound
from inbox_agent.domain.mail import Attachment
from inbox_agent.domain.taxonomy import Intent, Language, RecordType
from inbox_agent.records.mail import MailState, Thread
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.review import detail
from inbox_agent.review.views import Viewer

RAW = (
    b"Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nhallo\r\n"
    b"--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYTtiCg==\r\n--b--\r\n"
)


def test_the_page_of_a_mail(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        customer = a_customer(session, a_company(session), "10014", invoices=("26700001",))
        an_invoice(session, customer, "26700002", open_minor=0)
        before = a_triaged_mail(session, mailbox, Intent.OTHER_QUERY, customer=customer)
        old = a_triaged_mail(session, mailbox)
        thread = session.get_one(Thread, before.thread_id)
        thread.possibly_same_as = old.thread_id
        row = a_triaged_mail(session, mailbox, customer=customer, thread=thread)
    with db.reading(engine) as session:
        shown = detail.detail(session, viewer, row.id or 0)
    assert shown.mail is not None
    assert shown.mail.text == "Factuur 26700001 klopt niet."
    assert shown.triage is not None
    assert (shown.language, shown.version, shown.state) == (Language.NL, 2, MailState.TRIAGED)
    assert shown.customer is not None
    assert (shown.customer.number, shown.company_name, shown.intents) == ("10014", "Halvermaan HMT", (Intent.DISPUTE,))
    assert [(one.number, one.is_open) for one in shown.invoices] == [("26700001", True), ("26700002", False)]
    record = shown.records[0]
    assert (record.record_type, record.intent, record.invoices) == (RecordType.DISPUTE, Intent.DISPUTE, ("26700001",))
    assert str(record.amount) == "121.00"
    assert [(entry.mail_id, entry.intents, entry.ours) for entry in shown.case.entries] == [
        (before.id, (Intent.OTHER_QUERY,), False)
    ]
    assert ([one.mail_id for one in shown.case.possible], shown.reply, shown.decision) == ([old.id], None, None)
    assert len(shown.acts) == 1


def test_a_mail_that_could_not_be_decoded_has_a_page_too(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        row = store(session, mailbox, None, MailState.PARKED)
    with db.reading(engine) as session:
        shown = detail.detail(session, viewer, row.id or 0)
    assert (shown.mail, shown.triage, shown.records, shown.case.entries, shown.intents) == (None, None, (), (), ())


def test_attachment_and_raw_bytes(engine: sa.Engine) -> None:
    attached = (Attachment("a.csv", "text/csv", 4, 2), Attachment("gone", "text/csv", 4, 99))
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        row = a_triaged_mail(session, mailbox, mail=a_mail(attachments=attached), raw=RAW)
    mail_id = row.id or 0
    with db.reading(engine) as session:
        assert detail.raw(session, viewer, mail_id, RawStore()) == RAW
        assert detail.attachment(session, viewer, mail_id, 0, RawStore()) == (attached[0], b"a;b\n")
        for index in (1, 2, -1):
            with pytest.raises(NotFound):
                detail.attachment(session, viewer, mail_id, index, RawStore())


def test_another_teams_mail_does_not_exist(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mine, other = a_mailbox(session), a_mailbox(session, "export")
        viewer = a_viewer(session, "Sanne", "A", mine.id or 0)
        row = a_triaged_mail(session, other, mail=a_mail(attachments=(Attachment("a", "text/csv", 1, 0),)))
    with db.reading(engine) as session:
        _refuses(session, viewer, row.id or 0)
        for nothing in (0, -1, 2**31, 10**30):
            _refuses(session, viewer, nothing)


def _refuses(session: Session, viewer: Viewer, mail_id: int) -> None:
    with pytest.raises(NotFound):
        detail.detail(session, viewer, mail_id)
    with pytest.raises(NotFound):
        detail.attachment(session, viewer, mail_id, 0, RawStore())
    with pytest.raises(NotFound):
        detail.raw(session, viewer, mail_id, RawStore())


def test_the_number_of_queries_does_not_grow(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        customer = a_customer(session, a_company(session), "10014", invoices=("26700001",))
        row = a_triaged_mail(session, mailbox, customer=customer)
        thread = session.exec(select(Thread)).one()
    sent: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *found: sent.append(found[2]))
    with db.reading(engine) as session:
        detail.detail(session, viewer, row.id or 0)
    few = len(sent)
    with db.writing(engine) as session:
        for number in range(20):
            an_invoice(session, customer, f"A{number}")
            a_triaged_mail(session, mailbox, customer=customer, thread=session.get_one(Thread, thread.id))
    sent.clear()
    with db.reading(engine) as session:
        shown = detail.detail(session, viewer, row.id or 0)
    assert len(shown.case.entries) == 20
    assert len(sent) == few
