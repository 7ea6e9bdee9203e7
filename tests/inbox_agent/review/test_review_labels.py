"""Labels out of decisions: each is the immutable reading with what a person changed, and reads back as training mail."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import NOW, a_mail, a_mailbox, a_triaged_mail, store
from factories.people import a_viewer
from sqlmodel import Session, select

from classifiers import corpus
from inbox_agent import db
from inbox_agent.commands.labels import collect, summary
from inbox_agent.domain.mail import Attachment, Mail
from inbox_agent.domain.taxonomy import Intent, RecordType
from inbox_agent.durable import Queue
from inbox_agent.records.erasure import erase_customer
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.people import Role
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.triage import Review, TriageRow
from inbox_agent.review import decide, proposals
from inbox_agent.review.views import Approval, Viewer

DRAFT = "Beste Jan,\n\nWe zoeken het uit."
DISPUTE, COPY, PROMISE = Intent.DISPUTE, Intent.INVOICE_COPY_REQUEST, Intent.PROMISE_TO_PAY


class Office:
    """A mailbox with a controller and a lead, whose decisions are exported."""

    def __init__(self, engine: sa.Engine, queue: Queue) -> None:
        self.engine, self.queue = engine, queue
        with db.writing(engine) as session:
            mailbox = a_mailbox(session)
            self.mailbox_id = mailbox.id
            self.sanne: Viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
            self.lead: Viewer = a_viewer(session, "Lies", "A", role=Role.TEAM_LEAD)
            self.customer = a_customer(session, a_company(session), "10014", "jan@boer.example", invoices=("26700001",))

    def mail(self, *intents: Intent, mail: Mail | None = None, draft: str | None = DRAFT) -> int:
        with db.writing(self.engine) as session:
            mailbox = session.get_one(Mailbox, self.mailbox_id)
            row = a_triaged_mail(session, mailbox, *intents, customer=self.customer, mail=mail, draft=draft)
            return row.id or 0

    def approve(
        self,
        mail_id: int,
        intents: tuple[Intent, ...] | None = None,
        rejected: tuple[Intent, ...] = (),
        reply: str | None = DRAFT,
        later: timedelta = timedelta(0),
    ) -> None:
        """Approves as the page does: every record but the rejected ones, the draft's own subject."""
        with db.writing(self.engine) as session:
            rows = proposals.rows_of(session, mail_id)
            accepted = tuple(key for key, row in rows.items() if proposals.intent_of(row) not in rejected)
            approval = Approval(self._version(session, mail_id), accepted, "Re: Factuur 26700001", reply, intents)
            decide.approve(session, self.sanne, mail_id, approval, self.queue, NOW + later)

    def dismiss(self, mail_id: int) -> None:
        with db.writing(self.engine) as session:
            decide.dismiss(session, self.sanne, mail_id, self._version(session, mail_id), "", self.queue, NOW)

    def reopen(self, mail_id: int) -> None:
        with db.writing(self.engine) as session:
            decide.reopen(session, self.sanne, mail_id, self._version(session, mail_id), NOW)

    def reclassify(self, mail_id: int, *intents: Intent) -> None:
        with db.writing(self.engine) as session:
            decide.reclassify(session, self.lead, mail_id, self._version(session, mail_id), intents, NOW)

    def lines(self, every: bool = False, since: timedelta | None = None) -> list[dict[str, Any]]:
        found, _ = collect(self.engine, None if since is None else NOW + since, every)
        return [json.loads(line) for line in found]

    def says(self, every: bool = False) -> str:
        found, counts = collect(self.engine, None, every)
        return summary(counts, len(found))

    @staticmethod
    def _version(session: Session, mail_id: int) -> int:
        return session.get_one(StoredMail, mail_id).version


@pytest.fixture
def office(engine: sa.Engine, queue_door: Queue) -> Office:
    return Office(engine, queue_door)


