"""What changes between approval and sending brings the reply back; what does not matter lets it go."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import a_mail, a_mailbox, a_triaged_mail, an_automatic_mail, store
from factories.people import a_viewer
from factories.pipeline import ListSource
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.domain.mail import Address
from inbox_agent.domain.sending import SendingRules
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.durable import Queue
from inbox_agent.ledger.tables import CustomerContactRow, InvoiceRow
from inbox_agent.pipeline import delivery
from inbox_agent.records.dispute import Dispute
from inbox_agent.records.mail import MailState, StoredMail, Thread
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.proposal import ProposalState
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.task import Task
from inbox_agent.review import decide, detail
from inbox_agent.review.views import Approval, DecisionKind


class Case:
    """A customer's mail about invoice 26700001, answered with a reply that names 26700002 as well, not yet sent."""

    def __init__(self, engine: sa.Engine, queue: Queue) -> None:
        self.engine, self.queue = engine, queue
        with db.writing(engine) as session:
            mailbox = a_mailbox(session)
            self.sanne = a_viewer(session, "Sanne", "A", mailbox.id or 0)
            company = a_company(session)
            self.customer = a_customer(
                session, company, "10014", "jan@boer.example", invoices=("26700001", "26700002", "26700003")
            )
            row = a_triaged_mail(session, mailbox, Intent.INVOICE_COPY_REQUEST, customer=self.customer)
            self.mailbox_id, self.mail_id, self.thread_id = mailbox.id, row.id or 0, row.thread_id
            session.get_one(Thread, row.thread_id).assigned_to = self.sanne.controller_id
        self.reply_id = self.approve(self.mail_id)

    def approve(self, mail_id: int) -> int:
        with db.writing(self.engine) as session:
            records = tuple(
                (one.record_type, one.record_id) for one in detail.detail(session, self.sanne, mail_id).records
            )
            approval = Approval(2, records, reply="Beste Jan,\n\nHierbij 26700001. Ook 26700002 staat open.")
            reply = decide.approve(session, self.sanne, mail_id, approval, self.queue, db.now())
            assert reply is not None
            return reply.id or 0

    def send(self, rules: SendingRules = SendingRules()) -> ReplyState:  # noqa: B008
        self.source = ListSource()
        return delivery.attempt(self.engine, lambda mailbox: self.source, self.reply_id, rules)[0]

    def change(self, act: Callable[["Case", Session], object]) -> None:
        with db.writing(self.engine) as session:
            act(self, session)

    def invoice(self, session: Session, number: str) -> InvoiceRow:
        return session.exec(select(InvoiceRow).where(InvoiceRow.number == number)).one()

    def arrives(self, session: Session, state: MailState = MailState.TRIAGED, **fields: object) -> StoredMail:
        """A mail of the same thread."""
        mailbox = session.get_one(Mailbox, self.mailbox_id)
        row = store(session, mailbox, a_mail(**fields), state)
        row.thread_id = self.thread_id
        return row


def pays(case: Case, session: Session) -> None:
    case.invoice(session, "26700001").open_minor = 0


def pays_partly(case: Case, session: Session) -> None:
    case.invoice(session, "26700002").open_minor = 5000


def disputes(case: Case, session: Session) -> None:
    mailbox = session.get_one(Mailbox, case.mailbox_id)
    a_triaged_mail(session, mailbox, Intent.DISPUTE, customer=case.customer)


def loses_contact(case: Case, session: Session) -> None:
    session.execute(sa.delete(CustomerContactRow))


def writes_again(case: Case, session: Session) -> None:
    case.arrives(session)


def writes_again_unread(case: Case, session: Session) -> None:
    answered = session.get_one(StoredMail, case.mail_id).message_id
    case.arrives(session, MailState.FETCHED, references=(answered,)).thread_id = None


def is_answered_by_a_colleague(case: Case, session: Session) -> None:
    sent = case.arrives(
        session, MailState.IGNORED, sender=Address("debiteuren@halvermaan.example"), to=(Address("Jan@Boer.example"),)
    )
    sent.is_sent = True


