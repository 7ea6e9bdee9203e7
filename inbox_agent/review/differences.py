"""The mails by which a mailbox and the product differ, as last compared."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import DifferenceKind, MailboxDifference

_LISTED = 20
"""Differences of each kind that are shown of a mailbox."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One mail by which server and product differ. `mail_id` None: it was not taken in."""

    kind: DifferenceKind
    day: date
    message_id: str
    source_key: str
    mail_id: int | None
    subject: str
    noticed_at: datetime


_IS_ONE = sa.or_(
    col(MailboxDifference.kind) == DifferenceKind.MISSING,
    sa.and_(col(StoredMail.decided_at).is_(None), col(StoredMail.gone_at).is_not(None)),
)
"""A departed mail is no difference any more once it was decided, or is back."""


def differences(session: Session, mailbox_ids: Sequence[int]) -> dict[int, list[Difference]]:
    """The latest of each kind of each mailbox (by id), what is missing first. One query."""
    place = sa.func.row_number().over(
        partition_by=(col(MailboxDifference.mailbox_id), col(MailboxDifference.kind)),
        order_by=(col(MailboxDifference.day).desc(), col(MailboxDifference.id).desc()),
    )
    numbered = (
        sa.select(
            col(MailboxDifference.id),
            col(MailboxDifference.mailbox_id),
            col(StoredMail.subject),
            place.label("place"),
        )
        .outerjoin(StoredMail, col(StoredMail.id) == col(MailboxDifference.mail_id))
        .where(col(MailboxDifference.mailbox_id).in_(mailbox_ids), _IS_ONE)
        .subquery()
    )
    wanted = (
        sa.select(MailboxDifference, numbered.c.subject)
        .join(numbered, numbered.c.id == col(MailboxDifference.id))
        .where(numbered.c.place <= _LISTED)
        .order_by(
            col(MailboxDifference.kind).desc(), col(MailboxDifference.day).desc(), col(MailboxDifference.id).desc()
        )
    )
    found: dict[int, list[Difference]] = {}
    for row, subject in session.execute(wanted):
        found.setdefault(row.mailbox_id, []).append(
            Difference(row.kind, row.day, row.message_id, row.source_key, row.mail_id, subject or "", row.noticed_at)
        )
    return found


def counts(session: Session, mailbox_ids: Sequence[int]) -> dict[int, Counter[DifferenceKind]]:
    """How many there are of each kind in each mailbox (by id). One query."""
    counted = (
        sa.select(col(MailboxDifference.mailbox_id), col(MailboxDifference.kind), sa.func.count())
        .outerjoin(StoredMail, col(StoredMail.id) == col(MailboxDifference.mail_id))
        .where(col(MailboxDifference.mailbox_id).in_(mailbox_ids), _IS_ONE)
        .group_by(col(MailboxDifference.mailbox_id), col(MailboxDifference.kind))
    )
    found: dict[int, Counter[DifferenceKind]] = {}
    for mailbox_id, kind, count in session.execute(counted):
        found.setdefault(mailbox_id, Counter())[kind] = count
    return found
