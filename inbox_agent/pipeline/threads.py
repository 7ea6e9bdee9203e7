"""Which thread a mail belongs to: by the mails that it names, by the server's conversation, never across correspondents."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from inbox_agent.domain.mail import Mail
from inbox_agent.domain.subject import subject_key
from inbox_agent.records.mail import MailReference, StoredMail, Thread, ThreadInvoice, ThreadMove
from inbox_agent.records.reply import OutgoingReply

_MOST = 50
"""Message-IDs of a mail that are looked up, and threads that are weighed."""


def thread_for(session: Session, row: StoredMail, mail: Mail, invoice_ids: Iterable[int], now: datetime) -> Thread:
    """The thread that `row` joins, or a new one. `invoice_ids` are what the mail is about.

    A thread is a candidate when one of its mails or replies is named in this mail's References, names this mail, names the
    same first message (our reminder, which never came through this mailbox), or is of the same conversation as the server or
    the mail program counts it. Of several the one whose mail is named last comes first: that is what is answered. A candidate is
    joined only when it is of the same customer, or, while no customer is known, of the same sender: answers of different
    customers to one bulk mail stay apart. A candidate that is not joined is kept as "possibly the same case"; without any, a
    thread of the same customer with the same subject about one of the same invoices is. Nothing is joined for its subject.

    A mail that is read again keeps the thread that it has unless that is another customer's, keeps its assignment in any case,
    and stays where a person moved it.
    """
    wanted = frozenset(invoice_ids)
    own = session.get(Thread, row.thread_id) if row.thread_id is not None else None
    if own is not None and _was_moved(session, row, own):
        return _joined(session, own, row, own, wanted, now)
    found = candidates(session, row, mail)
    for thread in found:
        if _same_correspondent(session, thread, row) and _still_there(session, thread, row, mail):
            return _joined(session, thread, row, own, wanted, now)
    if own is not None and own.customer_id in (None, row.customer_id):
        own.customer_id = row.customer_id
        return _joined(session, own, row, own, wanted, now)
    key = subject_key(row.subject)
    same_case = found[0].id if found else _same_case(session, row, key, wanted)
    thread = Thread(
        mailbox_id=row.mailbox_id,
        customer_id=row.customer_id,
        subject=row.subject,
        subject_key=key,
        possibly_same_as=same_case,
        assigned_to=own.assigned_to if own is not None else None,
        created_at=now,
        changed_at=now,
    )
    session.add(thread)
    session.flush()
    _keep_invoices(session, thread, wanted)
    return thread


def candidates(session: Session, row: StoredMail, mail: Mail) -> list[Thread]:
    """Threads of the same mailbox that the mail may belong to, likeliest first. Three queries."""
    named = [one[:1000] for one in mail.named_message_ids]
    known = list(dict.fromkeys([*named[:1], *named[-_MOST:]]))
    ranks: dict[int, int] = {}
    for thread_id, message_id in _naming(session, row, known):
        ranks[thread_id] = max(ranks.get(thread_id, 0), 1 + known.index(message_id))
    for thread_id in _beside(session, row, [*known, row.message_id] if row.message_id else known):
        ranks.setdefault(thread_id, 0)
    if not ranks:
        return []
    rows = session.exec(select(Thread).where(col(Thread.id).in_(ranks))).all()
    return sorted(rows, key=lambda one: (ranks[one.id or 0], one.changed_at), reverse=True)


def _naming(session: Session, row: StoredMail, known: list[str]) -> list[tuple[int, str]]:
    """(thread, Message-ID) of mails and replies that the mail names."""
    if not known:
        return []
    mails = sa.select(col(StoredMail.thread_id), col(StoredMail.message_id)).where(
        col(StoredMail.mailbox_id) == row.mailbox_id, col(StoredMail.message_id).in_(known), _another(row)
    )
    replies = sa.select(col(OutgoingReply.thread_id), col(OutgoingReply.message_id)).where(
        col(OutgoingReply.mailbox_id) == row.mailbox_id, col(OutgoingReply.message_id).in_(known)
    )
    found = session.execute(sa.union_all(mails, replies)).all()
    return [(thread_id, message_id) for thread_id, message_id in found if thread_id is not None]


def _beside(session: Session, row: StoredMail, known: list[str]) -> set[int]:
    """Threads with a mail that names one of these mails, or is of the same conversation."""
    found: set[int | None] = set()
    if known:
        naming = (
            sa.select(col(StoredMail.thread_id))
            .join(MailReference, col(MailReference.mail_id) == col(StoredMail.id))
            .where(
                col(StoredMail.mailbox_id) == row.mailbox_id, col(MailReference.message_id).in_(known), _another(row)
            )
        )
        found.update(session.scalars(naming.distinct().limit(_MOST)))
    if row.conversation:
        of_it = sa.select(col(StoredMail.thread_id)).where(
            col(StoredMail.mailbox_id) == row.mailbox_id,
            col(StoredMail.conversation) == row.conversation,
            _another(row),
        )
        found.update(session.scalars(of_it.distinct().limit(_MOST)))
    return {one for one in found if one is not None}


def _another(row: StoredMail) -> sa.ColumnElement[bool]:
    return col(StoredMail.id) != row.id


def _same_correspondent(session: Session, thread: Thread, row: StoredMail) -> bool:
    """Whether the thread is of the row's customer, also where a person joined mails of two; else, of its sender."""
    if row.customer_id is not None and thread.customer_id is not None:
        if thread.customer_id == row.customer_id:
            return True
        theirs = select(StoredMail.id).where(
            StoredMail.thread_id == thread.id, StoredMail.customer_id == row.customer_id, _another(row)
        )
        return session.exec(theirs.limit(1)).first() is not None
    same_sender = select(StoredMail.id).where(
        StoredMail.thread_id == thread.id,
        StoredMail.sender_email == row.sender_email,
        StoredMail.sender_email != "",
        col(StoredMail.is_sent).is_(False),
    )
    return session.exec(same_sender.limit(1)).first() is not None


