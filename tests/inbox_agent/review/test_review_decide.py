"""Decisions: each transition, each refusal, and that of two controllers only one decides."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import NOW, a_mail, a_mailbox, a_triaged_mail, an_automatic_mail, store
from factories.people import a_viewer
from sqlmodel import Session, col, select

from inbox_agent import db
from inbox_agent.domain.errors import Conflict, InboxAgentError, NotAllowed, NotFound
from inbox_agent.domain.mail import Address
from inbox_agent.domain.taxonomy import Intent, RecordType
from inbox_agent.durable import Queue
from inbox_agent.records.dispute import Dispute
from inbox_agent.records.mail import MailState, StoredMail, Thread
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.people import Role
from inbox_agent.records.proposal import ProposalState
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.task import Task
from inbox_agent.records.triage import Review
from inbox_agent.review import decide, detail, outbox
from inbox_agent.review.views import Approval, DecisionKind, Detail, Viewer

DRAFT = "Beste Jan,\n\nWe zoeken het uit."


@pytest.fixture
def desk(engine: sa.Engine, queue_door: Queue) -> "Desk":
    return Desk(engine, queue_door)


class Desk:
    """A mailbox with a controller, a colleague, a lead, and a stranger of another team."""

    def __init__(self, engine: sa.Engine, queue: Queue) -> None:
        self.engine, self.queue = engine, queue
        with db.writing(engine) as session:
            self.mailbox = a_mailbox(session)
            other = a_mailbox(session, "export")
            self.sanne = a_viewer(session, "Sanne", "A", self.mailbox.id or 0)
            self.kees = a_viewer(session, "Kees", "A")
            self.lead = a_viewer(session, "Lies", "A", role=Role.TEAM_LEAD)
            self.stranger = a_viewer(session, "Vreemd", "B", other.id or 0, role=Role.TEAM_LEAD)
            self.customer = a_customer(session, a_company(session), "10014", "jan@boer.example", invoices=("26700001",))

    def mail(self, *intents: Intent, **fields: object) -> int:
        with db.writing(self.engine) as session:
            mailbox = session.get_one(Mailbox, self.mailbox.id)
            row = a_triaged_mail(session, mailbox, *intents, customer=self.customer, **fields)  # type: ignore[arg-type]
            return row.id or 0

    def parked(self, **fields: object) -> int:
        with db.writing(self.engine) as session:
            mailbox = session.get_one(Mailbox, self.mailbox.id)
            return store(session, mailbox, a_mail(**fields), MailState.PARKED).id or 0

    def do(self, act: Callable[..., object], *arguments: object) -> object:
        """One decision in its own transaction."""
        with db.writing(self.engine) as session:
            return act(session, *arguments)

    def approve(self, mail_id: int, viewer: Viewer | None = None, **fields: object) -> OutgoingReply | None:
        approval = Approval(**({"version": self.see(mail_id).version} | fields))  # type: ignore[arg-type]
        with db.writing(self.engine) as session:
            return decide.approve(session, viewer or self.sanne, mail_id, approval, self.queue, NOW)

    def see(self, mail_id: int) -> Detail:
        with db.reading(self.engine) as session:
            return detail.detail(session, self.sanne, mail_id)

    def reviews(self) -> list[Review]:
        with db.reading(self.engine) as session:
            return list(session.exec(select(Review).order_by(col(Review.id))))

    def workflows(self) -> list[str]:
        """The workflow ids in the durable engine's tables."""
        table = "dbos.workflow_status" if self.engine.dialect.name == "postgresql" else "workflow_status"
        with self.engine.connect() as connection:
            return sorted(connection.execute(sa.text(f"SELECT workflow_uuid FROM {table}")).scalars())


