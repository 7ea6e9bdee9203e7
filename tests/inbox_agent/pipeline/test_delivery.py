"""A reply leaves at most once. What is in doubt is looked up, else a person decides; never a blind retry."""

import email
import email.policy
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from factories.pipeline import NOW, ListSource, a_mailbox_row, an_approved_reply, raw_mail
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.errors import MailboxUnreachable, ReplyRefused, ReplyUncertain
from inbox_agent.durable import Queue
from inbox_agent.mailbox.mime import parse
from inbox_agent.pipeline import delivery
from inbox_agent.pipeline.intake import Intake
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.reply import OutgoingReply, ReplyAttachment, ReplyState


@pytest.fixture
def reply_id(engine: sa.Engine) -> int:
    """An approved reply to a stored mail."""
    mailbox_id = a_mailbox_row(engine)
    source = ListSource([raw_mail(Message_ID="<1@boer.example>")])
    Intake(engine, Queue(engine), RawStore(), parse).take(mailbox_id, source)
    return an_approved_reply(
        engine,
        "<reply-1@halvermaan.example>",
        in_reply_to="<1@boer.example>",
        references=["<0@boer.example>", "<1@boer.example>"],
        subject="Re: Factuur\r\nBcc: evil@x.example",
        body="Beste Jan,\n\nHierbij de kopie: € 12,50.\n",
    )


def outcome(engine: sa.Engine, reply_id: int, source: ListSource) -> ReplyState:
    """What the workflow does: attempt, then keep how it ended."""
    state, problem = delivery.attempt(engine, lambda mailbox: source, reply_id)
    with db.writing(engine) as session:
        delivery.finish(session, reply_id, state, problem)
    with db.reading(engine) as session:
        return session.get_one(OutgoingReply, reply_id).state


def set_state(engine: sa.Engine, reply_id: int, state: ReplyState) -> None:
    with db.writing(engine) as session:
        session.get_one(OutgoingReply, reply_id).state = state


def test_a_reply_arrives_in_the_thread_and_headers_cannot_be_injected(engine: sa.Engine, reply_id: int) -> None:
    source = ListSource()
    assert outcome(engine, reply_id, source) is ReplyState.DELIVERED
    raw = source.replies["<reply-1@halvermaan.example>"]
    sent = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    assert sent["In-Reply-To"] == "<1@boer.example>"
    assert sent["References"] == "<0@boer.example> <1@boer.example>"
    assert sent["Bcc"] is None
    assert sent["Subject"] == "Re: Factuur Bcc: evil@x.example"
    assert sent["From"] == "debiteuren@halvermaan.example"
    assert sent["To"] == "Jan de Boer <jan@boer.example>"
    assert sent.get_body(("plain",)).get_content().replace("\r\n", "\n") == "Beste Jan,\n\nHierbij de kopie: € 12,50.\n"


def test_a_delivered_reply_is_never_sent_again(engine: sa.Engine, reply_id: int) -> None:
    outcome(engine, reply_id, ListSource())
    second = ListSource()
    assert outcome(engine, reply_id, second) is ReplyState.DELIVERED
    assert second.replies == {}


def test_a_crash_while_delivering_is_looked_up_in_the_sent_folder(engine: sa.Engine, reply_id: int) -> None:
    set_state(engine, reply_id, ReplyState.DELIVERING)
    source = ListSource(replies={"<reply-1@halvermaan.example>": b"it left"})
    assert outcome(engine, reply_id, source) is ReplyState.DELIVERED
    assert source.replies == {"<reply-1@halvermaan.example>": b"it left"}


def test_a_crash_while_delivering_that_left_no_trace_is_for_a_person(engine: sa.Engine, reply_id: int) -> None:
    set_state(engine, reply_id, ReplyState.DELIVERING)
    source = ListSource()
    assert outcome(engine, reply_id, source) is ReplyState.UNCERTAIN
    assert source.replies == {}


def test_a_refused_reply_failed_with_the_servers_reason(engine: sa.Engine, reply_id: int) -> None:
    assert (
        outcome(engine, reply_id, ListSource(fail=ReplyRefused("The server refused the recipient.")))
        is ReplyState.FAILED
    )
    with db.reading(engine) as session:
        assert session.get_one(OutgoingReply, reply_id).problem == "The server refused the recipient."


@pytest.mark.parametrize(("found", "state"), [(True, ReplyState.DELIVERED), (False, ReplyState.UNCERTAIN)])
def test_a_connection_lost_after_handing_over_is_looked_up(
    engine: sa.Engine, reply_id: int, found: bool, state: ReplyState
) -> None:
    source = ListSource(fail=ReplyUncertain("lost"), fail_after_leaving=True, sent_folder_works=found)
    assert outcome(engine, reply_id, source) is state


def test_a_mailbox_that_cannot_be_opened_sends_nothing(engine: sa.Engine, reply_id: int) -> None:
    def closed(mailbox):
        raise MailboxUnreachable("The server does not answer.")

    assert delivery.attempt(engine, closed, reply_id) == (ReplyState.FAILED, "The server does not answer.")


def test_a_reply_that_cannot_be_written_certainly_did_not_leave(engine: sa.Engine, reply_id: int) -> None:
    """A mailbox whose address is none: to call that *uncertain* would send a person looking for nothing."""
    with db.writing(engine) as session:
        session.exec(select(Mailbox)).one().address = "geen adres"
    source = ListSource()
    assert outcome(engine, reply_id, source) is ReplyState.FAILED
    assert source.replies == {}


