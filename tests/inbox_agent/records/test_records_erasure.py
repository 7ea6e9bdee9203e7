"""Erasing a customer: nothing they wrote can be found in the database any more, and the sums stay what they were."""

import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import NOW, a_mail, a_mailbox, a_triaged_mail, store
from factories.people import a_viewer
from sqlmodel import Session, SQLModel, select

from inbox_agent import db
from inbox_agent.domain.errors import Conflict, NotAllowed, NotFound
from inbox_agent.domain.mail import Address
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.durable import Queue
from inbox_agent.ledger.tables import CustomerRow
from inbox_agent.records.dispute import Dispute, DisputeInvoice
from inbox_agent.records.erasure import Erased, erase_customer
from inbox_agent.records.mail import MailState, StoredMail, Thread
from inbox_agent.records.raw_mail import RawMail, RawStore
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import Review, TriageRow
from inbox_agent.review import decide, detail, outbox
from inbox_agent.review.reconciliation import reconciliation
from inbox_agent.review.views import Approval, UploadedFile, Viewer

SECRET = "geheimzinnig"


class Story:
    """Two mails of a customer, the second unrecognised in its thread, both answered; and one mail of somebody else."""

    def __init__(self, engine: sa.Engine, queue: Queue, raw_store: RawStore) -> None:
        self.engine, self.queue, self.raw_store = engine, queue, raw_store
        with db.writing(engine) as session:
            mailbox = a_mailbox(session)
            self.viewer: Viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
            company = a_company(session)
            self.customer: CustomerRow = a_customer(session, company, "10014")
            other = a_customer(session, company, "10027")
            raw = SECRET.encode()
            self.first = self._mail(session, mailbox, customer=self.customer, raw=raw)
            thread = session.get_one(Thread, self.first.thread_id)
            self.second = self._mail(session, mailbox, thread=thread, raw=raw + b"2")
            self.other: StoredMail = a_triaged_mail(
                session, mailbox, customer=other, raw=b"of another", raw_store=raw_store
            )
            self.mailbox = mailbox

    def _mail(self, session: Session, mailbox: object, **fields: object) -> StoredMail:
        mail = a_mail(
            sender=Address(f"{SECRET}@x.example", SECRET), subject=SECRET, text=f"{SECRET} klopt niet", message_id=""
        )
        return a_triaged_mail(session, mailbox, Intent.DISPUTE, mail=mail, raw_store=self.raw_store, **fields)  # type: ignore[arg-type]

    def answer(self, state: ReplyState) -> int:
        approval = Approval(
            2,
            subject=f"Re {SECRET}",
            reply=f"Beste {SECRET}",
            to=(f"{SECRET}@x.example",),
            cc=(f"{SECRET}2@x.example",),
            checked=(f"{SECRET}@x.example", f"{SECRET}2@x.example"),
            files=(UploadedFile(f"{SECRET}.txt", SECRET.encode() * 2),),
        )
        with db.writing(self.engine) as session:
            reply = decide.approve(
                session, self.viewer, self.first.id or 0, approval, self.queue, NOW, raw_store=self.raw_store
            )
            assert reply is not None
            reply.state = state
            decide.dismiss(session, self.viewer, self.second.id or 0, 2, f"{SECRET} is weg", self.queue, NOW)
            return reply.id or 0

    def erase(self) -> Erased:
        with db.writing(self.engine) as session:
            return erase_customer(session, "HMT", "10014", self.raw_store, NOW)


@pytest.fixture(params=["database", "folder"])
def story(request: pytest.FixtureRequest, engine: sa.Engine, queue_door: Queue, tmp_path: Path) -> Story:
    folder = tmp_path / "raw" if request.param == "folder" else None
    return Story(engine, queue_door, RawStore(folder))


def everything(engine: sa.Engine) -> str:
    """All rows of all tables as one text."""
    with engine.connect() as connection:
        return "\n".join(
            str(tuple(row)) for table in SQLModel.metadata.sorted_tables for row in connection.execute(table.select())
        )


def test_nothing_is_left_of_what_was_written(story: Story) -> None:
    story.answer(ReplyState.DELIVERED)
    assert everything(story.engine).count(SECRET) > 10
    assert story.erase() == Erased(mails=2, raws=3, replies=1)
    assert SECRET not in everything(story.engine)
    assert story.erase() == Erased(mails=0, raws=0, replies=0)
    with db.reading(story.engine) as session:
        raws = session.exec(select(RawMail)).all()
        assert sorted(row.erased_at is not None for row in raws) == [False, True, True, True]
        with pytest.raises(NotFound, match="erased"):
            detail.raw(session, story.viewer, story.first.id or 0, story.raw_store)
        other = detail.detail(session, story.viewer, story.other.id or 0)
        assert other.mail is not None
        assert other.triage is not None


