"""Per mailbox and day: on the server = triaged + parked + ignored + being read; and what a team must know at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from factories.mails import NOW, a_mail, a_mailbox, a_triaged_mail, store
from factories.people import a_viewer
from sqlmodel import Session

from inbox_agent import db
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import DifferenceKind, Mailbox, MailboxDay, MailboxDifference
from inbox_agent.review.alarms import Alarm, AlarmKind, alarms
from inbox_agent.review.reconciliation import Reconciliation, reconciliation

TODAY = NOW.date()


def found(engine: sa.Engine) -> Reconciliation:
    with db.reading(engine) as session:
        return reconciliation(session, [1], NOW)[0]


def compared(session: Session, at: datetime, on_server: int) -> None:
    """That the server held so many mails of today at that instant."""
    session.add(MailboxDay(mailbox_id=1, day=TODAY, on_server=on_server, compared_at=at))
    session.get_one(Mailbox, 1).audited_at = at


def ignored(session: Session, mailbox: Mailbox, reason: str) -> StoredMail:
    row = store(session, mailbox, a_mail(), MailState.IGNORED)
    row.state_reason = reason
    return row


@contextmanager
def counting(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_the_sum_of_everything_and_of_a_day(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        for state in (MailState.FETCHED, MailState.TRIAGED, MailState.PARKED):
            store(session, mailbox, a_mail(), state)
        for number in (12, 345):
            ignored(session, mailbox, f"The same message as mail {number}, byte for byte.")
        ignored(session, mailbox, "Sent by this mailbox itself.")
        compared(session, NOW + timedelta(minutes=1), 6)
    box = found(engine)
    assert (box.fetched, box.mails.total, box.lost) == (6, 6, 0)
    (day,) = box.days
    assert (day.day, day.on_server, day.missing) == (TODAY, 6, 0)
    assert (day.mails.reading, day.mails.triaged, day.mails.parked, day.mails.ignored) == (1, 1, 1, 3)
    assert day.mails.ignored_by == (
        ("The same message as mail …, byte for byte.", 2),
        ("Sent by this mailbox itself.", 1),
    )
    assert box.balanced


def test_what_came_and_went_since_the_comparison_is_counted_in(engine: sa.Engine) -> None:
    """Compared at nine with one mail there; another came at ten, and the first was moved away at eleven."""
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        first, second = (store(session, mailbox, a_mail(), MailState.TRIAGED) for _ in range(2))
        compared(session, NOW, 1)
        first.fetched_at, first.gone_at = NOW - timedelta(minutes=5), NOW + timedelta(hours=2)
        second.fetched_at = NOW + timedelta(hours=1)
    (day,) = found(engine).days
    assert (day.on_server, day.mails.total, day.gone, day.missing) == (1, 1, 1, 0)


def test_a_missing_mail_shows_in_the_sum_and_by_its_message_id(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        store(session, mailbox, a_mail(), MailState.TRIAGED)
        compared(session, NOW + timedelta(minutes=1), 2)
        session.add(
            MailboxDifference(mailbox_id=1, day=TODAY, kind=DifferenceKind.MISSING, source_key="1:9",
                              message_id="<9@boer.example>", noticed_at=NOW)
        )  # fmt: skip
    box = found(engine)
    assert (box.days[0].missing, box.lost, box.balanced) == (1, 0, False)
    assert [(one.message_id, one.mail_id) for one in box.differences] == [("<9@boer.example>", None)]
    assert box.counts == {DifferenceKind.MISSING: 1}


@pytest.mark.parametrize("settled", ["decided", "back"])
def test_a_mail_that_departed_is_listed_until_that_is_settled(engine: sa.Engine, settled: str) -> None:
    with db.writing(engine) as session:
        row = a_triaged_mail(session, a_mailbox(session))
        row.gone_at = NOW
        session.add(
            MailboxDifference(mailbox_id=1, day=TODAY, kind=DifferenceKind.DEPARTED, source_key=row.source_key,
                              message_id=row.message_id, mail_id=row.id, noticed_at=NOW)
        )  # fmt: skip
    (one,) = found(engine).differences
    assert (one.kind, one.mail_id, one.subject) == (DifferenceKind.DEPARTED, row.id, "Factuur 26700001")
    with db.writing(engine) as session:
        kept = session.get_one(StoredMail, row.id)
        if settled == "decided":
            kept.decided_at = NOW
        else:
            kept.gone_at = None
    box = found(engine)
    assert (box.differences, box.counts) == ((), {})


def test_days_are_utc_and_only_the_last_ones(engine: sa.Engine) -> None:
    """Just before and just after midnight UTC are two days, whatever the server's or the reader's zone."""
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        for instant in (midnight, midnight - timedelta(seconds=1), NOW - timedelta(days=20)):
            store(session, mailbox, a_mail(received_at=instant), MailState.TRIAGED)
    assert [(day.day.day, day.mails.total, day.on_server) for day in found(engine).days] == [
        (24, 1, None),
        (23, 1, None),
    ]


def test_days_before_the_first_compared_one_and_after_the_last(engine: sa.Engine) -> None:
    """The start date was moved to yesterday; today began after the comparison."""
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        for days in (0, 1, 3):
            row = store(session, mailbox, a_mail(received_at=NOW - timedelta(days=days)), MailState.TRIAGED)
            row.fetched_at = NOW - timedelta(days=days)
        yesterday = NOW - timedelta(days=1)
        for day, on_server in ((yesterday.date(), 1), (yesterday.date() - timedelta(days=1), 0)):
            session.add(MailboxDay(mailbox_id=1, day=day, on_server=on_server, compared_at=yesterday))
        mailbox.audited_at = yesterday
    box = found(engine)
    assert [(day.day.day, day.on_server) for day in box.days] == [(24, 1), (23, 1), (21, None)]
    assert box.balanced


def test_as_many_queries_for_one_mailbox_as_for_many(engine: sa.Engine) -> None:
    counts = []
    for name in ("a", "b", "c"):
        with db.writing(engine) as session:
            viewer = a_viewer(session, name, "A", a_mailbox(session, name).id or 0)
        with db.reading(engine) as session, counting(engine) as sent:
            assert [box.mailbox_name for box in reconciliation(session, viewer.mailbox_ids, NOW)][-1] == name
            assert reconciliation(session, viewer.mailbox_ids, NOW)[0].settings.teams == ("A",)
            counts.append(len(sent))
    assert len(set(counts)) == 1


@pytest.mark.parametrize(
    ("fields", "kinds"),
    [
        ({"polled_at": NOW - timedelta(minutes=9)}, []),
        ({"polled_at": NOW - timedelta(minutes=11)}, [AlarmKind.STALE]),
        ({"created_at": NOW - timedelta(minutes=11)}, [AlarmKind.STALE]),
        ({"polled_at": NOW - timedelta(minutes=11), "active": False}, []),
        ({"problem": "There is no host.", "problem_since": NOW}, [AlarmKind.UNREADABLE]),
        ({"polled_at": NOW, "sign_in_expires_at": NOW + timedelta(days=8)}, []),
        ({"polled_at": NOW, "sign_in_expires_at": NOW + timedelta(days=7)}, [AlarmKind.EXPIRING]),
        ({"polled_at": NOW, "sign_in_expires_at": NOW}, [AlarmKind.EXPIRED]),
    ],
)
def test_what_a_team_must_know_at_once(engine: sa.Engine, fields: dict[str, object], kinds: list[AlarmKind]) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        a_mailbox(session, "elders").problem = "Not of this team."
        for name, value in fields.items():
            setattr(mailbox, name, value)
    with db.reading(engine) as session:
        assert [alarm.kind for alarm in alarms(session, [1], NOW)] == kinds


def test_a_first_pass_that_takes_long_is_no_standstill(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        mailbox.polled_at = NOW - timedelta(hours=1)
        row = store(session, mailbox, a_mail())
        row.fetched_at = row.changed_at = NOW - timedelta(minutes=9)
    with db.reading(engine) as session:
        assert alarms(session, [1], NOW) == ()
        assert [one.kind for one in alarms(session, [1], NOW + timedelta(minutes=2))] == [AlarmKind.STALE]


def test_missing_mail_is_an_alarm(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        mailbox.polled_at = mailbox.audited_at = NOW
        for kind in DifferenceKind:
            session.add(MailboxDifference(mailbox_id=1, day=TODAY, kind=kind, source_key=kind, noticed_at=NOW))
    with db.reading(engine) as session:
        assert alarms(session, [1], NOW) == (Alarm(AlarmKind.MISSING, 1, "debiteuren", NOW, count=1),)
