"""What a team must know of its mailboxes at once: a banner on every page, and the exit code of `mailbox status`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col

from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import DifferenceKind, Mailbox, MailboxDifference

STALE_AFTER = timedelta(minutes=10)
"""A mailbox that was not read for so long has mail that nobody sees."""

EXPIRES_SOON = timedelta(days=7)


class AlarmKind(StrEnum):
    """unreadable: it fails, `detail` says why. stale: nobody reads it. missing: `count` mails could not be taken in.
    expired, expiring: its sign-in ends, or did, at `since`."""

    UNREADABLE = "unreadable"
    STALE = "stale"
    MISSING = "missing"
    EXPIRED = "expired"
    EXPIRING = "expiring"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that somebody has to do something about. `since` None: from the beginning."""

    kind: AlarmKind
    mailbox_id: int
    mailbox_name: str
    since: datetime | None = None
    detail: str = ""
    count: int = 0


def alarms(session: Session, mailbox_ids: Sequence[int], now: datetime) -> tuple[Alarm, ...]:
    """Of the active ones of these mailboxes, by name. One query."""
    missing = (
        sa.select(sa.func.count())
        .where(
            col(MailboxDifference.mailbox_id) == col(Mailbox.id),
            col(MailboxDifference.kind) == DifferenceKind.MISSING,
        )
        .scalar_subquery()
    )
    arriving = (
        sa.select(col(StoredMail.id))
        .where(
            col(StoredMail.mailbox_id) == col(Mailbox.id),
            col(StoredMail.changed_at) > now - STALE_AFTER,  # never before it was fetched, and there is an index
            col(StoredMail.fetched_at) > now - STALE_AFTER,
        )
        .exists()
    )
    wanted = sa.select(Mailbox, missing, arriving).where(col(Mailbox.id).in_(mailbox_ids), col(Mailbox.active))
    return tuple(
        alarm
        for mailbox, count, arrives in session.execute(wanted.order_by(col(Mailbox.name)))
        for alarm in _of(mailbox, count, arrives, now)
    )


def _of(mailbox: Mailbox, missing: int, arrives: bool, now: datetime) -> list[Alarm]:
    """A first pass over a hundred thousand mails takes long: while they arrive, nobody is missing."""
    assert mailbox.id is not None
    found: list[Alarm] = []
    if mailbox.problem:
        since = mailbox.problem_since
        found.append(Alarm(AlarmKind.UNREADABLE, mailbox.id, mailbox.name, since, mailbox.problem))
    elif not arrives and now - (mailbox.polled_at or mailbox.created_at) > STALE_AFTER:
        found.append(Alarm(AlarmKind.STALE, mailbox.id, mailbox.name, mailbox.polled_at))
    if missing:
        found.append(Alarm(AlarmKind.MISSING, mailbox.id, mailbox.name, mailbox.audited_at, count=missing))
    ends = mailbox.sign_in_expires_at
    if ends is not None and ends - now <= EXPIRES_SOON:
        kind = AlarmKind.EXPIRED if ends <= now else AlarmKind.EXPIRING
        found.append(Alarm(kind, mailbox.id, mailbox.name, ends))
    return found
