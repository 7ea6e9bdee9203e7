"""A colleague answers in Outlook: the answer joins the thread and settles what it answers, whichever comes first; and nothing
else does. A reply of ours that is found among the sent mail is known to have left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from factories.desk import OURS, Desk
from factories.pipeline import NOW, a_mailbox_row
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.records.mail import MailState, StoredMail, Thread
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import Review

THANKS = Intent.ACKNOWLEDGEMENT
"""An intent that leaves no record to decide on."""


@pytest.fixture
def desk(engine: sa.Engine) -> Desk:
    return Desk.of(engine)


def ask(desk: Desk, number: int = 1, minutes: int = 0, **headers: str) -> int:
    return desk.comes(f"Vraag {number}", minutes, **({"Message_ID": f"<{number}@boer.example>"} | headers))


def answer(desk: Desk, named: int = 1, minutes: int = 10, **headers: str) -> int:
    return desk.is_sent(
        minutes=minutes, **({"Message_ID": "<a@halvermaan>", "In_Reply_To": f"<{named}@boer.example>"} | headers)
    )


@pytest.mark.parametrize("read_first", [True, False])
def test_an_answer_decides_a_mail_without_records(desk: Desk, read_first: bool) -> None:
    mail = ask(desk)
    if read_first:
        desk.reads(mail, THANKS)
        sent = answer(desk)
    else:
        sent = answer(desk)
        desk.reads(mail, THANKS)
    row, answered = desk.row(mail), desk.row(sent)
    assert (row.answered_by_mail_id, row.decided_by, row.state) == (sent, None, MailState.TRIAGED)
    assert row.decided_at is not None
    assert answered.thread_id == row.thread_id
    assert (answered.state, answered.is_sent) == (MailState.IGNORED, True)
    assert answered.state_reason == "Sent from this mailbox in the mail program."


@pytest.mark.parametrize("read_first", [True, False])
def test_with_records_to_confirm_it_stays_open(desk: Desk, read_first: bool) -> None:
    mail = ask(desk)
    if read_first:
        desk.reads(mail, Intent.DISPUTE)
    sent = answer(desk)
    if not read_first:
        desk.reads(mail, Intent.DISPUTE)
    row = desk.row(mail)
    assert (row.answered_by_mail_id, row.decided_at) == (sent, None)


def test_a_parked_mail_is_answered_as_well(desk: Desk, engine: sa.Engine) -> None:
    mail = ask(desk)
    with db.writing(engine) as session:
        session.get_one(StoredMail, mail).state = MailState.PARKED
    answer(desk)
    assert desk.row(mail).decided_at is not None


def test_later_mail_is_not_answered_and_earlier_mail_of_the_thread_is(desk: Desk) -> None:
    first = ask(desk, 1)
    second = ask(desk, 2, 5, In_Reply_To="<1@boer.example>")
    third = ask(desk, 3, 8, In_Reply_To="<2@boer.example>")
    fourth = ask(desk, 4, 20, In_Reply_To="<3@boer.example>")
    for mail in (first, second, third, fourth):
        desk.reads(mail, THANKS)
    sent = answer(desk, 2)
    assert [desk.row(one).answered_by_mail_id for one in (first, second, third, fourth)] == [sent, sent, None, None]


def test_mail_sent_before_the_mail_came_closes_nothing(desk: Desk) -> None:
    """It opened the thread: the customer answers it."""
    sent = answer(desk, 99, minutes=-60)
    mail = ask(desk, In_Reply_To="<a@halvermaan>")
    desk.reads(mail, THANKS)
    assert desk.row(sent).thread_id == desk.row(mail).thread_id
    assert (desk.row(mail).answered_by_mail_id, desk.row(mail).decided_at) == (None, None)


def test_an_old_answer_that_comes_in_late_closes_nothing(desk: Desk) -> None:
    """The folder of sent mail was copied: it is new on the server, yet was written days before."""
    mail = ask(desk)
    desk.reads(mail, THANKS)
    sent = answer(
        desk, 99, 30, Date="Fri, 20 Nov 2026 09:00:00 +0100", References="<1@boer.example>", In_Reply_To="<0@x>"
    )
    assert desk.row(sent).thread_id == desk.row(mail).thread_id
    assert desk.row(mail).decided_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {"To": "verkoop@halvermaan.example", "Subject": "FW: Factuur"},
        {"To": "iemand@anders.example"},
        {"Auto_Submitted": "auto-replied", "Subject": "Automatisch antwoord: Factuur"},
        {"To": OURS},
    ],
)
def test_what_answers_nobody_closes_nothing(desk: Desk, headers: dict[str, str]) -> None:
    """Passed on to a colleague, written to somebody else, sent by a machine, or to the mailbox itself."""
    mail = ask(desk)
    desk.reads(mail, THANKS)
    answer(desk, **headers)
    assert (desk.row(mail).answered_by_mail_id, desk.row(mail).decided_at) == (None, None)


def test_what_was_passed_on_inside_shows_in_the_thread_and_what_went_elsewhere_does_not(desk: Desk) -> None:
    mail = ask(desk)
    thread = desk.reads(mail, THANKS)
    inside = answer(desk, To="verkoop@halvermaan.example", Message_ID="<b@halvermaan>")
    elsewhere = answer(desk, To="piet@smit.example", Message_ID="<c@halvermaan>")
    assert desk.row(inside).thread_id == thread.id
    assert desk.row(elsewhere).thread_id is None


def test_an_answer_to_whom_a_colleague_passed_on_reaches_the_customer(desk: Desk) -> None:
    mail = ask(desk, sender="verkoop@halvermaan.example")
    desk.reads(mail, THANKS, passed_on_from="jan@boer.example")
    answer(desk, To="verkoop@halvermaan.example", Message_ID="<b@halvermaan>")
    assert desk.row(mail).decided_at is None
    answer(desk, To="jan@boer.example")
    assert desk.row(mail).decided_at is not None


def test_a_thread_does_not_split_when_a_colleague_answers_in_outlook(desk: Desk) -> None:
    """The customer answers the colleague, whose mail never went through the product."""
    first = ask(desk)
    thread = desk.reads(first, Intent.DISPUTE)
    answer(desk)
    second = ask(desk, 2, 20, In_Reply_To="<a@halvermaan>")
    assert desk.reads(second, Intent.DISPUTE).id == thread.id


def test_answers_of_two_customers_to_one_mail_of_a_colleague_stay_apart(desk: Desk) -> None:
    desk.is_sent(minutes=-60, To="jan@boer.example, piet@smit.example", Message_ID="<bulk@halvermaan>")
    first = ask(desk, In_Reply_To="<bulk@halvermaan>")
    second = ask(desk, 2, 5, In_Reply_To="<bulk@halvermaan>", sender="piet@smit.example")
    one, other = desk.reads(first, THANKS), desk.reads(second, THANKS, customer="10027")
    assert one.id != other.id
    assert other.possibly_same_as == one.id


@pytest.mark.parametrize("read_first", [True, False])
def test_the_conversation_joins_where_headers_are_missing(desk: Desk, read_first: bool) -> None:
    """Outlook's Thread-Index: its first 22 bytes are the conversation's."""
    index = "AdvR2+1pCg0tC0lzQ0+tWn6VZ1b0Bg=="
    mail = ask(desk, Thread_Index=index)
    if read_first:
        desk.reads(mail, THANKS)
    sent = desk.is_sent(Thread_Index=index, Message_ID="<a@halvermaan>")
    if not read_first:
        desk.reads(mail, THANKS)
    assert desk.row(mail).answered_by_mail_id == sent
    stranger = ask(desk, 2, 20, Thread_Index=index, sender="piet@smit.example")
    assert desk.reads(stranger, THANKS, customer="10027").id != desk.row(mail).thread_id


def test_a_mail_that_a_person_reopened_is_not_closed_again(desk: Desk, engine: sa.Engine) -> None:
    """Read again for another reason, with the same old answer in its thread."""
    mail = ask(desk)
    desk.reads(mail, THANKS)
    answer(desk)
    with db.writing(engine) as session:
        row = session.get_one(StoredMail, mail)
        row.decided_at, row.answered_by_mail_id, row.state = None, None, MailState.FETCHED
        later = db.now() + timedelta(seconds=1)
        session.add(Review(mail_id=mail, controller_id=desk.sanne.controller_id, decision="reopened", decided_at=later))
    desk.reads(mail, THANKS)
    assert (desk.row(mail).answered_by_mail_id, desk.row(mail).decided_at) == (None, None)


def a_reply(desk: Desk, engine: sa.Engine, mail: int, state: ReplyState) -> int:
    with db.writing(engine) as session:
        review = Review(mail_id=mail, controller_id=desk.sanne.controller_id, decision="approved", decided_at=NOW)
        session.add(review)
        session.flush()
        row = session.get_one(StoredMail, mail)
        row.decided_at = NOW
        reply = OutgoingReply(
            mail_id=mail, thread_id=row.thread_id, mailbox_id=desk.mailbox_id, review_id=review.id,
            message_id="<reply-1@halvermaan.example>", recipients=["jan@boer.example"], subject="Re", body="Dag",
            state=state, approved_by=desk.sanne.controller_id, approved_at=NOW, send_after=NOW, changed_at=NOW,
        )  # fmt: skip
        session.add(reply)
        session.flush()
        return reply.id or 0


@pytest.mark.parametrize("state", [ReplyState.UNCERTAIN, ReplyState.DELIVERING, ReplyState.DELIVERED])
def test_our_own_reply_among_the_sent_mail_is_known_to_have_left(
    desk: Desk, engine: sa.Engine, state: ReplyState
) -> None:
    first, second = ask(desk), ask(desk, 2, 5, In_Reply_To="<1@boer.example>")
    for mail in (first, second):
        desk.reads(mail, THANKS)
    reply = a_reply(desk, engine, first, state)
    sent = answer(desk, Message_ID="<reply-1@halvermaan.example>")
    with db.reading(engine) as session:
        assert session.get_one(OutgoingReply, reply).state is ReplyState.DELIVERED
    assert desk.row(sent).state_reason == "Our own reply, found among the sent mail."
    assert desk.row(second).answered_by_mail_id is None


def test_an_absence_notice_to_our_reply_reopens_nothing_and_no_machine_answers_it(
    desk: Desk, engine: sa.Engine
) -> None:
    mail = ask(desk)
    thread = desk.reads(mail, THANKS)
    a_reply(desk, engine, mail, ReplyState.DELIVERED)
    notices = [
        ask(desk, number, 20 + number, In_Reply_To="<reply-1@halvermaan.example>", Auto_Submitted="auto-replied",
            Subject="Automatisch antwoord: Factuur")
        for number in range(2, 6)
    ]  # fmt: skip
    for notice in notices:
        assert desk.reads(notice, Intent.OUT_OF_OFFICE, draft=None).id == thread.id
    assert desk.row(mail).decided_at == NOW
    assert all(desk.row(notice).automatic is not None for notice in notices)
    with db.reading(engine) as session:
        assert len(session.exec(select(OutgoingReply)).all()) == 1


def test_sent_mail_twice_in_the_folder_is_one_answer(desk: Desk) -> None:
    """The mail program and the server both file a copy."""
    mail = ask(desk)
    desk.reads(mail, THANKS)
    sent = answer(desk)
    again = answer(desk)
    assert desk.row(again).copy_of == sent
    assert desk.row(mail).answered_by_mail_id == sent


def test_mail_from_one_of_our_mailboxes_to_another_is_read_there(desk: Desk, engine: sa.Engine) -> None:
    """What is sent there is no copy of what was sent here."""
    other = a_mailbox_row(engine, "facturen")
    sent = desk.is_sent(To="facturen@halvermaan.example", Message_ID="<a@halvermaan>")
    came = desk.comes(mailbox=other, sender=OURS, To="facturen@halvermaan.example", Message_ID="<a@halvermaan>")
    assert (desk.row(sent).state, desk.row(came).state) == (MailState.IGNORED, MailState.FETCHED)
    assert desk.row(came).copy_of is None


def test_sent_mail_that_cannot_be_read_waits_for_nobody(desk: Desk) -> None:
    sent = desk._store(b"   ", 5, 0, is_sent=True)
    assert desk.row(sent).state is MailState.IGNORED


def test_a_forwarded_mail_joins_the_thread_of_the_original(desk: Desk) -> None:
    """A colleague of sales got the customer's second mail and sends it on: once quoted, once attached."""
    first = ask(desk)
    thread = desk.reads(first, THANKS)
    quoted = desk.comes(
        "Graag oppakken.",
        20,
        sender="verkoop@halvermaan.example",
        Message_ID="<f1@halvermaan>",
        References="<1@boer.example>",
    )
    assert desk.reads(quoted, THANKS, passed_on_from="jan@boer.example").id == thread.id
    raw = (
        "From: verkoop@halvermaan.example\r\nTo: debiteuren@halvermaan.example\r\nSubject: FW: Factuur\r\n"
        "Message-ID: <f2@halvermaan>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nZie bijlage.\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <1@boer.example>\r\nSubject: Factuur\r\n\r\nVraag 1\r\n--b--\r\n"
    )
    attached = desk.comes(raw=raw.encode(), minutes=30)
    assert desk.reads(attached, THANKS).id == thread.id


def test_threads_of_sent_mail_are_counted_once(desk: Desk, engine: sa.Engine) -> None:
    mail = ask(desk)
    desk.reads(mail, THANKS)
    answer(desk)
    with db.reading(engine) as session:
        assert len(session.exec(select(Thread)).all()) == 1


def test_an_answer_that_comes_in_while_the_mail_is_read_settles_it(desk: Desk) -> None:
    """Both transactions at the same moment, eight times: neither misses the other."""
    mails = []
    for number in range(1, 9):
        mail = ask(desk, number, sender=f"jan{number}@boer.example")
        barrier = Barrier(2)

        def read(mail: int = mail, barrier: Barrier = barrier) -> None:
            barrier.wait()
            desk.reads(mail, THANKS)

        def send(number: int = number, barrier: Barrier = barrier) -> None:
            barrier.wait()
            answer(desk, number, To=f"jan{number}@boer.example", Message_ID=f"<a{number}@halvermaan>")

        with ThreadPoolExecutor(2) as pool:
            for job in [pool.submit(read), pool.submit(send)]:
                job.result(timeout=30)
        mails.append(mail)
    assert [desk.row(mail).decided_at is not None for mail in mails] == [True] * 8
