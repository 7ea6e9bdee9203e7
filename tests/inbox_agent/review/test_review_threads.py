"""Threads joined and split by a person: all moves together, access and customers are respected, and each is undone once."""

from threading import Barrier
from threading import Thread as Person

import pytest
import sqlalchemy as sa
from factories.desk import Desk
from factories.people import a_viewer
from factories.pipeline import NOW, a_mailbox_row
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.errors import Conflict, InboxAgentError, NotAllowed, NotFound
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.records.mail import MailState, StoredMail, Thread, ThreadMove
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import Review
from inbox_agent.review.threads import join, split, undo


@pytest.fixture
def desk(engine: sa.Engine) -> Desk:
    return Desk.of(engine)


def mail(desk: Desk, number: int, minutes: int = 0, answers: int = 0, customer: str = "10014") -> int:
    """A mail of jan@boer that was read; it answers another one, or nothing."""
    named = {"In_Reply_To": f"<{answers}@boer.example>"} if answers else {}
    mail_id = desk.comes(f"mail {number}", minutes, Message_ID=f"<{number}@boer.example>", **named)
    desk.reads(mail_id, Intent.DISPUTE, customer=customer)
    return mail_id


def a_reply(desk: Desk, mail_id: int) -> int:
    with db.writing(desk.engine) as session:
        review = Review(mail_id=mail_id, controller_id=desk.sanne.controller_id, decision="approved", decided_at=NOW)
        session.add(review)
        session.flush()
        reply = OutgoingReply(
            mail_id=mail_id, thread_id=desk.row(mail_id).thread_id, mailbox_id=desk.mailbox_id, review_id=review.id,
            message_id=f"<reply-{mail_id}@halvermaan.example>", state=ReplyState.DELIVERED,
            approved_by=desk.sanne.controller_id, approved_at=NOW, send_after=NOW, changed_at=NOW,
        )  # fmt: skip
        session.add(reply)
        session.flush()
        return reply.id or 0


def threads_of(desk: Desk, *mail_ids: int) -> list[int | None]:
    return [desk.row(one).thread_id for one in mail_ids]


def test_joined_threads_are_one_with_their_replies_and_answers_follow(desk: Desk) -> None:
    first, second = mail(desk, 1), mail(desk, 2, 5)
    reply = a_reply(desk, second)
    with db.writing(desk.engine) as session:
        move = join(session, desk.sanne, second, first, NOW)
    one, other = threads_of(desk, first, second)
    assert one == other
    with db.reading(desk.engine) as session:
        assert session.get_one(OutgoingReply, reply).thread_id == one
    assert (move.mail_ids, move.reply_ids) == ([second], [reply])
    assert threads_of(desk, mail(desk, 3, 9, answers=2)) == [one]


def test_a_join_is_undone_and_what_came_since_stays(desk: Desk) -> None:
    first, second = mail(desk, 1), mail(desk, 2, 5)
    before = threads_of(desk, first, second)
    with db.writing(desk.engine) as session:
        move = join(session, desk.sanne, first, second, NOW)
    third = mail(desk, 3, 9, answers=1)
    with db.writing(desk.engine) as session:
        undo(session, desk.sanne, move.id or 0, NOW)
    assert threads_of(desk, first, second) == before
    assert threads_of(desk, third) == [move.to_thread_id]


def test_a_split_takes_what_came_later_along_and_is_undone_whole(desk: Desk) -> None:
    first = mail(desk, 1)
    second, third = mail(desk, 2, 5, answers=1), mail(desk, 3, 9, answers=2)
    reply = a_reply(desk, third)
    (thread,) = set(threads_of(desk, first, second, third))
    with db.writing(desk.engine) as session:
        move = split(session, desk.sanne, second, NOW)
    one, *others = threads_of(desk, first, second, third)
    assert (one, len(set(others)), one in others) == (thread, 1, False)
    with db.reading(desk.engine) as session:
        assert session.get_one(OutgoingReply, reply).thread_id == others[0]
        assert session.get_one(Thread, others[0]).possibly_same_as is None
    fourth = mail(desk, 4, 15, answers=3)
    assert threads_of(desk, fourth) == others[:1]
    with db.writing(desk.engine) as session:
        undo(session, desk.sanne, move.id or 0, NOW)
    assert set(threads_of(desk, first, second, third, fourth)) == {thread}


def test_a_mail_that_a_person_split_off_stays_apart_when_it_is_read_again(desk: Desk) -> None:
    mail(desk, 1)
    second = mail(desk, 2, 5, answers=1)
    with db.writing(desk.engine) as session:
        move = split(session, desk.sanne, second, NOW)
        session.get_one(StoredMail, second).state = MailState.FETCHED
    assert desk.reads(second, Intent.DISPUTE).id == move.to_thread_id


