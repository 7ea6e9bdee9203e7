"""An approved reply until it has left: held, taken back, too late; and that a held one is not taken for a lost one."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import NOW, a_mailbox, a_triaged_mail
from factories.people import a_viewer

from inbox_agent import db
from inbox_agent.domain.errors import Conflict, NotAllowed, NotFound
from inbox_agent.domain.sending import SendingRules
from inbox_agent.durable import Queue
from inbox_agent.records.people import Controller
from inbox_agent.records.proposal import ProposalState
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.review import decide, detail, outbox, signature
from inbox_agent.review.views import Approval, Detail, ReplyFile, UploadedFile

HELD = SendingRules(timedelta(seconds=10))
SOON = NOW + timedelta(seconds=4)


class Desk:
    """A controller with a mail of a known contact, whose reply is held for ten seconds."""

    def __init__(self, engine: sa.Engine, queue: Queue) -> None:
        self.engine, self.queue = engine, queue
        with db.writing(engine) as session:
            mailbox = a_mailbox(session)
            mailbox.signature = "Halvermaan, postbus 1"
            self.mailbox_id = mailbox.id or 0
            self.sanne = a_viewer(session, "Sanne", "A", self.mailbox_id)
            self.stranger = a_viewer(session, "Vreemd", "B", a_mailbox(session, "export").id or 0)
            self.customer = a_customer(session, a_company(session), "10014", "jan@boer.example", invoices=("26700001",))
            signature.keep_signature(session, self.sanne, "Sanne de Wit\r\nDebiteuren ")
            self.mail_id = a_triaged_mail(session, mailbox, customer=self.customer).id or 0
        self.reply_id = self.approve(2).id or 0

    def approve(self, version: int, **fields: object) -> OutgoingReply:
        approval = Approval(version, reply="Dag Jan", subject="Re: Factuur", **fields)  # type: ignore[arg-type]
        with db.writing(self.engine) as session:
            records = detail.detail(session, self.sanne, self.mail_id).records
            reply = decide.approve(session, self.sanne, self.mail_id, approval, self.queue, NOW, HELD, RawStore())
            assert reply is not None
            assert len(records) == 1
            return reply

    def see(self) -> Detail:
        with db.reading(self.engine) as session:
            return detail.detail(session, self.sanne, self.mail_id)

    def withdraw(self) -> None:
        with db.writing(self.engine) as session:
            outbox.withdraw(session, self.sanne, self.reply_id, SOON)


@pytest.fixture
def desk(engine: sa.Engine, queue_door: Queue) -> Desk:
    return Desk(engine, queue_door)


def test_a_held_reply_counts_down_and_is_no_lost_one(desk: Desk) -> None:
    with db.reading(desk.engine) as session:
        held = outbox.held(session, desk.sanne, desk.mail_id, SOON)
        assert held is not None
        assert (held.reply_id, held.recipients, held.seconds_left) == (desk.reply_id, ("jan@boer.example",), 6)
        late = outbox.held(session, desk.sanne, desk.mail_id, NOW + timedelta(minutes=1))
        assert late is not None
        assert late.seconds_left == 0
        assert outbox.held(session, desk.stranger, desk.mail_id, SOON) is None
    assert desk.queue.is_delivering(desk.reply_id)


def test_a_reply_is_complete_at_approval(desk: Desk) -> None:
    reply = desk.see().reply
    assert reply is not None
    assert reply.send_after - reply.approved_at == timedelta(seconds=10)
    assert reply.signature == "Sanne de Wit\nDebiteuren\n\nHalvermaan, postbus 1"
    said = r"Op 24 november 2026 om \d\d:\d\d schreef Jan de Boer <jan@boer.example>:\n> Factuur 26700001 klopt niet\."
    assert re.fullmatch(said, reply.quoted)


def test_taken_back_the_mail_is_open_and_the_text_is_kept(desk: Desk) -> None:
    desk.withdraw()
    shown = desk.see()
    assert (shown.decision, shown.records[0].state) == (None, ProposalState.PROPOSED)
    assert shown.reply is not None
    assert (shown.reply.state, shown.reply.body, shown.reply.came_back) == (ReplyState.WITHDRAWN, "Dag Jan", True)
    with pytest.raises(Conflict, match="too late"):
        desk.withdraw()
    second = desk.approve(shown.version)
    assert second.message_id != shown.reply.message_id
    reply = desk.see().reply
    assert reply is not None
    assert (reply.reply_id, reply.state) == (second.id, ReplyState.APPROVED)


@pytest.mark.parametrize("state", [one for one in ReplyState if one is not ReplyState.APPROVED])
def test_too_late(desk: Desk, state: ReplyState) -> None:
    with db.writing(desk.engine) as session:
        session.get_one(OutgoingReply, desk.reply_id).state = state
    with pytest.raises(Conflict, match="too late"):
        desk.withdraw()


def test_a_reply_that_may_have_left_before_is_not_taken_back(desk: Desk) -> None:
    with db.writing(desk.engine) as session:
        session.get_one(OutgoingReply, desk.reply_id).state = ReplyState.UNCERTAIN
        outbox.resend(session, desk.sanne, desk.reply_id, desk.queue, SOON)
    with pytest.raises(Conflict, match="too late"):
        desk.withdraw()
    reply = desk.see().reply
    assert reply is not None
    assert reply.may_have_left


def test_a_stranger_takes_nothing_back(desk: Desk) -> None:
    with pytest.raises(NotFound), db.writing(desk.engine) as session:
        outbox.withdraw(session, desk.stranger, desk.reply_id, SOON)


def test_files_of_a_reply_that_was_taken_back_go_with_the_next(desk: Desk) -> None:
    desk.withdraw()
    first = desk.approve(4, files=(UploadedFile("../Kopie.pdf", b"%PDF"), UploadedFile("b.txt", b"b")))
    desk.reply_id = first.id or 0
    desk.withdraw()
    second = desk.approve(6, kept_files=((desk.reply_id, 0),), files=(UploadedFile("c.txt", b"cc"),))
    reply = desk.see().reply
    assert reply is not None
    assert (reply.reply_id, reply.files) == (second.id, (ReplyFile(0, "Kopie.pdf", 4), ReplyFile(1, "c.txt", 2)))
    with db.reading(desk.engine) as session:
        assert session.get_one(Controller, desk.sanne.controller_id).signature == "Sanne de Wit\nDebiteuren"


@pytest.mark.parametrize(
    ("files", "kept", "words"),
    [
        ([UploadedFile("a.exe", b"MZ")], (), "refuse files like a.exe"),
        ([UploadedFile("leeg.txt", b"")], (), "leeg.txt is empty"),
        ([UploadedFile(f"{n}", b"x") for n in range(11)], (), "at most 10 files"),
        ([UploadedFile("groot", b"x" * (20 * 1024 * 1024 + 1))], (), "20 MB together"),
        ([], ((999, 0),), "no longer there"),
    ],
)
def test_files_that_are_refused(desk: Desk, files: list[UploadedFile], kept: object, words: str) -> None:
    desk.withdraw()
    with pytest.raises(NotAllowed, match=words):
        desk.approve(4, files=tuple(files), kept_files=kept)
    assert desk.see().decision is None
