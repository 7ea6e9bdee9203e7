"""Threads by reference, and never across customers: answers of different customers to one bulk mail stay apart."""

import pytest
import sqlalchemy as sa
from factories.desk import Desk
from factories.pipeline import NOW, ListSource, a_mailbox_row, raw_mail
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.durable import Queue
from inbox_agent.mailbox.mime import parse
from inbox_agent.pipeline.intake import Intake
from inbox_agent.pipeline.threads import thread_for
from inbox_agent.records.mail import StoredMail, Thread, content_of
from inbox_agent.records.raw_mail import RawStore


@pytest.fixture
def threads(engine: sa.Engine):
    """Stores the raw mails in order and gives the thread of each."""

    def of(*raws: bytes) -> list[Thread]:
        Intake(engine, Queue(engine), RawStore(), parse).take(a_mailbox_row(engine), ListSource(list(raws)))
        with db.writing(engine) as session:
            return [_join(session, row) for row in session.exec(select(StoredMail).order_by(StoredMail.id)).all()]

    return of


def _join(session: Session, row: StoredMail) -> Thread:
    mail = content_of(session, row.id)
    thread = thread_for(session, row, mail, (), NOW)
    row.thread_id = thread.id
    session.add(row)
    session.flush()
    return thread


def test_an_answer_joins_its_thread(threads) -> None:
    first, second = threads(
        raw_mail("een", Message_ID="<1@boer.example>"),
        raw_mail("twee", Message_ID="<2@boer.example>", In_Reply_To="<1@boer.example>"),
    )
    assert first.id == second.id


def test_two_answers_to_our_reminder_by_one_sender_share_a_thread(threads) -> None:
    """The reminder went out of the ERP and never came through this mailbox."""
    first, second = threads(
        raw_mail("een", Message_ID="<1@boer.example>", References="<reminder@erp.example>"),
        raw_mail("twee", Message_ID="<2@boer.example>", References="<reminder@erp.example>"),
    )
    assert first.id == second.id


def test_answers_of_two_senders_to_one_bulk_mail_stay_apart(threads) -> None:
    first, second = threads(
        raw_mail("een", Message_ID="<1@boer.example>", References="<bulk@erp.example>"),
        raw_mail("twee", sender="piet@smit.example", Message_ID="<2@smit.example>", References="<bulk@erp.example>"),
    )
    assert first.id != second.id
    assert second.possibly_same_as == first.id


def test_mails_without_references_are_threads_of_their_own(threads) -> None:
    first, second = threads(raw_mail("een"), raw_mail("twee"))
    assert first.id != second.id
    assert second.possibly_same_as is None


@pytest.fixture
def desk(engine: sa.Engine) -> Desk:
    return Desk.of(engine)


CASE = "Levering Zwolle"


def test_the_same_subject_customer_and_invoice_without_headers_is_possibly_the_same_case(desk: Desk) -> None:
    """The bookkeeper wrote a new mail instead of answering: suggested, never joined."""
    first = desk.reads(desk.comes(Subject=CASE), Intent.DISPUTE)
    second = desk.reads(desk.comes("Nog steeds niet goed", 60, Subject=f"AW: {CASE}"), Intent.DISPUTE)
    assert second.id != first.id
    assert (second.possibly_same_as, second.subject_key) == (first.id, "levering zwolle")


@pytest.mark.parametrize(
    ("headers", "reading"),
    [
        ({"Subject": "Levering Breda"}, {}),
        ({"Subject": CASE}, {"invoice": "26700002"}),
        ({"Subject": CASE, "sender": "piet@smit.example"}, {"customer": "10027"}),
        ({"Subject": CASE}, {"customer": ""}),
    ],
)
def test_one_of_the_three_alone_suggests_nothing(desk: Desk, headers: dict[str, str], reading: dict[str, str]) -> None:
    desk.reads(desk.comes(Subject=CASE), Intent.DISPUTE)
    other = desk.reads(desk.comes("Anders", 60, **headers), Intent.DISPUTE, **reading)
    assert other.possibly_same_as is None


def test_subjects_that_say_nothing_suggest_nothing(desk: Desk) -> None:
    desk.reads(desk.comes(Subject="Factuur"), Intent.DISPUTE)
    assert desk.reads(desk.comes("Anders", 60, Subject="RE: Factuur"), Intent.DISPUTE).possibly_same_as is None


def test_what_is_answered_last_decides_between_threads_that_were_split(desk: Desk, engine: sa.Engine) -> None:
    """References name the whole chain; the mail that is answered lies in the second thread."""
    first = desk.comes("een", Message_ID="<1@boer.example>")
    second = desk.comes("twee", 5, Message_ID="<2@boer.example>")
    one, other = desk.reads(first, Intent.DISPUTE), desk.reads(second, Intent.DISPUTE)
    assert one.id != other.id
    third = desk.comes("drie", 9, References="<1@boer.example> <2@boer.example>", In_Reply_To="<2@boer.example>")
    assert desk.reads(third, Intent.DISPUTE).id == other.id


def test_an_answer_to_an_old_mail_about_something_else_stays_where_the_headers_say(desk: Desk) -> None:
    """People expect that; one click splits it."""
    old = desk.reads(desk.comes(Message_ID="<1@boer.example>"), Intent.DISPUTE)
    new = desk.comes("Iets anders", 60 * 24 * 120, Subject="Nieuwe bestelling", In_Reply_To="<1@boer.example>")
    assert desk.reads(new, Intent.DISPUTE, invoice="26700002").id == old.id


def test_one_message_id_of_two_customers_joins_nobody(desk: Desk) -> None:
    """A broken mail program gives every mail the same Message-ID."""
    ids = {"Message_ID": "<same@x.example>", "References": "<same@x.example>"}
    first = desk.reads(desk.comes("een", **ids), Intent.DISPUTE)
    second = desk.reads(desk.comes("twee", 5, sender="piet@smit.example", **ids), Intent.DISPUTE, customer="10027")
    assert first.id != second.id
