"""An audit: mail that polling skipped comes in, what cannot come is listed, and the days' figures add up."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from factories.pipeline import NOW, ListSource, a_mailbox_row, raw_mail
from sqlmodel import select

from inbox_agent import db
from inbox_agent.durable import Queue
from inbox_agent.mailbox.mime import parse
from inbox_agent.mailbox.source import Listed
from inbox_agent.pipeline import audit as module
from inbox_agent.pipeline.audit import Audit, Outcome
from inbox_agent.pipeline.intake import Intake
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import DifferenceKind, Mailbox, MailboxDay, MailboxDifference
from inbox_agent.records.raw_mail import RawStore

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def intake(engine: sa.Engine) -> Intake:
    return Intake(engine, Queue(engine), RawStore(), parse)


@pytest.fixture
def audit(engine: sa.Engine, intake: Intake) -> Audit:
    return Audit(engine, intake)


def at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def mails(count: int) -> list[bytes]:
    return [raw_mail(Message_ID=f"<{number}@boer.example>") for number in range(count)]


def days(engine: sa.Engine) -> dict[date, int]:
    with db.reading(engine) as session:
        return {row.day: row.on_server for row in session.exec(select(MailboxDay)) if row.on_server}


def differences(engine: sa.Engine) -> list[tuple[DifferenceKind, str, str]]:
    with db.reading(engine) as session:
        found = session.exec(select(MailboxDifference).order_by(MailboxDifference.source_key)).all()
        return [(one.kind, one.source_key, one.message_id) for one in found]


def keys(engine: sa.Engine) -> list[str]:
    with db.reading(engine) as session:
        return sorted(session.exec(select(StoredMail.source_key)))


def test_a_mail_that_polling_skipped_comes_in(engine: sa.Engine, intake: Intake, audit: Audit) -> None:
    """The cursor stands beyond it: without an audit nobody would ever see it."""
    box, source = a_mailbox_row(engine), ListSource(mails(3), skipped={1})
    assert intake.take(box, source) == 2
    assert audit.run(box, source, at(NOW)) == Outcome(on_server=3, fetched=1, missing=0, departed=0)
    assert keys(engine) == ["1:0", "1:1", "1:2"]
    assert (days(engine), differences(engine)) == ({NOW.date(): 3}, [])
    with db.reading(engine) as session:
        mailbox = session.get_one(Mailbox, box)
        assert (mailbox.audited_at, mailbox.fetched_count) == (NOW, 3)


def test_what_cannot_be_fetched_is_listed_until_it_can(engine: sa.Engine, audit: Audit) -> None:
    box, source = a_mailbox_row(engine), ListSource(mails(2), undeliverable={1})
    assert audit.run(box, source, at(NOW)).missing == 1
    assert differences(engine) == [(DifferenceKind.MISSING, "1:1", "<1@boer.example>")]
    assert days(engine) == {NOW.date(): 2}, "it counts as being on the server: the page's sum must show the gap"
    again = NOW + timedelta(hours=1)
    audit.run(box, source, at(again))
    with db.reading(engine) as session:
        assert session.exec(select(MailboxDifference.noticed_at)).all() == [NOW]
    source.undeliverable.clear()
    assert audit.run(box, source, at(again)) == Outcome(on_server=2, fetched=1, missing=0, departed=0)
    assert differences(engine) == []


def test_a_mail_that_was_moved_away_is_gone_until_it_is_back(engine: sa.Engine, intake: Intake, audit: Audit) -> None:
    """It is a difference while it waits for a controller; a decided one may lie where the team likes."""
    box, source = a_mailbox_row(engine), ListSource(mails(3))
    intake.take(box, source)
    with db.writing(engine) as session:
        decided = session.exec(select(StoredMail).where(StoredMail.source_key == "1:1")).one()
        decided.decided_at = NOW
    source.gone = {1, 2}
    assert audit.run(box, source, at(LATER - timedelta(days=1))).departed == 0, "that is out of the audit's reach"
    later = db.now() + timedelta(minutes=1)
    source.instants = dict.fromkeys(range(3), later)
    with db.writing(engine) as session:
        session.execute(sa.update(StoredMail).values(received_at=later))
    assert audit.run(box, source, at(later)) == Outcome(on_server=1, fetched=0, missing=0, departed=1)
    assert differences(engine) == [(DifferenceKind.DEPARTED, "1:2", "<2@boer.example>")]
    with db.reading(engine) as session:
        gone = session.exec(select(StoredMail.source_key).where(StoredMail.gone_at.is_not(None))).all()
        assert sorted(gone) == ["1:1", "1:2"]
    source.gone.clear()
    assert audit.run(box, source, at(later)) == Outcome(on_server=3, fetched=0, missing=0, departed=0)
    with db.reading(engine) as session:
        assert session.exec(select(StoredMail).where(StoredMail.gone_at.is_not(None))).all() == []


def test_mail_that_comes_and_goes_meanwhile_is_no_difference(engine: sa.Engine, intake: Intake) -> None:
    """Listed, then moved away before it can be fetched; and one that arrives, and is taken in, after the listing."""

    class Busy(ListSource):
        def list_since(self, day: date) -> Iterator[Listed]:
            yield from list(super().list_since(day))
            if len(self.raws) == 2:
                self.gone.add(1)
                self.raws.append(raw_mail(Message_ID="<new@boer.example>"))
                intake.take(box, self)

    box, source = a_mailbox_row(engine), Busy(mails(2))
    began = db.now()
    source.instants = dict.fromkeys(range(3), began)
    assert Audit(engine, intake).run(box, source, at(began)) == Outcome(on_server=2, fetched=0, missing=0, departed=0)
    assert (keys(engine), differences(engine)) == (["1:0", "1:2"], [])


def test_the_start_date_is_kept_to(engine: sa.Engine, audit: Audit) -> None:
    box = a_mailbox_row(engine)
    with db.writing(engine) as session:
        mailbox = session.get_one(Mailbox, box)
        mailbox.options = {"start_on": "2026-11-23"}
    before = NOW - timedelta(days=2)
    source = ListSource(mails(2), instants={0: before})
    assert audit.run(box, source, at(NOW)).fetched == 1
    assert days(engine) == {NOW.date(): 1}
    with db.reading(engine) as session:
        assert sorted(session.exec(select(MailboxDay.day))) == [date(2026, 11, 23), date(2026, 11, 24)]


def test_more_than_fits_into_one_pass(engine: sa.Engine, audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded: the rest is fetched in further passes, nothing of it is left out."""
    monkeypatch.setattr(module, "_MOST_MISSING", 2)
    box, source = a_mailbox_row(engine), ListSource(mails(5))
    assert audit.run(box, source, at(NOW)) == Outcome(on_server=5, fetched=5, missing=0, departed=0)


def test_ignored_mail_counts_as_on_the_server(engine: sa.Engine, audit: Audit) -> None:
    """The same bytes twice: the second is ignored with a reason, and the sum still is right."""
    box, raw = a_mailbox_row(engine), raw_mail(Message_ID="<1@boer.example>")
    assert audit.run(box, ListSource([raw, raw]), at(NOW)).on_server == 2
    with db.reading(engine) as session:
        assert sorted(session.exec(select(StoredMail.state))) == [MailState.FETCHED, MailState.IGNORED]


def test_when_the_sign_in_ends_is_kept(engine: sa.Engine, audit: Audit) -> None:
    box = a_mailbox_row(engine)
    audit.run(box, replace(ListSource(), expires_at=LATER), at(NOW))
    with db.reading(engine) as session:
        assert session.get_one(Mailbox, box).sign_in_expires_at == LATER
