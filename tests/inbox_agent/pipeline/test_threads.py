"""Threads by reference, and never across customers: answers of different customers to one bulk mail stay apart."""

import pytest
import sqlalchemy as sa
from factories.pipeline import NOW, ListSource, a_mailbox_row, raw_mail
from sqlmodel import Session, select

from inbox_agent import db
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
