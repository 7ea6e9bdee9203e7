"""The queue: lists, search, counts, a fixed number of queries, and a version that changes with what is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import NOW, a_mail, a_mailbox, a_triaged_mail, store
from factories.people import a_viewer
from sqlmodel import Session

from inbox_agent import db
from inbox_agent.domain.mail import Address
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.records.mail import MailState, StoredMail, Thread
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.people import Role
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import Review
from inbox_agent.review import decide
from inbox_agent.review.queue import queue, version
from inbox_agent.review.views import QueueFilter, QueuePage, QueueView, Viewer
from inbox_agent.review.visible import visible_mailboxes


def page(engine: sa.Engine, viewer: Viewer, view: QueueView = QueueView.OPEN, **fields: object) -> QueuePage:
    with db.reading(engine) as session:
        return queue(session, viewer, QueueFilter(view, **fields), NOW)  # type: ignore[arg-type]


def ids(found: QueuePage) -> list[int]:
    return [row.mail_id for row in found.rows]


@contextmanager
def counting(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements sent to the database in the block."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


def decided(session: Session, row: StoredMail, viewer: Viewer, minutes: int) -> None:
    row.decided_at, row.decided_by = NOW + timedelta(minutes=minutes), viewer.controller_id
    session.add(row)


def test_the_lists(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        first = a_triaged_mail(session, mailbox)
        second = a_triaged_mail(session, mailbox)
        parked = store(session, mailbox, a_mail(), MailState.PARKED)
        fetched = store(session, mailbox, a_mail())
        store(session, mailbox, a_mail(), MailState.IGNORED)
        done_late, done_early = a_triaged_mail(session, mailbox), a_triaged_mail(session, mailbox)
        decided(session, done_late, viewer, 2)
        decided(session, done_early, viewer, 1)
        session.get_one(Thread, second.thread_id).assigned_to = viewer.controller_id
    assert ids(page(engine, viewer)) == [fetched.id, parked.id, second.id, first.id]
    assert ids(page(engine, viewer, QueueView.MINE)) == [second.id]
    assert ids(page(engine, viewer, QueueView.PARKED)) == [parked.id]
    assert ids(page(engine, viewer, QueueView.DONE)) == [done_late.id, done_early.id]
    assert page(engine, viewer).counts == {
        QueueView.OPEN: 4, QueueView.MINE: 1, QueueView.PARKED: 1, QueueView.DONE: 2, QueueView.IGNORED: 1
    }  # fmt: skip
    assert page(engine, viewer).rows[2].assigned_name == "Sanne"


def test_a_row_shows_what_is_known(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        customer = a_customer(session, a_company(session), "10014", name="De Boer & Zn.")
        a_triaged_mail(session, mailbox, Intent.DISPUTE, Intent.INVOICE_COPY_REQUEST, customer=customer)
    row = page(engine, viewer).rows[0]
    assert (row.customer_name, row.customer_number, row.sender_name) == ("De Boer & Zn.", "10014", "Jan de Boer")
    assert row.intents == (Intent.DISPUTE, Intent.INVOICE_COPY_REQUEST)
    assert (row.confidence, row.has_draft, row.reply_state, row.mailbox_name) == (0.8, True, None, "debiteuren")


def test_another_teams_mailbox_does_not_exist(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mine, other = a_mailbox(session), a_mailbox(session, "export")
        viewer = a_viewer(session, "Sanne", "A", mine.id or 0)
        a_triaged_mail(session, other)
        other.problem = "down"
        before = version(session, viewer)
        a_triaged_mail(session, other)
        assert version(session, viewer) == before
    for view in QueueView:
        found = page(engine, viewer, view)
        assert (found.rows, found.total) == ((), 0)
    assert page(engine, viewer, mailbox_id=other.id).total == 0
    with db.reading(engine) as session:
        assert visible_mailboxes(session, viewer) == ((mine.id, "debiteuren"),)


def test_without_a_team_there_is_nothing(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        a_triaged_mail(session, a_mailbox(session))
        viewer = a_viewer(session, "Sanne", "A")
    found = page(engine, viewer)
    assert (found.rows, found.pages, found.page) == ((), 1, 1)


@pytest.mark.parametrize(
    ("search", "hit"),
    [
        ("boer.example", True),
        ("JAN", True),
        ("26700001", True),
        ("10014", True),
        ("zonneschijn factuur", True),
        ("zonneschijn reclame", False),
        ("100%", False),
        ("_", False),
        ("jan\x00", True),
    ],
)
def test_search(engine: sa.Engine, search: str, hit: bool) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        customer = a_customer(session, a_company(session), "10014", name="Zonneschijn B.V.")
        a_triaged_mail(session, mailbox, customer=customer)
        other = a_mail(sender=Address("piet@elders.example", "Piet"), subject="Groeten")
        a_triaged_mail(session, mailbox, mail=other)
    found = page(engine, viewer, search=search)
    assert (found.total, len(found.rows)) == ((1, 1) if hit else (0, 0))
    assert found.counts[QueueView.OPEN] == 2


def test_the_intent_filter_follows_corrections(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        row = a_triaged_mail(session, mailbox, Intent.DISPUTE, Intent.PROMISE_TO_PAY)
        store(session, mailbox, a_mail())
    assert ids(page(engine, viewer, intent=Intent.PROMISE_TO_PAY)) == [row.id]
    assert ids(page(engine, viewer, intent=Intent.OTHER_QUERY)) == []
    with db.writing(engine) as session:
        lead = a_viewer(session, "Lead", "A", role=Role.TEAM_LEAD)
        decide.reclassify(session, lead, row.id or 0, row.version, (Intent.OTHER_QUERY, Intent.BANK_DETAILS), NOW)
    assert ids(page(engine, viewer, intent=Intent.PROMISE_TO_PAY)) == []
    assert ids(page(engine, viewer, intent=Intent.OTHER_QUERY)) == [row.id]
    assert page(engine, viewer).rows[1].intents == (Intent.OTHER_QUERY, Intent.BANK_DETAILS)


def test_pages_of_fifty(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        for _ in range(51):
            store(session, mailbox, a_mail())
    first, last = page(engine, viewer), page(engine, viewer, page=10**12)
    assert (len(first.rows), first.page, first.pages, first.total) == (50, 1, 2, 51)
    assert (len(last.rows), last.page) == (1, 2)
    assert page(engine, viewer, page=-4).page == 1


@pytest.mark.parametrize("fields", [{}, {"search": "jan", "intent": Intent.DISPUTE}])
def test_the_number_of_queries_does_not_grow(engine: sa.Engine, fields: dict[str, object]) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        customer = a_customer(session, a_company(session), "10014")
        a_triaged_mail(session, mailbox, customer=customer)
    with counting(engine) as one:
        page(engine, viewer, **fields)
    with db.writing(engine) as session:
        mailbox = session.get_one(Mailbox, mailbox.id)
        for _ in range(40):
            a_triaged_mail(session, mailbox, customer=customer)
    with counting(engine) as many:
        assert len(page(engine, viewer, **fields).rows) == 41
    assert len(many) == len(one) <= 6
    with counting(engine) as asked, db.reading(engine) as session:
        version(session, viewer)
    assert len([statement for statement in asked if not statement.startswith("BEGIN")]) == 1


def test_the_version_changes_when_the_queue_does(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        seen = [version(session, viewer)]

        def note() -> None:
            session.flush()
            seen.append(version(session, viewer))

        row = a_triaged_mail(session, mailbox)
        note()
        row.state_reason, row.version = "late commit with an earlier instant", 3
        row.changed_at = NOW - timedelta(minutes=1)
        note()
        review = Review(mail_id=row.id, controller_id=viewer.controller_id, decision="approved", decided_at=NOW)
        session.add(review)
        session.flush()
        reply = OutgoingReply(
            mail_id=row.id, mailbox_id=mailbox.id, review_id=review.id, message_id="<1@x>", approved_by=viewer.controller_id,
            approved_at=NOW, send_after=NOW, changed_at=NOW,
        )  # fmt: skip
        session.add(reply)
        note()
        reply.state = ReplyState.DELIVERING
        note()
        reply.state = ReplyState.DELIVERED
        note()
        mailbox.problem, mailbox.problem_since = "The host does not answer.", NOW
        note()
        assert len(set(seen[:4])) == 4
        assert seen[4] not in seen[3:4]
        assert seen[6] not in seen[:6]
        mailbox.polled_at = NOW
        note()
        assert seen[-1] == seen[-2]