def test_approving_confirms_records_and_queues_the_reply(desk: Desk) -> None:
    mail_id = desk.mail(Intent.DISPUTE, Intent.INVOICE_COPY_REQUEST)
    dispute = next(one for one in desk.see(mail_id).records if one.record_type is RecordType.DISPUTE)
    accepted = ((dispute.record_type, dispute.record_id),)
    reply = desk.approve(mail_id, accepted=accepted, subject="Re: Factuur 26700001", reply=DRAFT + "\r\n")
    assert reply is not None
    assert reply.body == DRAFT
    assert reply.recipients == ["jan@boer.example"]
    assert reply.message_id.endswith("@halvermaan.example>")
    with db.reading(desk.engine) as session:
        assert session.exec(select(Dispute.state)).one() is ProposalState.CONFIRMED
        assert session.exec(select(Task.state)).one() is ProposalState.REJECTED
    shown = desk.see(mail_id)
    assert shown.reply is not None
    assert (shown.reply.state, shown.reply.approved_by, shown.version) == (ReplyState.APPROVED, "Sanne", 3)
    assert shown.decision is not None
    assert (shown.decision.decision, shown.decision.controller_name) == (DecisionKind.APPROVED, "Sanne")
    assert [entry.ours for entry in shown.case.entries] == [True]
    rejected = [{"record_type": "task", "act_index": 1, "intent": "invoice_copy_request"}]
    assert desk.reviews()[0].changes == {"records": {"rejected": rejected}}
    assert desk.workflows() == [f"deliver_reply:{reply.id}:1", f"mark_handled:{mail_id}"]


def test_the_reply_stands_in_the_thread_of_the_mail(desk: Desk) -> None:
    references = ("<first@x>", "no id", "<in ject>\r\nBcc: a@b", *(f"<{n}@x>" for n in range(30)))
    mail_id = desk.mail(mail=a_mail(message_id="<last@x>", references=references, subject="Vraag\r\nBcc: a@b"))
    reply = desk.approve(mail_id, reply="Dag", subject="")
    assert reply is not None
    assert (reply.in_reply_to, reply.subject) == ("<last@x>", "Re: Vraag Bcc: a@b")
    assert (len(reply.references), reply.references[0], reply.references[-2:]) == (
        20,
        "<first@x>",
        ["<29@x>", "<last@x>"],
    )


def test_what_was_corrected_is_kept_with_before_and_after(desk: Desk) -> None:
    mail_id = desk.mail(Intent.DISPUTE)
    desk.approve(mail_id, subject="Re: anders", reply="Nieuw", intents=(Intent.OTHER_QUERY,))
    found = desk.reviews()[0].changes
    assert found["intents"] == {"before": ["dispute"], "after": ["other_query"]}
    assert found["body"] == {"before": DRAFT, "after": "Nieuw"}
    assert found["subject"] == {"before": "Re: Factuur 26700001", "after": "Re: anders"}
    assert desk.see(mail_id).intents == (Intent.OTHER_QUERY,)
    assert desk.see(mail_id).triage is not None


@pytest.mark.parametrize(
    ("mail", "reply", "words"),
    [
        (an_automatic_mail(), "Dag", "automatically"),
        (a_mail(sender=Address("noreply@boer.example")), "Dag", "no-reply"),
        (a_mail(sender=Address("debiteuren@halvermaan.example")), "Dag", "itself"),
        (a_mail(sender=Address("")), "Dag", "no address"),
        (a_mail(), " \r\n\x00", "empty"),
        (a_mail(), "x" * 100_001, "Shorten"),
    ],
)
def test_replies_that_are_refused_leave_everything_as_it_was(desk: Desk, mail: object, reply: str, words: str) -> None:
    mail_id = desk.mail(mail=mail)
    with pytest.raises(NotAllowed, match=words):
        desk.approve(mail_id, reply=reply)
    assert desk.reviews() == []
    assert desk.workflows() == []
    assert desk.see(mail_id).records[0].state is ProposalState.PROPOSED
    desk.approve(mail_id)
    assert desk.see(mail_id).decision is not None