def test_a_corrected_mail_is_a_line_that_reads_back_as_training_mail(office: Office, tmp_path: Path) -> None:
    mail = a_mail(
        text="Factuur 26700001 klopt niet.\n\nJan", attachments=(Attachment("bon.txt", "text/plain", 3, 0, "bon"),)
    )
    mail_id = office.mail(DISPUTE, COPY, mail=mail)
    office.approve(mail_id, intents=(DISPUTE, PROMISE))
    (line,) = office.lines()
    path = tmp_path / "edits.jsonl"
    path.write_text(json.dumps(line) + "\n", "utf-8")
    (read,) = corpus.read([path])
    assert read.gold.intents == (DISPUTE, PROMISE)
    assert [act.intent for act in read.gold.acts] == [DISPUTE]
    assert read.gold.acts[0].invoices == ("26700001",)
    assert read.gold.acts[0].evidence in mail.text
    assert (read.mail.text, read.mail.sender, read.mail.subject) == (mail.text, mail.sender, mail.subject)
    assert (read.mail.received_at, read.mail.received_on) == (mail.received_at, mail.received_on)
    assert read.mail.attachments[0].text == "bon"


def test_a_line_says_whose_decision_it_is(office: Office) -> None:
    mail_id = office.mail(DISPUTE)
    office.approve(mail_id, intents=(COPY,))
    (line,) = office.lines()
    with db.reading(office.engine) as session:
        review, triage = session.exec(select(Review)).one(), session.exec(select(TriageRow)).one()
    assert line["id"] == f"mail-{mail_id}"
    assert line["provenance"] == {
        "mail_id": mail_id,
        "triage_id": triage.id,
        "review_id": review.id,
        "controller_id": office.sanne.controller_id,
        "decided_at": NOW.isoformat(),
        "model_version": "test",
        "changed": ["intents"],
    }


def test_acts_of_rejected_records_are_left_out_and_their_intents_stay(office: Office) -> None:
    office.approve(office.mail(DISPUTE, COPY), rejected=(COPY,))
    (line,) = office.lines()
    assert line["gold"]["intents"] == ["dispute", "invoice_copy_request"]
    assert [act["intent"] for act in line["gold"]["acts"]] == ["dispute"]
    assert line["provenance"]["changed"] == ["acts"]


@pytest.mark.parametrize(
    ("draft", "reply", "changed"),
    [(None, "Dag Jan", True), (DRAFT, None, False), (DRAFT, "Anders", None), (None, None, None), (DRAFT, DRAFT, None)],
)
def test_whether_a_reply_was_wanted_is_seen_from_what_was_sent(
    office: Office, draft: str | None, reply: str | None, changed: bool | None
) -> None:
    """The wording of a reply is no label."""
    office.approve(office.mail(DISPUTE, draft=draft), reply=reply)
    (line,) = office.lines(every=True)
    assert line["gold"]["requires_reply"] is ((draft is not None) if changed is None else changed)
    assert line["provenance"]["changed"] == ([] if changed is None else ["requires_reply"])
    assert len(office.lines()) == (changed is not None)


def test_mail_approved_as_read_is_exported_when_asked_for(office: Office) -> None:
    office.approve(office.mail(DISPUTE))
    office.approve(office.mail(DISPUTE), intents=(COPY,))
    assert [line["provenance"]["changed"] for line in office.lines()] == [["intents"]]
    assert [line["provenance"]["changed"] for line in office.lines(every=True)] == [[], ["intents"]]
    assert office.says() == "1 of 2 decided mails exported. Left out: 1 approved as read."
    assert office.says(every=True) == "2 of 2 decided mails exported."


def test_undecided_and_dismissed_mail_is_no_label(office: Office) -> None:
    office.mail(DISPUTE)
    office.dismiss(office.mail(DISPUTE))
    assert office.lines(every=True) == []
    assert office.says() == "0 of 0 decided mails exported."


def test_an_approval_that_was_taken_back_holds_no_longer(office: Office) -> None:
    mail_id = office.mail(DISPUTE, COPY)
    office.approve(mail_id, rejected=(COPY,), reply=None)
    office.reopen(mail_id)
    assert office.lines(every=True) == []
    office.approve(mail_id)
    (line,) = office.lines(every=True)
    assert line["provenance"]["changed"] == []
    assert len(line["gold"]["acts"]) == 2


