"""The proof that nothing is lost: per mailbox and day, what is on the server and what became of it, and every difference."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from inbox_agent.db import utc_day
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import DifferenceKind, Mailbox, MailboxDay
from inbox_agent.records.people import MailboxTeam, Team
from inbox_agent.review.differences import Difference, counts, differences
from inbox_agent.review.mailbox_settings import MailboxSettings, settings_of

DAYS = 14
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Tally:
    """How far the machine is with a number of mails. `ignored_by`: for which reasons how many, the most frequent first."""

    reading: int = 0
    triaged: int = 0
    parked: int = 0
    ignored: int = 0
    ignored_by: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        """All of them."""
        return self.reading + self.triaged + self.parked + self.ignored


@dataclass(frozen=True, slots=True)
class DayRow:
    """The mails of one day (UTC). `on_server` is what the server held when last compared, with what came and went since;
    None while the day was not compared. `gone` were taken in and lie there no longer: they are not part of the sum.
    """

    day: date
    on_server: int | None
    mails: Tally
    gone: int = 0

    @property
    def missing(self) -> int:
        """How many are on the server and not here; below zero: here, and neither there nor noticed to be gone."""
        return 0 if self.on_server is None else self.on_server - self.mails.total


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One mailbox: all that was ever fetched of it, its last days beside the server, and how it is looked after.

    `polled_at` is the last time that it was read, `audited_at` that everything in it was compared. `problem` "" is none.
    """

    mailbox_id: int
    mailbox_name: str
    settings: MailboxSettings
    fetched: int
    mails: Tally
    polled_at: datetime | None
    audited_at: datetime | None
    sign_in_expires_at: datetime | None
    problem: str
    days: tuple[DayRow, ...] = ()
    differences: tuple[Difference, ...] = ()
    counts: Counter[DifferenceKind] = field(default_factory=Counter)

    @property
    def lost(self) -> int:
        """Fetched mails that are not accounted for: none, unless somebody deleted rows."""
        return self.fetched - self.mails.total

    @property
    def balanced(self) -> bool:
        """Whether every fetched mail is accounted for, and every mail of the server was fetched."""
        return not self.lost and not any(day.missing for day in self.days)


def reconciliation(
    session: Session, mailbox_ids: Sequence[int], now: datetime, days: int = DAYS
) -> tuple[Reconciliation, ...]:
    """These mailboxes, by name, with the last `days` days. Six queries, whatever the mailboxes."""
    first = now.astimezone(UTC).date() - timedelta(days=days - 1)
    mailboxes = list(
        session.scalars(sa.select(Mailbox).where(col(Mailbox.id).in_(mailbox_ids)).order_by(col(Mailbox.name)))
    )
    teams = _teams(session, mailbox_ids)
    totals = _totals(session, mailbox_ids)
    by_day = _days(session, mailbox_ids, first)
    listed = differences(session, mailbox_ids)
    counted = counts(session, mailbox_ids)
    return tuple(
        Reconciliation(
            mailbox_id=mailbox_id,
            mailbox_name=mailbox.name,
            settings=settings_of(mailbox, teams.get(mailbox_id, ())),
            fetched=mailbox.fetched_count,
            mails=totals.get(mailbox_id, Tally()),
            polled_at=mailbox.polled_at,
            audited_at=mailbox.audited_at,
            sign_in_expires_at=mailbox.sign_in_expires_at,
            problem=mailbox.problem,
            days=tuple(by_day.get(mailbox_id, ())),
            differences=tuple(listed.get(mailbox_id, ())),
            counts=counted.get(mailbox_id, Counter()),
        )
        for mailbox in mailboxes
        if (mailbox_id := mailbox.id) is not None
    )


def _teams(session: Session, mailbox_ids: Sequence[int]) -> dict[int, list[str]]:
    wanted = (
        sa.select(col(MailboxTeam.mailbox_id), col(Team.name))
        .join(Team, col(Team.id) == col(MailboxTeam.team_id))
        .where(col(MailboxTeam.mailbox_id).in_(mailbox_ids))
        .order_by(col(Team.name))
    )
    found: dict[int, list[str]] = {}
    for mailbox_id, name in session.execute(wanted):
        found.setdefault(mailbox_id, []).append(name)
    return found