def _still_there(session: Session, thread: Thread, row: StoredMail, mail: Mail) -> bool:
    """Locks the thread, then looks whether it still is a candidate: a person may have joined it to another one just now."""
    session.refresh(thread, with_for_update=True)
    return thread in candidates(session, row, mail)


def _was_moved(session: Session, row: StoredMail, own: Thread) -> bool:
    moves = select(ThreadMove).where(ThreadMove.to_thread_id == own.id, col(ThreadMove.undone_at).is_(None))
    return any(row.id in move.mail_ids for move in session.exec(moves))


def _joined(
    session: Session, thread: Thread, row: StoredMail, own: Thread | None, invoice_ids: frozenset[int], now: datetime
) -> Thread:
    thread.changed_at = now
    if thread.customer_id is None:
        thread.customer_id = row.customer_id
    if thread.assigned_to is None and own is not None:
        thread.assigned_to = own.assigned_to
    session.add(thread)
    _keep_invoices(session, thread, invoice_ids)
    return thread


def _keep_invoices(session: Session, thread: Thread, invoice_ids: frozenset[int]) -> None:
    assert thread.id is not None
    if invoice_ids:
        kept = set(session.exec(select(ThreadInvoice.invoice_id).where(ThreadInvoice.thread_id == thread.id)))
        session.add_all(ThreadInvoice(thread_id=thread.id, invoice_id=one) for one in sorted(invoice_ids - kept))


def _same_case(session: Session, row: StoredMail, key: str, invoice_ids: frozenset[int]) -> int | None:
    """The last thread of the customer with this subject that is about one of these invoices."""
    if not key or row.customer_id is None or not invoice_ids:
        return None
    about = select(ThreadInvoice.thread_id).where(col(ThreadInvoice.invoice_id).in_(invoice_ids))
    wanted = select(Thread.id).where(
        Thread.mailbox_id == row.mailbox_id,
        Thread.customer_id == row.customer_id,
        Thread.subject_key == key,
        col(Thread.id).in_(about),
    )
    return session.exec(wanted.order_by(col(Thread.changed_at).desc()).limit(1)).first()