def test_rows_decisions_and_sums_stay(story: Story) -> None:
    story.answer(ReplyState.DELIVERED)
    story.erase()
    with db.reading(story.engine) as session:
        shown = detail.detail(session, story.viewer, story.first.id or 0)
        assert (shown.mail, shown.triage, shown.intents, shown.state) == (
            None,
            None,
            (Intent.DISPUTE,),
            MailState.TRIAGED,
        )
        assert shown.decision is not None
        assert shown.reply is not None
        assert (shown.reply.body, shown.reply.state) == (None, ReplyState.DELIVERED)
        assert [one.amount_minor for one in session.exec(select(Dispute))] == [12100] * 3
        assert len(session.exec(select(DisputeInvoice)).all()) == 3
        assert [one.intents for one in session.exec(select(TriageRow))] == ["dispute"] * 3
        changes = session.exec(select(Review.changes)).all()[0]
        assert changes["body"] == {"erased": True}
        assert changes["records"]["rejected"][0]["intent"] == "dispute"
        assert reconciliation(session, story.viewer.mailbox_ids, NOW)[0].balanced


def test_while_a_reply_is_being_sent_nothing_is_erased(story: Story) -> None:
    story.answer(ReplyState.DELIVERING)
    with pytest.raises(Conflict, match="being sent"):
        story.erase()
    assert SECRET in everything(story.engine)


def test_an_erased_reply_is_not_sent_again(story: Story) -> None:
    reply_id = story.answer(ReplyState.UNCERTAIN)
    story.erase()
    with pytest.raises(NotAllowed, match="erased"), db.writing(story.engine) as session:
        outbox.resend(session, story.viewer, reply_id, story.queue, NOW)
    with db.reading(story.engine) as session:
        assert session.get_one(OutgoingReply, reply_id).state is ReplyState.UNCERTAIN


def test_an_original_that_another_customers_mail_shares_is_kept(story: Story) -> None:
    with db.writing(story.engine) as session:
        session.get_one(StoredMail, story.other.id).raw_sha256 = story.first.raw_sha256
    assert story.erase().raws == 1
    with db.reading(story.engine) as session:
        assert detail.raw(session, story.viewer, story.other.id or 0, story.raw_store) == SECRET.encode()


def test_a_copy_is_erased_with_the_mail_that_was_read_for_it(story: Story) -> None:
    """Another mailbox got the same mail; nobody read it there, so it bears no customer of its own."""
    with db.writing(story.engine) as session:
        elsewhere = a_mailbox(session, "facturen")
        again = a_mail(sender=Address(f"{SECRET}@x.example", SECRET), subject=SECRET, text=SECRET)
        copy = store(
            session, elsewhere, again, MailState.IGNORED, raw=SECRET.encode() + b"3", raw_store=story.raw_store
        )
        copy.copy_of, copy.content_sha256 = story.first.id, "a" * 64
    assert story.erase() == Erased(mails=3, raws=3, replies=0)
    assert SECRET not in everything(story.engine)
    with db.reading(story.engine) as session:
        assert session.get_one(StoredMail, copy.id).content_sha256 == ""


def test_an_unknown_customer(story: Story) -> None:
    for company, number in (("HMT", "99999"), ("NOPE", "10014")):
        with pytest.raises(NotFound), db.writing(story.engine) as session:
            erase_customer(session, company, number, story.raw_store, NOW)


def test_on_sqlite_the_file_no_longer_holds_it(story: Story) -> None:
    if story.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL vacuums on its own schedule")
    story.answer(ReplyState.DELIVERED)
    story.erase()
    with story.engine.connect() as connection:
        connection.rollback()
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert SECRET.encode() not in Path(story.engine.url.database or "").read_bytes()


def test_bytes_that_come_in_again_during_an_erasure_are_kept(engine: sa.Engine, tmp_path: Path) -> None:
    """Another mailbox takes in the very same bytes and is not yet committed: they must not vanish under it."""
    store = RawStore(tmp_path)
    story = Story(engine, Queue(engine), store)
    begun, erased = threading.Event(), threading.Event()

    def erase() -> None:
        begun.wait()
        with db.writing(engine) as session:
            erase_customer(session, "HMT", "10014", store, NOW)
        erased.set()

    thread = threading.Thread(target=erase)
    thread.start()
    with db.writing(engine) as session:
        a_triaged_mail(session, a_mailbox(session, "andere"), raw=SECRET.encode(), raw_store=store)
        begun.set()
        assert not erased.wait(1)
    thread.join(timeout=60)
    assert erased.is_set()
    with db.reading(engine) as session:
        assert store.get(session, story.first.raw_sha256) == SECRET.encode()


def test_a_reply_that_is_sent_again_during_an_erasure_makes_it_wait(engine: sa.Engine) -> None:
    """Whoever comes second sees what the first one did; the two never wait for each other."""
    story = Story(engine, Queue(engine), RawStore())
    reply_id = story.answer(ReplyState.UNCERTAIN)
    begun, outcome = threading.Event(), []

    def erase() -> None:
        begun.wait()
        try:
            with db.writing(engine) as session:
                outcome.append(erase_customer(session, "HMT", "10014", RawStore(), NOW))
        except Conflict as error:
            outcome.append(error)

    thread = threading.Thread(target=erase)
    thread.start()
    with db.writing(engine) as session:
        outbox.resend(session, story.viewer, reply_id, story.queue, NOW)
        begun.set()
        time.sleep(0.5)
    thread.join(timeout=60)
    assert isinstance(outcome[0], Conflict)
    with db.reading(engine) as session:
        assert session.get_one(OutgoingReply, reply_id).body is not None