def test_the_first_mail_of_a_thread_cannot_be_split_off(desk: Desk) -> None:
    first = mail(desk, 1)
    mail(desk, 2, 5, answers=1)
    with pytest.raises(NotAllowed, match="first mail"), db.writing(desk.engine) as session:
        split(session, desk.sanne, first, NOW)


def test_two_customers_are_joined_only_when_a_person_says_so_and_stay_joined(desk: Desk) -> None:
    """Another mail of the second customer in that thread does not leave it again."""
    first, second = mail(desk, 1), mail(desk, 2, 5, customer="10027")
    with pytest.raises(NotAllowed, match="two customers"), db.writing(desk.engine) as session:
        join(session, desk.sanne, first, second, NOW)
    with db.writing(desk.engine) as session:
        join(session, desk.sanne, first, second, NOW, different_customers=True)
    one, other = threads_of(desk, first, second)
    assert one == other
    assert desk.row(first).customer_id != desk.row(second).customer_id
    assert threads_of(desk, mail(desk, 3, 9, answers=2, customer="10027")) == [one]


def test_a_thread_without_customer_joins_the_one_that_has_it(desk: Desk) -> None:
    first, second = mail(desk, 1, customer=""), mail(desk, 2, 5)
    with db.writing(desk.engine) as session:
        move = join(session, desk.sanne, first, second, NOW)
    assert move.mail_ids == [first]
    assert desk.thread(first).customer_id == desk.row(second).customer_id


def test_what_is_not_the_viewers_does_not_exist(desk: Desk) -> None:
    first, second = mail(desk, 1), mail(desk, 2, 5, answers=1)
    other = a_mailbox_row(desk.engine, "elders")
    with db.writing(desk.engine) as session:
        stranger = a_viewer(session, "Vreemd", "Elders", other)
        move = split(session, desk.sanne, second, NOW)
    for attempt in (
        lambda session: join(session, stranger, first, second, NOW),
        lambda session: split(session, stranger, second, NOW),
        lambda session: undo(session, stranger, move.id or 0, NOW),
        lambda session: undo(session, desk.sanne, 10**12, NOW),
    ):
        with pytest.raises(NotFound), db.writing(desk.engine) as session:
            attempt(session)


def test_threads_of_two_mailboxes_are_not_joined(desk: Desk) -> None:
    first = mail(desk, 1)
    other = a_mailbox_row(desk.engine, "facturen")
    with db.writing(desk.engine) as session:
        both = a_viewer(session, "Beide", "Beide", desk.mailbox_id, other)
    second = desk.comes("elders", 5, mailbox=other, Message_ID="<e@boer.example>")
    desk.reads(second, Intent.DISPUTE)
    with pytest.raises(NotAllowed, match="two mailboxes"), db.writing(desk.engine) as session:
        join(session, both, first, second, NOW)


def test_what_moved_again_is_taken_back_in_its_order(desk: Desk) -> None:
    first, second, third = mail(desk, 1), mail(desk, 2, 5, answers=1), mail(desk, 3, 9, answers=2)
    with db.writing(desk.engine) as session:
        early = split(session, desk.sanne, second, NOW)
    with db.writing(desk.engine) as session:
        late = split(session, desk.sanne, third, NOW)
    with pytest.raises(Conflict, match="moved again"), db.writing(desk.engine) as session:
        undo(session, desk.sanne, early.id or 0, NOW)
    for move in (late, early):
        with db.writing(desk.engine) as session:
            undo(session, desk.sanne, move.id or 0, NOW)
    assert len(set(threads_of(desk, first, second, third))) == 1
    with pytest.raises(Conflict, match="already"), db.writing(desk.engine) as session:
        undo(session, desk.sanne, late.id or 0, NOW)


def test_joined_already_and_not_yet_read(desk: Desk) -> None:
    first, second = mail(desk, 1), mail(desk, 2, 5, answers=1)
    waiting = desk.comes("wacht", 8)
    for other in (second, waiting):
        with pytest.raises(Conflict), db.writing(desk.engine) as session:
            join(session, desk.sanne, first, other, NOW)


def test_of_two_persons_who_join_at_once_one_does(desk: Desk) -> None:
    """And nothing is left in between: all mails are in one thread, with one row that can be undone."""
    first, second = mail(desk, 1), mail(desk, 2, 5)
    barrier, refused = Barrier(4), []

    def press(one: int, other: int) -> None:
        barrier.wait()
        try:
            with db.writing(desk.engine) as session:
                join(session, desk.sanne, one, other, NOW)
        except InboxAgentError as error:
            refused.append(type(error))

    persons = [Person(target=press, args=pair) for pair in [(first, second), (second, first)] * 2]
    for person in persons:
        person.start()
    for person in persons:
        person.join(timeout=30)
    assert refused == [Conflict] * 3
    one, other = threads_of(desk, first, second)
    assert one == other
    with db.reading(desk.engine) as session:
        assert len(session.exec(select(ThreadMove)).all()) == 1