def _totals(session: Session, mailbox_ids: Sequence[int]) -> dict[int, Tally]:
    counted = (
        sa.select(col(StoredMail.mailbox_id), col(StoredMail.state), sa.func.count())
        .where(col(StoredMail.mailbox_id).in_(mailbox_ids))
        .group_by(col(StoredMail.mailbox_id), col(StoredMail.state))
    )
    found: dict[int, Counter[tuple[MailState, str]]] = {}
    for mailbox_id, state, count in session.execute(counted):
        found.setdefault(mailbox_id, Counter())[state, ""] += count
    return {mailbox_id: _tally(states) for mailbox_id, states in found.items()}


def _days(session: Session, mailbox_ids: Sequence[int], first: date) -> dict[int, list[DayRow]]:
    """Every day since `first` that the server or the product has mail of, the latest first."""
    day, compared_at = utc_day(col(StoredMail.received_at)), col(Mailbox.audited_at)
    is_here, reason = col(StoredMail.gone_at).is_(None), _reason()
    came = sa.and_(is_here, col(StoredMail.fetched_at) > compared_at)
    went = sa.and_(col(StoredMail.gone_at) > compared_at, col(StoredMail.fetched_at) <= compared_at)
    grouped = (
        sa.select(
            col(StoredMail.mailbox_id), day.label("day"), col(StoredMail.state), reason.label("reason"),
            is_here.label("here"), sa.func.count(), _sum(came), _sum(went),
        )
        .join(Mailbox, col(Mailbox.id) == col(StoredMail.mailbox_id))
        .where(
            col(StoredMail.mailbox_id).in_(mailbox_ids),
            col(StoredMail.received_at) >= datetime.combine(first, time.min, UTC),
        )
        .group_by(col(StoredMail.mailbox_id), sa.text("day"), col(StoredMail.state), sa.text("reason"), sa.text("here"))
    )  # fmt: skip
    compared = {
        (row.mailbox_id, row.day): row.on_server
        for row in session.scalars(
            sa.select(MailboxDay).where(col(MailboxDay.mailbox_id).in_(mailbox_ids), col(MailboxDay.day) >= first)
        )
    }
    days = {key: _Day() for key in compared}
    for mailbox_id, on, state, why, here, count, came_since, went_since in session.execute(grouped):
        found = days.setdefault((mailbox_id, on), _Day())
        found.since += came_since - went_since
        if here:
            found.states[state, _NUMBER.sub("…", why)] += count
        else:
            found.gone += count
    last = {mailbox_id: max(day for one, day in compared if one == mailbox_id) for mailbox_id, _ in compared}
    rows: dict[int, list[DayRow]] = {}
    for (mailbox_id, on), found in sorted(days.items(), key=lambda item: item[0][1], reverse=True):
        is_compared = (mailbox_id, on) in compared or on > last.get(mailbox_id, date.max)
        there = compared.get((mailbox_id, on), 0) + found.since if is_compared else None
        row = DayRow(on, there, _tally(found.states), found.gone)
        if row.on_server or row.mails.total or row.gone:
            rows.setdefault(mailbox_id, []).append(row)
    return rows


class _Day:
    """What is stored of one day while it is counted; `since`: what came less what went since the comparison."""

    def __init__(self) -> None:
        self.states: Counter[tuple[MailState, str]] = Counter()
        self.since = 0
        self.gone = 0


def _reason() -> sa.ColumnElement[str]:
    """Why a mail is ignored; "" for any other: a parked one has its sentence in the queue."""
    return sa.case((col(StoredMail.state) == MailState.IGNORED, col(StoredMail.state_reason)), else_="")


def _sum(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _tally(states: Counter[tuple[MailState, str]]) -> Tally:
    by_state: Counter[MailState] = Counter()
    reasons: Counter[str] = Counter()
    for (state, reason), count in states.items():
        by_state[state] += count
        if reason:
            reasons[reason] += count
    return Tally(
        by_state[MailState.FETCHED],
        by_state[MailState.TRIAGED],
        by_state[MailState.PARKED],
        by_state[MailState.IGNORED],
        tuple(reasons.most_common()),
    )