@pytest.fixture
def case(engine: sa.Engine, queue_door: Queue) -> Case:
    return Case(engine, queue_door)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (pays, "Invoice 26700001 was paid"),
        (pays_partly, "The open amount of invoice 26700002 changed"),
        (disputes, "Invoice 26700001 was disputed"),
        (loses_contact, "no longer names jan@boer.example"),
        (writes_again, "A newer mail arrived"),
        (writes_again_unread, "A newer mail arrived"),
        (is_answered_by_a_colleague, "A colleague answered"),
    ],
)
def test_the_reply_goes_back_with_the_reason(case: Case, change: Callable[[Case, Session], None], words: str) -> None:
    case.change(change)
    assert case.send() is ReplyState.RETURNED
    assert case.source.replies == {}
    with db.reading(case.engine) as session:
        shown = detail.detail(session, case.sanne, case.mail_id)
        assert shown.reply is not None
        assert words in shown.reply.problem
        assert (shown.decision, shown.assigned_to) == (None, case.sanne.controller_id)
        tasks = session.exec(select(Task.state).where(Task.mail_id == case.mail_id)).all()
        assert tasks == [ProposalState.PROPOSED]
    assert case.send() is ReplyState.RETURNED, "it never leaves by itself"


def a_settled_other_invoice(case: Case, session: Session) -> None:
    case.invoice(session, "26700003").open_minor = 0


def an_absence_notice(case: Case, session: Session) -> None:
    mailbox = session.get_one(Mailbox, case.mailbox_id)
    store(session, mailbox, an_automatic_mail(), MailState.TRIAGED).thread_id = case.thread_id


def another_unread_mail_of_the_same_sender(case: Case, session: Session) -> None:
    case.arrives(session, MailState.FETCHED, sender=Address("jan@boer.example")).thread_id = None


def a_copy(case: Case, session: Session) -> None:
    case.arrives(session).copy_of = case.mail_id


def a_mail_passed_on_inside(case: Case, session: Session) -> None:
    sent = case.arrives(session, MailState.IGNORED, to=(Address("chef@halvermaan.example"),))
    sent.is_sent = True


def our_own_reply_in_sent(case: Case, session: Session) -> None:
    message_id = session.get_one(OutgoingReply, case.reply_id).message_id
    case.arrives(session, MailState.IGNORED, to=(Address("jan@boer.example"),), message_id=message_id).is_sent = True


def a_rejected_dispute(case: Case, session: Session) -> None:
    disputes(case, session)
    session.exec(select(Dispute)).one().state = ProposalState.REJECTED


@pytest.mark.parametrize(
    "change",
    [
        a_settled_other_invoice, an_absence_notice, another_unread_mail_of_the_same_sender, a_copy, a_mail_passed_on_inside, our_own_reply_in_sent,
        a_rejected_dispute,
    ],
)  # fmt: skip
def test_what_does_not_matter_lets_it_go(case: Case, change: Callable[[Case, Session], None]) -> None:
    case.change(change)
    assert case.send() is ReplyState.DELIVERED
    assert len(case.source.replies) == 1


def test_too_many_replies_for_one_address_within_an_hour(case: Case) -> None:
    with db.writing(case.engine) as session:
        mailbox = session.get_one(Mailbox, case.mailbox_id)
        other = a_triaged_mail(session, mailbox, customer=case.customer).id or 0
    second = case.approve(other)
    assert case.send(SendingRules(replies_per_hour=1)) is ReplyState.RETURNED
    case.reply_id = second
    assert case.send(SendingRules(replies_per_hour=1)) is ReplyState.DELIVERED, "the first one never left"


def test_what_came_back_can_be_approved_again(case: Case) -> None:
    case.change(pays)
    case.send()
    with db.writing(case.engine) as session:
        version = session.get_one(StoredMail, case.mail_id).version
        approval = Approval(version, reply="Beste Jan, dank voor de betaling van 26700001.")
        again = decide.approve(session, case.sanne, case.mail_id, approval, case.queue, db.now())
        assert again is not None
        case.reply_id = again.id or 0
    assert case.send() is ReplyState.DELIVERED
    with db.reading(case.engine) as session:
        shown = detail.detail(session, case.sanne, case.mail_id)
        assert shown.decision is not None
        assert shown.decision.decision is DecisionKind.APPROVED


def test_nothing_leaves_before_its_hold_is_over(case: Case) -> None:
    with db.writing(case.engine) as session:
        session.get_one(OutgoingReply, case.reply_id).send_after = db.now() + timedelta(minutes=5)
    assert case.send() is ReplyState.APPROVED
    assert case.source.replies == {}
    assert 290 < delivery.seconds_left(case.engine, case.reply_id) <= 300