def test_a_re_classification_counts_also_before_and_beside_the_approval(office: Office) -> None:
    """Compared with the reading itself, not with what the approval was shown."""
    first, second, third = office.mail(DISPUTE), office.mail(DISPUTE), office.mail(DISPUTE)
    office.reclassify(first, COPY)
    office.reclassify(second, COPY)
    office.approve(second)
    office.reclassify(third, COPY)
    office.dismiss(third)
    assert [line["gold"]["intents"] for line in office.lines()] == [["invoice_copy_request"]] * 3
    reviewers = [line["provenance"]["controller_id"] for line in office.lines()]
    assert reviewers == [office.lead.controller_id, office.sanne.controller_id, office.lead.controller_id]


def test_intents_changed_and_changed_back_are_as_read(office: Office) -> None:
    mail_id = office.mail(DISPUTE)
    office.reclassify(mail_id, COPY)
    office.approve(mail_id, intents=(DISPUTE,))
    assert office.lines() == []
    assert len(office.lines(every=True)) == 1


def test_only_what_was_decided_since(office: Office) -> None:
    office.approve(office.mail(DISPUTE), intents=(COPY,))
    office.approve(office.mail(DISPUTE), intents=(PROMISE,), later=timedelta(days=2))
    assert [line["gold"]["intents"] for line in office.lines(since=timedelta(days=1))] == [["promise_to_pay"]]
    assert len(office.lines(since=timedelta(0))) == 2


def test_erased_mail_is_left_out_and_counted(office: Office) -> None:
    office.approve(office.mail(DISPUTE), intents=(COPY,), reply=None)
    with db.writing(office.engine) as session:
        erase_customer(session, "HMT", "10014", RawStore(), NOW)
    assert office.lines(every=True) == []
    assert office.says() == "0 of 1 decided mails exported. Left out: 1 erased."


def test_mail_that_the_machine_never_read_is_left_out_and_counted(office: Office) -> None:
    with db.writing(office.engine) as session:
        mailbox = session.get_one(Mailbox, office.mailbox_id)
        mail_id = store(session, mailbox, a_mail(), MailState.PARKED).id or 0
    office.approve(mail_id, reply=None)
    assert office.says() == "0 of 1 decided mails exported. Left out: 1 never read by the machine."


def test_many_mails_are_exported_in_order(office: Office) -> None:
    """More than stand in memory together."""
    with db.writing(office.engine) as session:
        mailbox = session.get_one(Mailbox, office.mailbox_id)
        mail_ids = [a_triaged_mail(session, mailbox, DISPUTE).id or 0 for _ in range(130)]
        for mail_id in mail_ids:
            approval = Approval(2, tuple(proposals.rows_of(session, mail_id)), reply=None, intents=(COPY,))
            decide.approve(session, office.sanne, mail_id, approval, office.queue, NOW)
    assert [line["provenance"]["mail_id"] for line in office.lines()] == mail_ids


def test_a_rejected_record_without_an_act_takes_no_act_away(office: Office) -> None:
    """Its index is -1, which is not the last act."""
    mail_id = office.mail(DISPUTE)
    with db.writing(office.engine) as session:
        review = Review(
            mail_id=mail_id,
            triage_id=session.exec(select(TriageRow.id)).one(),
            controller_id=office.sanne.controller_id,
            decision="approved",
            changes={"records": {"rejected": [{"record_type": RecordType.TASK, "act_index": -1, "intent": COPY}]}},
            decided_at=NOW,
        )
        session.add(review)
    (line,) = office.lines(every=True)
    assert [act["intent"] for act in line["gold"]["acts"]] == ["dispute"]


def test_an_answer_in_the_mail_program_says_nothing_about_the_draft(office: Office) -> None:
    """The colleague did answer, so a mail that is approved without reply needed one all the same."""
    answered, unanswered = office.mail(DISPUTE), office.mail(DISPUTE)
    with db.writing(office.engine) as session:
        sent = store(session, session.get_one(Mailbox, office.mailbox_id), a_mail(), MailState.IGNORED)
        sent.is_sent = True
        session.get_one(StoredMail, answered).answered_by_mail_id = sent.id
    office.approve(answered, reply=None)
    office.approve(unanswered, reply=None)
    assert [line["provenance"]["mail_id"] for line in office.lines()] == [unanswered]
    assert office.lines()[0]["provenance"]["changed"] == ["requires_reply"]
