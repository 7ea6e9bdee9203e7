"""What an audit found of one mailbox, and how it is kept: figures a day, and the differences one by one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from inbox_agent.mailbox.source import Listed
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import DifferenceKind, MailboxDay, MailboxDifference

_One = TypeVar("_One")

CHUNK = 500
"""Keys or ids of one statement, well below what either database takes."""

_MOST_LISTED = 500
"""Differences of each kind that are listed one by one; the days' figures count all of them."""


class Comparison:
    """What stored mail shows: how many of each day are there, whose key is no longer listed, whose is again; and which of
    those that are gone still wait for a controller."""

    def __init__(self, days: Counter[date]) -> None:
        self.days = days
        self.gone: list[int] = []
        self.back: list[int] = []
        self.departed: list[int] = []
        self.departed_count = 0

    def depart(self, mail_id: int) -> None:
        """Keeps the first ones and counts them all."""
        self.departed_count += 1
        if len(self.departed) < _MOST_LISTED:
            self.departed.append(mail_id)


def keep(session: Session, mailbox_id: int, found: Comparison, missing: Sequence[Listed], now: datetime) -> None:
    """Replaces what the previous audit of this mailbox found; when a difference was noticed first stays."""
    for mail_ids, gone_at in ((found.gone, now), (found.back, None)):
        for chunk in chunks(mail_ids, CHUNK):
            session.execute(sa.update(StoredMail).where(col(StoredMail.id).in_(chunk)).values(gone_at=gone_at))
    before = select(MailboxDifference.source_key, MailboxDifference.noticed_at).where(
        MailboxDifference.mailbox_id == mailbox_id
    )
    noticed = dict(session.exec(before).all())
    for table in (MailboxDay, MailboxDifference):
        session.execute(sa.delete(table).where(col(table.mailbox_id) == mailbox_id))
    session.add_all(
        MailboxDay(mailbox_id=mailbox_id, day=day, on_server=count, compared_at=now)
        for day, count in found.days.items()
    )
    session.add_all(
        MailboxDifference(
            mailbox_id=mailbox_id,
            day=day_of(one.received_at),
            kind=DifferenceKind.MISSING,
            source_key=one.source_key,
            message_id=one.message_id[:1000],
            noticed_at=noticed.get(one.source_key, now),
        )
        for one in missing[:_MOST_LISTED]
    )
    for row in session.exec(select(StoredMail).where(col(StoredMail.id).in_(found.departed))):
        session.add(
            MailboxDifference(
                mailbox_id=mailbox_id,
                day=day_of(row.received_at),
                kind=DifferenceKind.DEPARTED,
                source_key=row.source_key,
                message_id=row.message_id,
                mail_id=row.id,
                noticed_at=noticed.get(row.source_key, now),
            )
        )


def day_of(instant: datetime) -> date:
    """The UTC day by which mails are compared."""
    return instant.astimezone(UTC).date()


def chunks(items: Iterable[_One], size: int) -> Iterator[list[_One]]:
    """`items` in lists of `size`, read as they are asked for."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
