"""Figures for a monitoring system: what was read and sent, and how long mail waits. One query a figure, whatever the size."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import DifferenceKind, Mailbox, MailboxDifference
from inbox_agent.records.reply import OutgoingReply, ReplyState


@dataclass(frozen=True, slots=True)
class MailboxFigures:
    """One mailbox. Ages are in seconds, None before the first poll or comparison; `has_problem`: it cannot be read at the moment.

    `missing` mails are on the server and could not be taken in. `sign_in_left` is how many seconds its sign-in still is valid,
    None when that cannot be known.
    """

    name: str
    fetched: int
    mails: dict[MailState, int]
    poll_age: float | None
    has_problem: bool
    audit_age: float | None = None
    missing: int = 0
    sign_in_left: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The whole product. `oldest_open_age` is in seconds, zero when nothing is open."""

    mailboxes: tuple[MailboxFigures, ...] = ()
    replies: dict[ReplyState, int] = field(default_factory=dict)
    open_mails: int = 0
    oldest_open_age: float = 0.0


def figures(session: Session, now: datetime) -> Figures:
    """The figures at this moment. Five queries, each answered from an index or a small table."""
    states: dict[int, dict[MailState, int]] = {}
    for mailbox_id, state, count in session.execute(
        sa.select(_mail.mailbox_id, _mail.state, sa.func.count()).group_by(_mail.mailbox_id, _mail.state)
    ):
        states.setdefault(mailbox_id, {})[state] = count
    missing = dict(session.execute(_MISSING).tuples().all())
    counted = session.execute(sa.select(_reply.state, sa.func.count()).group_by(_reply.state))
    open_mails, oldest = session.execute(
        sa.select(sa.func.count(), sa.func.min(_mail.received_at)).where(
            _mail.decided_at.is_(None), _mail.state.in_([MailState.TRIAGED, MailState.PARKED])
        )
    ).one()
    return Figures(
        mailboxes=tuple(
            MailboxFigures(
                name=row.name,
                fetched=row.fetched_count,
                mails={state: states.get(row.id, {}).get(state, 0) for state in MailState},
                poll_age=(now - row.polled_at).total_seconds() if row.polled_at else None,
                has_problem=bool(row.problem),
                audit_age=(now - row.audited_at).total_seconds() if row.audited_at else None,
                missing=missing.get(row.id, 0),
                sign_in_left=(row.sign_in_expires_at - now).total_seconds() if row.sign_in_expires_at else None,
            )
            for row in session.execute(sa.select(*_MAILBOX).order_by(_box.name))
        ),
        replies=dict.fromkeys(ReplyState, 0) | dict(counted.tuples().all()),
        open_mails=open_mails,
        oldest_open_age=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
    )


_mail = StoredMail.__table__.c  # type: ignore[attr-defined]
_reply = OutgoingReply.__table__.c  # type: ignore[attr-defined]
_box = Mailbox.__table__.c  # type: ignore[attr-defined]
_MAILBOX = (
    _box.id, _box.name, _box.fetched_count, _box.polled_at, _box.problem, _box.audited_at, _box.sign_in_expires_at,
)  # fmt: skip
_difference = MailboxDifference.__table__.c  # type: ignore[attr-defined]
_MISSING = (
    sa.select(_difference.mailbox_id, sa.func.count())
    .where(_difference.kind == DifferenceKind.MISSING)
    .group_by(_difference.mailbox_id)
)
