"""The queue: which mails wait for a controller, and how far everything is. A fixed number of queries, whatever the rows."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from inbox_agent.db import UtcDateTime
from inbox_agent.ledger.tables import CustomerRow
from inbox_agent.records.mail import MailState, StoredMail, Thread
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.people import Controller
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import TriageRow
from inbox_agent.review.case import also_in
from inbox_agent.review.readings import has_intent, intents_text, labels, latest_triage_id
from inbox_agent.review.views import (
    QueueFilter,
    QueuePage,
    QueueRow,
    QueueView,
    Viewer,
)

PAGE_SIZE = 50
_SEARCH_WORDS, _SEARCH_LENGTH = 6, 100
_NEWEST = 20
"""Changed mails a mailbox that the version looks at: more than can be changed between two looks and stay unseen."""
_UNSETTLED = (ReplyState.APPROVED, ReplyState.DELIVERING, ReplyState.UNCERTAIN, ReplyState.FAILED)


_Select: TypeAlias = sa.Select[*tuple[Any, ...]]


def queue(session: Session, viewer: Viewer, filter: QueueFilter, now: datetime) -> QueuePage:
    """One page of 50 of the wanted list; a page beyond the last is the last.

    Undecided mail stands newest arrival first, decided mail last decision first. `counts` follow the mailbox of the filter
    but neither its intent nor its search. Every word of the search must stand somewhere in sender, subject, customer name
    or customer number. `now` is not used yet: ages are the page's affair.
    """
    mailbox_ids = viewer.mailbox_ids
    if filter.mailbox_id is not None:
        mailbox_ids = tuple(set(mailbox_ids) & {filter.mailbox_id})
    counts = _counts(session, viewer, mailbox_ids)
    total = counts[filter.view]
    conditions = [col(StoredMail.mailbox_id).in_(mailbox_ids), _in_view(filter.view, viewer), *_narrowing(filter)]
    if filter.intent is not None or filter.search.strip():
        total = session.scalar(_joined(sa.select(sa.func.count(col(StoredMail.id)))).where(*conditions)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, filter.page), pages)
    newest = col(StoredMail.decided_at) if filter.view is QueueView.DONE else col(StoredMail.received_at)
    order = (newest.desc(), col(StoredMail.id).desc())
    on_page = (
        _joined(sa.select(col(StoredMail.id)))
        .where(*conditions)
        .order_by(*order)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
        .subquery()
    )
    wanted = _joined(_columns()).join(on_page, on_page.c.id == col(StoredMail.id)).order_by(*order)
    return QueuePage(
        rows=_rows(session, session.execute(wanted).all()),
        total=total,
        page=page,
        pages=pages,
        counts=counts,
        version=version(session, viewer),
    )


def version(session: Session, viewer: Viewer) -> str:
    """A short text that changes when something in the viewer's queues does; one query, answered from indexes.

    Made of the mails of each mailbox that changed last (several, as commits may come out of the order of their instants),
    of replies on their way, and of mailbox problems.
    """
    parts: list[_Select] = []
    for mailbox_id in viewer.mailbox_ids:
        newest = (
            sa.select(col(StoredMail.id), col(StoredMail.version), col(StoredMail.changed_at))
            .where(col(StoredMail.mailbox_id) == mailbox_id)
            .order_by(col(StoredMail.changed_at).desc())
            .limit(_NEWEST)
            .subquery()
        )
        parts.append(sa.select(sa.literal("mail"), newest.c.id, newest.c.version, newest.c.changed_at, sa.literal("")))
    parts.append(
        sa.select(
            sa.literal("reply"), col(OutgoingReply.id), sa.literal(0), col(OutgoingReply.changed_at),
            sa.cast(OutgoingReply.state, sa.Text),
        ).where(col(OutgoingReply.state).in_(_UNSETTLED), col(OutgoingReply.mailbox_id).in_(viewer.mailbox_ids))
    )  # fmt: skip
    parts.append(
        sa.select(
            sa.literal("mailbox"), col(Mailbox.id), sa.literal(0), sa.type_coerce(Mailbox.problem_since, UtcDateTime),
            col(Mailbox.problem),
        ).where(col(Mailbox.id).in_(viewer.mailbox_ids))
    )  # fmt: skip
    found = sorted(str(tuple(row)) for row in session.execute(sa.union_all(*parts)))
    return hashlib.sha256("\n".join(found).encode("utf-8", "replace")).hexdigest()[:16]


def _in_view(view: QueueView, viewer: Viewer) -> sa.ColumnElement[bool]:
    undecided = col(StoredMail.decided_at).is_(None)
    if view is QueueView.DONE:
        return col(StoredMail.decided_at).is_not(None)
    if view is QueueView.IGNORED:
        return col(StoredMail.state) == MailState.IGNORED
    if view is QueueView.PARKED:
        return sa.and_(undecided, col(StoredMail.state) == MailState.PARKED)
    waiting = sa.and_(undecided, col(StoredMail.state) != MailState.IGNORED)
    return waiting if view is QueueView.OPEN else sa.and_(waiting, col(Thread.assigned_to) == viewer.controller_id)


def _counts(session: Session, viewer: Viewer, mailbox_ids: tuple[int, ...]) -> dict[QueueView, int]:
    """How many mails each list has, in one query; the decided ones are counted from the index alone."""
    theirs = col(StoredMail.mailbox_id).in_(mailbox_ids)
    counts = [
        sa.select(sa.func.count(col(StoredMail.id)))
        .select_from(StoredMail)
        .outerjoin(Thread, col(Thread.id) == col(StoredMail.thread_id))
        .where(theirs, _in_view(view, viewer))
        .scalar_subquery()
        if view is QueueView.MINE
        else sa.select(sa.func.count()).select_from(StoredMail).where(theirs, _in_view(view, viewer)).scalar_subquery()
        for view in QueueView
    ]
    return dict(zip(QueueView, session.execute(sa.select(*counts)).one(), strict=True))


def _narrowing(filter: QueueFilter) -> list[sa.ColumnElement[bool]]:
    words = filter.search.replace("\x00", "")[:_SEARCH_LENGTH].split()[:_SEARCH_WORDS]
    places = (
        col(StoredMail.sender_email), col(StoredMail.sender_name), col(StoredMail.subject),
        col(CustomerRow.name), col(CustomerRow.number),
    )  # fmt: skip
    conditions: list[sa.ColumnElement[bool]] = [
        sa.or_(*(place.icontains(word, autoescape=True) for place in places)) for word in words
    ]
    if filter.intent is not None:
        conditions.append(has_intent(filter.intent))
    return conditions


_Assigned = aliased(Controller)


def _columns() -> _Select:
    last_reply = (
        sa.select(col(OutgoingReply.state))
        .where(col(OutgoingReply.mail_id) == col(StoredMail.id))
        .order_by(col(OutgoingReply.id).desc())
        .limit(1)
        .correlate(StoredMail)
        .scalar_subquery()
    )
    return sa.select(
        col(StoredMail.id).label("mail_id"),
        col(StoredMail.received_at),
        col(StoredMail.sender_name),
        col(StoredMail.sender_email),
        col(StoredMail.subject),
        col(CustomerRow.name).label("customer_name"),
        col(CustomerRow.number).label("customer_number"),
        col(StoredMail.state),
        col(StoredMail.state_reason),
        intents_text().label("intents"),
        col(TriageRow.confidence),
        col(TriageRow.has_draft),
        col(TriageRow.certainty),
        col(TriageRow.is_dangerous),
        last_reply.label("reply_state"),
        col(_Assigned.name).label("assigned_name"),
        col(Mailbox.name).label("mailbox_name"),
        col(StoredMail.decided_at),
        col(StoredMail.answered_by_mail_id),
        col(StoredMail.gone_at),
    )


def _joined(query: _Select) -> _Select:
    return (
        query.select_from(StoredMail)
        .join(Mailbox, col(Mailbox.id) == col(StoredMail.mailbox_id))
        .outerjoin(CustomerRow, col(CustomerRow.id) == col(StoredMail.customer_id))
        .outerjoin(Thread, col(Thread.id) == col(StoredMail.thread_id))
        .outerjoin(_Assigned, col(_Assigned.id) == col(Thread.assigned_to))
        .outerjoin(TriageRow, col(TriageRow.id) == latest_triage_id())
    )


def _rows(session: Session, found: Sequence[sa.Row[Any]]) -> tuple[QueueRow, ...]:
    elsewhere = also_in(session, [row.mail_id for row in found])
    return tuple(_row(row, elsewhere.get(row.mail_id, ())) for row in found)


def _row(found: sa.Row[Any], elsewhere: tuple[str, ...]) -> QueueRow:
    return QueueRow(
        mail_id=found.mail_id,
        received_at=found.received_at,
        sender_name=found.sender_name,
        sender_email=found.sender_email,
        subject=found.subject,
        customer_name=found.customer_name or "",
        customer_number=found.customer_number or "",
        state=found.state,
        state_reason=found.state_reason,
        intents=labels(found.intents),
        confidence=found.confidence,
        has_draft=bool(found.has_draft) and found.answered_by_mail_id is None,
        certainty=found.certainty,
        is_dangerous=bool(found.is_dangerous),
        reply_state=found.reply_state,
        assigned_name=found.assigned_name or "",
        mailbox_name=found.mailbox_name,
        decided_at=found.decided_at,
        also_in=elsewhere,
        is_answered=found.answered_by_mail_id is not None,
        is_gone=found.gone_at is not None,
    )