def test_intents_that_exclude_each_other_are_refused(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="stands alone"):
        desk.approve(desk.mail(), intents=(Intent.DISPUTE, Intent.UNRELATED))


def test_a_record_of_another_mail_is_refused(desk: Desk) -> None:
    other = desk.see(desk.mail()).records[0]
    with pytest.raises(Conflict, match="no longer exists"):
        desk.approve(desk.mail(), accepted=((other.record_type, other.record_id),))


def test_who_comes_second_is_told(desk: Desk) -> None:
    mail_id = desk.mail()
    with pytest.raises(Conflict, match="changed while"):
        desk.approve(mail_id, version=1)
    desk.approve(mail_id)
    with pytest.raises(Conflict, match="A colleague decided on this mail first"):
        desk.approve(mail_id, desk.kees)
    with pytest.raises(Conflict, match="You decided"):
        desk.do(decide.dismiss, desk.sanne, mail_id, 3, "", desk.queue, NOW)


def test_two_controllers_at_the_same_moment_send_one_reply(desk: Desk) -> None:
    mail_id = desk.mail()
    start, results = threading.Barrier(6), []

    def press(viewer: Viewer) -> None:
        start.wait()
        try:
            desk.approve(mail_id, viewer, version=2, reply=f"Groet, {viewer.name}")
            results.append("sent")
        except InboxAgentError as error:
            results.append(type(error).__name__)

    threads = [threading.Thread(target=press, args=(viewer,)) for viewer in (desk.sanne, desk.kees, desk.lead) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["Conflict"] * 5 + ["sent"]
    with db.reading(desk.engine) as session:
        assert len(session.exec(select(OutgoingReply)).all()) == 1
    assert len(desk.reviews()) == 1
    assert len(desk.workflows()) == 2


def test_dismiss_then_reopen_then_approve(desk: Desk) -> None:
    mail_id = desk.mail()
    desk.do(decide.dismiss, desk.sanne, mail_id, 2, " reclame\x00 ", desk.queue, NOW)
    shown = desk.see(mail_id)
    assert shown.decision is not None
    assert (shown.decision.decision, shown.decision.reason) == (DecisionKind.DISMISSED, "reclame")
    assert shown.records[0].state is ProposalState.REJECTED
    with pytest.raises(Conflict):
        desk.do(decide.reopen, desk.sanne, mail_id, 2, NOW)
    desk.do(decide.reopen, desk.kees, mail_id, 3, NOW)
    shown = desk.see(mail_id)
    assert (shown.decision, shown.records[0].state, shown.version) == (None, ProposalState.PROPOSED, 4)
    with pytest.raises(Conflict, match="open already"):
        desk.do(decide.reopen, desk.sanne, mail_id, 4, NOW)
    desk.approve(mail_id, accepted=((shown.records[0].record_type, shown.records[0].record_id),))
    assert desk.see(mail_id).records[0].state is ProposalState.CONFIRMED
    assert desk.workflows() == [f"mark_handled:{mail_id}"]
    assert [one.decision for one in desk.reviews()] == ["dismissed", "reopened", "approved"]


def test_after_a_reply_the_decision_stands(desk: Desk) -> None:
    mail_id = desk.mail()
    desk.approve(mail_id, reply="Dag")
    with pytest.raises(Conflict, match="reply to this mail was approved"):
        desk.do(decide.reopen, desk.sanne, mail_id, 3, NOW)


def test_a_lead_gives_a_thread_to_a_colleague(desk: Desk) -> None:
    first = desk.mail()
    with db.reading(desk.engine) as session:
        thread = session.exec(select(Thread)).one()
    second = desk.mail(thread=thread)
    desk.do(decide.reassign, desk.lead, first, desk.kees.controller_id, NOW)
    assert {desk.see(one).assigned_to for one in (first, second)} == {desk.kees.controller_id}
    assert desk.see(second).version == 2
    desk.do(decide.reassign, desk.lead, second, None, NOW)
    assert desk.see(first).assigned_to is None
    with pytest.raises(NotAllowed, match="Only a team lead"):
        desk.do(decide.reassign, desk.sanne, first, desk.kees.controller_id, NOW)
    with pytest.raises(NotAllowed, match="does not share"):
        desk.do(decide.reassign, desk.lead, first, desk.stranger.controller_id, NOW)
    with pytest.raises(Conflict, match="no thread"):
        desk.do(decide.reassign, desk.lead, desk.parked(), None, NOW)


def test_colleagues_share_a_mailbox(desk: Desk) -> None:
    with db.reading(desk.engine) as session:
        assert [name for _, name in decide.colleagues(session, desk.sanne)] == ["Kees", "Lies", "Sanne"]
        assert [name for _, name in decide.colleagues(session, desk.stranger)] == ["Vreemd"]


def test_a_lead_corrects_the_intents_of_a_mail(desk: Desk) -> None:
    mail_id = desk.mail(Intent.DISPUTE)
    desk.do(decide.reclassify, desk.lead, mail_id, 2, (Intent.OTHER_QUERY,), NOW)
    assert (desk.see(mail_id).intents, desk.see(mail_id).version) == ((Intent.OTHER_QUERY,), 3)
    desk.do(decide.reclassify, desk.lead, mail_id, 3, (Intent.OTHER_QUERY,), NOW)
    assert len(desk.reviews()) == 1
    desk.approve(mail_id, intents=(Intent.DISPUTE,))
    assert desk.see(mail_id).intents == (Intent.DISPUTE,)
    assert desk.reviews()[-1].changes["intents"] == {"before": ["other_query"], "after": ["dispute"]}
    with pytest.raises(NotAllowed, match="Only a team lead"):
        desk.do(decide.reclassify, desk.sanne, mail_id, 4, (Intent.DISPUTE,), NOW)
    with pytest.raises(NotAllowed, match="stands alone"):
        desk.do(decide.reclassify, desk.lead, mail_id, 4, (Intent.DISPUTE, Intent.UNRELATED), NOW)
    with pytest.raises(Conflict, match="changed"):
        desk.do(decide.reclassify, desk.lead, mail_id, 3, (Intent.DISPUTE,), NOW)
    with pytest.raises(Conflict, match="not read by the machine"):
        desk.do(decide.reclassify, desk.lead, desk.parked(), 1, (Intent.DISPUTE,), NOW)


def test_a_parked_mail_is_read_again_or_answered_as_it_is(desk: Desk) -> None:
    again, answered = desk.parked(), desk.parked()
    desk.do(decide.retry_parked, desk.sanne, again, desk.queue, NOW)
    assert desk.see(again).state is MailState.FETCHED
    with pytest.raises(Conflict, match="not parked"):
        desk.do(decide.retry_parked, desk.sanne, again, desk.queue, NOW)
    with pytest.raises(Conflict, match="still being read"):
        desk.approve(again)
    with db.writing(desk.engine) as session:
        session.get_one(StoredMail, again).state = MailState.PARKED
    desk.do(decide.retry_parked, desk.sanne, again, desk.queue, NOW)
    assert desk.workflows() == [f"triage_mail:{again}:2", f"triage_mail:{again}:3"]
    assert desk.approve(answered, reply="Dag") is not None
    with pytest.raises(Conflict, match="not parked"):
        desk.do(decide.retry_parked, desk.sanne, answered, desk.queue, NOW)


def test_what_could_not_be_decoded_is_not_read_again_but_can_be_put_away(desk: Desk) -> None:
    with db.writing(desk.engine) as session:
        mail_id = store(session, session.get_one(Mailbox, desk.mailbox.id), None, MailState.PARKED).id or 0
    with pytest.raises(NotAllowed, match="could not be decoded"):
        desk.do(decide.retry_parked, desk.sanne, mail_id, desk.queue, NOW)
    with pytest.raises(NotAllowed, match="no address"):
        desk.approve(mail_id, reply="Dag")
    desk.do(decide.dismiss, desk.sanne, mail_id, 1, "", desk.queue, NOW)


def test_an_ignored_mail_is_not_decided(desk: Desk) -> None:
    mail_id = desk.mail()
    with db.writing(desk.engine) as session:
        session.get_one(StoredMail, mail_id).state = MailState.IGNORED
    with pytest.raises(Conflict, match="ignored"):
        desk.approve(mail_id)


@pytest.mark.parametrize("state", list(ReplyState))
def test_only_a_failed_or_uncertain_reply_is_sent_again(desk: Desk, state: ReplyState) -> None:
    reply = desk.approve(desk.mail(), reply="Dag")
    assert reply is not None
    with db.writing(desk.engine) as session:
        session.get_one(OutgoingReply, reply.id).state = state
    if state not in (ReplyState.FAILED, ReplyState.UNCERTAIN):
        with pytest.raises(Conflict):
            desk.do(outbox.resend, desk.sanne, reply.id, desk.queue, NOW)
        return
    desk.do(outbox.resend, desk.sanne, reply.id, desk.queue, NOW)
    with pytest.raises(Conflict):
        desk.do(outbox.resend, desk.kees, reply.id, desk.queue, NOW)
    with db.writing(desk.engine) as session:
        kept = session.get_one(OutgoingReply, reply.id)
        assert (kept.state, kept.message_id) == (ReplyState.APPROVED, reply.message_id)
        kept.state = ReplyState.FAILED
    desk.do(outbox.resend, desk.sanne, reply.id, desk.queue, NOW)
    attempts = [one for one in desk.workflows() if one.startswith("deliver")]
    assert attempts == [f"deliver_reply:{reply.id}:{attempt}" for attempt in (1, 2, 3)]


@pytest.mark.parametrize("state", list(ReplyState))
def test_only_an_uncertain_reply_is_marked_as_delivered(desk: Desk, state: ReplyState) -> None:
    mail_id = desk.mail()
    reply = desk.approve(mail_id, reply="Dag")
    assert reply is not None
    with db.writing(desk.engine) as session:
        session.get_one(OutgoingReply, reply.id).state = state
    if state is not ReplyState.UNCERTAIN:
        with pytest.raises(Conflict):
            desk.do(outbox.mark_delivered, desk.sanne, reply.id, NOW)
        return
    desk.do(outbox.mark_delivered, desk.sanne, reply.id, NOW)
    shown = desk.see(mail_id).reply
    assert shown is not None
    assert (shown.state, shown.delivered_at) == (ReplyState.DELIVERED, NOW)


def test_a_stranger_can_do_nothing(desk: Desk) -> None:
    mail_id, parked = desk.mail(), desk.parked()
    reply = desk.approve(desk.mail(), reply="Dag")
    assert reply is not None
    who, queue = desk.stranger, desk.queue
    attempts: list[Callable[[Session], object]] = [
        lambda session: decide.approve(session, who, mail_id, Approval(2), queue, NOW),
        lambda session: decide.dismiss(session, who, mail_id, 2, "", queue, NOW),
        lambda session: decide.reopen(session, who, mail_id, 2, NOW),
        lambda session: decide.reassign(session, who, mail_id, None, NOW),
        lambda session: decide.reclassify(session, who, mail_id, 2, (Intent.DISPUTE,), NOW),
        lambda session: decide.retry_parked(session, who, parked, queue, NOW),
        lambda session: outbox.resend(session, who, reply.id or 0, queue, NOW),
        lambda session: outbox.mark_delivered(session, who, reply.id or 0, NOW),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound), db.writing(desk.engine) as session:
            attempt(session)