def test_a_fault_while_opening_the_mailbox_leaves_nothing_in_between(engine: sa.Engine, reply_id: int) -> None:
    def broken(mailbox: Mailbox) -> ListSource:
        raise ZeroDivisionError

    state, problem = delivery.attempt(engine, broken, reply_id)
    assert state is ReplyState.FAILED
    assert "Nothing was sent" in problem


def test_a_fault_while_looking_for_a_reply_asks_a_person(engine: sa.Engine, reply_id: int) -> None:
    class Broken(ListSource):
        def has_reply(self, message_id: str) -> bool:
            raise ZeroDivisionError

    set_state(engine, reply_id, ReplyState.DELIVERING)
    assert outcome(engine, reply_id, Broken()) is ReplyState.UNCERTAIN


def test_who_saw_the_reply_leave_is_believed(engine: sa.Engine, reply_id: int) -> None:
    """A worker was thought dead: another looked and did not know, then the first one's server said yes."""
    for known, then, state in (
        (ReplyState.UNCERTAIN, ReplyState.DELIVERED, ReplyState.DELIVERED),
        (ReplyState.FAILED, ReplyState.DELIVERED, ReplyState.DELIVERED),
        (ReplyState.UNCERTAIN, ReplyState.FAILED, ReplyState.UNCERTAIN),
        (ReplyState.DELIVERED, ReplyState.UNCERTAIN, ReplyState.DELIVERED),
    ):
        set_state(engine, reply_id, known)
        with db.writing(engine) as session:
            delivery.finish(session, reply_id, then, "")
        with db.reading(engine) as session:
            assert session.get_one(OutgoingReply, reply_id).state is state


def sent_again(engine: sa.Engine, reply_id: int, before: ReplyState) -> None:
    """A person had a reply sent again that was in this state."""
    with db.writing(engine) as session:
        reply = session.get_one(OutgoingReply, reply_id)
        reply.state, reply.basis = ReplyState.APPROVED, {"resent": before.value}


@pytest.mark.parametrize("before", [ReplyState.UNCERTAIN, ReplyState.FAILED])
def test_before_a_reply_is_sent_again_it_is_looked_for(engine: sa.Engine, reply_id: int, before: ReplyState) -> None:
    sent_again(engine, reply_id, before)
    source = ListSource(replies={"<reply-1@halvermaan.example>": b"it left"})
    assert outcome(engine, reply_id, source) is ReplyState.DELIVERED
    assert source.replies == {"<reply-1@halvermaan.example>": b"it left"}
    sent_again(engine, reply_id, before)
    gone = ListSource()
    assert outcome(engine, reply_id, gone) is ReplyState.DELIVERED
    assert list(gone.replies) == ["<reply-1@halvermaan.example>"]


@pytest.mark.parametrize("before", [ReplyState.UNCERTAIN, ReplyState.FAILED])
def test_what_cannot_be_looked_for_is_not_sent_again(engine: sa.Engine, reply_id: int, before: ReplyState) -> None:
    class Blind(ListSource):
        def has_reply(self, message_id: str) -> bool:
            raise MailboxUnreachable("The server does not answer.")

    sent_again(engine, reply_id, before)
    source = Blind()
    assert outcome(engine, reply_id, source) is before
    assert source.replies == {}


def test_a_refused_second_attempt_says_nothing_of_the_first(engine: sa.Engine, reply_id: int) -> None:
    sent_again(engine, reply_id, ReplyState.UNCERTAIN)
    assert outcome(engine, reply_id, ListSource(fail=ReplyRefused("No."))) is ReplyState.UNCERTAIN


def test_files_go_along_and_a_missing_one_stops_the_reply(engine: sa.Engine, reply_id: int) -> None:
    with db.writing(engine) as session:
        sha256 = RawStore().put(session, b"%PDF-1.7", NOW)
        row = ReplyAttachment(
            reply_id=reply_id, position=0, name="kopie é.pdf", content_type="application/pdf", size=8, raw_sha256=sha256
        )
        session.add(row)
    source = ListSource()
    assert outcome(engine, reply_id, source) is ReplyState.DELIVERED
    sent = email.message_from_bytes(
        source.replies["<reply-1@halvermaan.example>"], _class=EmailMessage, policy=email.policy.default
    )
    (file,) = sent.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        "kopie é.pdf",
        "application/pdf",
        b"%PDF-1.7",
    )
    set_state(engine, reply_id, ReplyState.APPROVED)
    with db.writing(engine) as session:
        RawStore().erase(session, sha256, NOW)
    assert outcome(engine, reply_id, ListSource()) is ReplyState.FAILED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ReplyState.UNCERTAIN, ReplyState.DELIVERED),
        (ReplyState.DELIVERING, ReplyState.DELIVERED),
        (ReplyState.FAILED, ReplyState.DELIVERED),
        (ReplyState.WITHDRAWN, ReplyState.WITHDRAWN),
    ],
)
def test_a_reply_found_among_the_sent_mail_did_leave(
    engine: sa.Engine, reply_id: int, before: ReplyState, after: ReplyState
) -> None:
    set_state(engine, reply_id, before)
    with db.writing(engine) as session:
        assert delivery.seen_in_sent(session, "<reply-1@halvermaan.example>", NOW)
        assert not delivery.seen_in_sent(session, "<other@halvermaan.example>", NOW)
        assert not delivery.seen_in_sent(session, "", NOW)
    with db.reading(engine) as session:
        assert session.get_one(OutgoingReply, reply_id).state is after
