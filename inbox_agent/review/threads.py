"""Threads that a person joins or splits, and takes back. Each function is one transaction's work; the caller commits, or rolls
back when it raises.

Order of locks: the mails that move, by id, then the threads, by id; the reading of new mail keeps to it.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, or_, select, update

from inbox_agent.domain.errors import Conflict, NotAllowed, NotFound
from inbox_agent.domain.subject import subject_key
from inbox_agent.records.mail import StoredMail, Thread, ThreadInvoice, ThreadMove, ThreadMoveKind
from inbox_agent.records.reply import OutgoingReply
from inbox_agent.review.views import Viewer
from inbox_agent.review.visible import visible_mail


def join(
    session: Session, viewer: Viewer, mail_id: int, other_id: int, now: datetime, *, different_customers: bool = False
) -> ThreadMove:
    """All of the threads of these two mails is one thread: the one that has a customer, else the older one.

    `different_customers`: the viewer says that the two are one case although their customers differ; each mail keeps its own.
    Raises `NotFound`; `Conflict` when they are one thread already or not read yet; `NotAllowed` across mailboxes, and for two
    customers unless the viewer said so.
    """
    one, other = (_thread_id(session, viewer, each) for each in (mail_id, other_id))
    mails = _mails(session, (one, other))
    now_in = {mail.id: mail.thread_id for mail in mails}
    if now_in.get(mail_id) == now_in.get(other_id):
        raise Conflict("These mails are in one thread already. Reload the mail.")
    if (now_in.get(mail_id), now_in.get(other_id)) != (one, other):
        raise Conflict("A colleague moved this mail just now. Reload it.")
    threads = _threads(session, (one, other))
    if len({thread.mailbox_id for thread in threads}) > 1:
        raise NotAllowed("Threads of two mailboxes cannot be joined: each is answered from its own address.")
    customers = {thread.customer_id for thread in threads} - {None}
    if len(customers) > 1 and not different_customers:
        raise NotAllowed(
            "These threads are of two customers. Tick that they are one case all the same, or leave them apart."
        )
    into, gone = sorted(threads, key=lambda thread: (thread.customer_id is None, thread.created_at, thread.id))
    if into.assigned_to is None:
        into.assigned_to = gone.assigned_to
    kept = set(session.exec(select(ThreadInvoice.invoice_id).where(ThreadInvoice.thread_id == into.id)))
    more = set(session.exec(select(ThreadInvoice.invoice_id).where(ThreadInvoice.thread_id == gone.id))) - kept
    session.add_all(ThreadInvoice(thread_id=into.id or 0, invoice_id=invoice_id) for invoice_id in sorted(more))
    moved = [mail.id or 0 for mail in mails if mail.thread_id == gone.id]
    return _move(session, viewer, ThreadMoveKind.JOINED, gone, into, moved, now)


def split(session: Session, viewer: Viewer, mail_id: int, now: datetime) -> ThreadMove:
    """The mail and all that came later in its thread, with the replies to them, are a thread of their own.

    Raises `NotFound`; `Conflict` when it was not read yet; `NotAllowed` when nothing older is in its thread.
    """
    thread_id = _thread_id(session, viewer, mail_id)
    mails = _mails(session, (thread_id,))
    first = next((mail for mail in mails if mail.id == mail_id), None)
    if first is None or first.thread_id != thread_id:
        raise Conflict("A colleague moved this mail just now. Reload it.")
    (thread,) = _threads(session, (thread_id,))
    moved = [mail for mail in mails if (mail.received_at, mail.id or 0) >= (first.received_at, mail_id)]
    if len(moved) == len(mails):
        raise NotAllowed("This is the first mail of its thread, so there is nothing to split it from.")
    own = Thread(
        mailbox_id=thread.mailbox_id,
        customer_id=first.customer_id,
        subject=first.subject,
        subject_key=subject_key(first.subject),
        assigned_to=thread.assigned_to,
        created_at=now,
        changed_at=now,
    )
    session.add(own)
    session.flush()
    about = session.exec(select(ThreadInvoice.invoice_id).where(ThreadInvoice.thread_id == thread_id)).all()
    session.add_all(ThreadInvoice(thread_id=own.id or 0, invoice_id=invoice_id) for invoice_id in about)
    return _move(session, viewer, ThreadMoveKind.SPLIT, thread, own, [mail.id or 0 for mail in moved], now)


def undo(session: Session, viewer: Viewer, move_id: int, now: datetime) -> ThreadMove:
    """Takes a join or a split back. What came into a split thread since goes back as well; what came into a joined one stays.

    Raises `NotFound`; `Conflict` when it was taken back already, or its mails were moved again since.
    """
    move = session.get(ThreadMove, move_id) if 0 < move_id < 2**31 else None
    thread = session.get(Thread, move.to_thread_id) if move is not None else None
    if move is None or thread is None or thread.mailbox_id not in viewer.mailbox_ids:
        raise NotFound("There is no such change of threads, or it belongs to another team's mailbox.")
    mails = _mails(session, (move.from_thread_id, move.to_thread_id))
    before, after = _threads(session, (move.from_thread_id, move.to_thread_id))
    session.refresh(move, with_for_update=True)
    if move.undone_at is not None:
        raise Conflict("A colleague took this back already. Reload the mail.")
    either = (move.from_thread_id, move.to_thread_id)
    later = select(ThreadMove.id).where(
        col(ThreadMove.id) > move_id,
        col(ThreadMove.undone_at).is_(None),
        or_(col(ThreadMove.from_thread_id).in_(either), col(ThreadMove.to_thread_id).in_(either)),
    )
    there = {mail.id for mail in mails if mail.thread_id == move.to_thread_id}
    if session.exec(later.limit(1)).first() is not None or not set(move.mail_ids) <= there:
        raise Conflict("These mails were moved again since. Take that back first, then this.")
    whole = move.kind is ThreadMoveKind.SPLIT
    back = sorted(one for one in there if one is not None) if whole else move.mail_ids
    replies = _replies(session, back) if whole else move.reply_ids
    _put(session, back, replies, move.from_thread_id, now)
    move.undone_at, move.undone_by = now, viewer.controller_id
    before.changed_at = after.changed_at = now
    return move


def _thread_id(session: Session, viewer: Viewer, mail_id: int) -> int:
    row = visible_mail(session, viewer, mail_id)
    if row.thread_id is None:
        raise Conflict("This mail was not read yet, so it belongs to no thread. Wait a moment, then reload it.")
    return row.thread_id


def _mails(session: Session, thread_ids: Iterable[int]) -> list[StoredMail]:
    """The mails of these threads, oldest first, locked."""
    wanted = select(StoredMail).where(col(StoredMail.thread_id).in_(tuple(thread_ids))).order_by(col(StoredMail.id))
    rows = session.exec(wanted.with_for_update().execution_options(populate_existing=True)).all()
    return sorted(rows, key=lambda mail: (mail.received_at, mail.id))


def _threads(session: Session, thread_ids: tuple[int, ...]) -> list[Thread]:
    """The threads, in the order asked for, locked in the order of their ids."""
    wanted = select(Thread).where(col(Thread.id).in_(thread_ids)).order_by(col(Thread.id))
    rows = {row.id: row for row in session.exec(wanted.with_for_update().execution_options(populate_existing=True))}
    return [rows[one] for one in thread_ids]


def _replies(session: Session, mail_ids: list[int]) -> list[int]:
    wanted = select(OutgoingReply.id).where(col(OutgoingReply.mail_id).in_(mail_ids)).order_by(col(OutgoingReply.id))
    return [one or 0 for one in session.exec(wanted)]


def _move(
    session: Session,
    viewer: Viewer,
    kind: ThreadMoveKind,
    before: Thread,
    after: Thread,
    mail_ids: list[int],
    now: datetime,
) -> ThreadMove:
    replies = _replies(session, mail_ids)
    _put(session, mail_ids, replies, after.id or 0, now)
    before.changed_at = after.changed_at = now
    move = ThreadMove(
        kind=kind,
        from_thread_id=before.id or 0,
        to_thread_id=after.id or 0,
        mail_ids=mail_ids,
        reply_ids=replies,
        moved_by=viewer.controller_id,
        moved_at=now,
    )
    session.add(move)
    session.flush()
    return move


def _put(session: Session, mail_ids: list[int], reply_ids: list[int], thread_id: int, now: datetime) -> None:
    mails = update(StoredMail).where(col(StoredMail.id).in_(mail_ids)).values(thread_id=thread_id, changed_at=now)
    replies = update(OutgoingReply).where(col(OutgoingReply.id).in_(reply_ids)).values(thread_id=thread_id)
    session.exec(mails)
    session.exec(replies)
