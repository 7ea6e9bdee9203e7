"""Erasing what a customer wrote and what was written to them (GDPR, art. 17). Rows, states, instants and sums stay true.

Kept: mail and thread rows with their instants and decisions, intents, amounts, dates and invoice numbers of records.
The ERP's own data (ledger, contacts) is not ours to erase: it is gone when the next export no longer has it.
On SQLite the erased bytes are overwritten; backups and PostgreSQL's dead rows go with their own schedule.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select, update

from inbox_agent.domain.errors import Conflict, NotFound
from inbox_agent.records.mail import MailContent, StoredMail, Thread
from inbox_agent.records.raw_mail import RawMail, RawStore
from inbox_agent.records.registry import RECORD_TYPES
from inbox_agent.records.reply import OutgoingReply, ReplyAttachment, ReplyState
from inbox_agent.records.triage import Review, TriageRow

_ERASED = {"erased": True}
"""Stands for the texts of a correction, so that one can still see that there was one."""

_TEXTS = ("subject", "body", "recipients", "checked")

_BLANK_REPLY: dict[str, Any] = {
    "subject": "", "recipients": [], "cc": [], "problem": "", "signature": "", "quoted": "", "basis": {},
}  # fmt: skip

_company = sa.table("company", sa.column("id"), sa.column("code"))
_customer = sa.table("customer", sa.column("id"), sa.column("company_id"), sa.column("number"))
"""The two ledger columns that name a customer; records know no more of the ledger than its ids."""
_remembered = sa.table("remembered_sender", sa.column("customer_id"))


@dataclass(frozen=True, slots=True)
class Erased:
    """How many mails, raw originals and replies lost their content now (not those that had lost it before)."""

    mails: int
    raws: int
    replies: int


def erase_customer(
    session: Session, company_code: str, customer_number: str, raw_store: RawStore, now: datetime
) -> Erased:
    """Erases the content of the customer's mails and of unrecognised mails in the customer's threads; forgets its senders.

    An original whose very bytes another customer's mail shares is kept for that one. Raises `NotFound` for an unknown
    customer, `Conflict` while a reply to the customer is being sent.
    """
    threads, mails = _whose(session, company_code, customer_number)
    mails = _with_copies(mails)
    # Nobody approves, resends or reads one of these mails until this is over.
    session.execute(sa.select(col(StoredMail.id)).where(col(StoredMail.id).in_(mails)).with_for_update())
    of_mail = col(OutgoingReply.mail_id).in_(mails)
    under_way = col(OutgoingReply.state).in_((ReplyState.APPROVED, ReplyState.DELIVERING))
    if session.exec(select(OutgoingReply.id).where(of_mail, under_way).limit(1)).first() is not None:
        raise Conflict("A reply to this customer is being sent at the moment. Wait until it left, then erase again.")
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
    unshared = _unshared(session, mails)
    for sha256 in unshared:
        raw_store.erase(session, sha256, now)
    session.flush()
    contents = _update(session, MailContent, col(MailContent.mail_id).in_(mails), "mail")
    replies = _update(session, OutgoingReply, of_mail, "body", **_BLANK_REPLY)
    files = col(ReplyAttachment.reply_id).in_(sa.select(col(OutgoingReply.id)).where(of_mail))
    session.exec(update(ReplyAttachment).where(files).values(name=""))
    _update(session, TriageRow, col(TriageRow.mail_id).in_(mails), "reading")
    for table, _, _ in RECORD_TYPES.values():
        session.exec(update(table).where(col(table.mail_id).in_(mails)).values(evidence=""))
    session.exec(update(Thread).where(col(Thread.id).in_(threads)).values(subject=""))
    blank = {"sender_email": "", "sender_name": "", "subject": "", "content_sha256": "", "changed_at": now}
    session.exec(update(StoredMail).where(col(StoredMail.id).in_(mails)).values(**blank))
    _forget_corrections(session, mails)
    session.execute(
        sa.delete(_remembered).where(_remembered.c.customer_id == _customer_id(session, company_code, customer_number))
    )
    session.expire_all()
    return Erased(mails=contents, raws=len(unshared), replies=replies)


def _whose(session: Session, company_code: str, customer_number: str) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Queries for the ids of the customer's threads and mails. Raises `NotFound`."""
    customer_id = _customer_id(session, company_code, customer_number)
    threads = sa.select(col(Thread.id)).where(col(Thread.customer_id) == customer_id)
    mails = sa.select(col(StoredMail.id)).where(
        sa.or_(
            col(StoredMail.customer_id) == customer_id,
            sa.and_(col(StoredMail.customer_id).is_(None), col(StoredMail.thread_id).in_(threads)),
        )
    )
    return threads, mails


def _with_copies(mails: sa.Select[Any]) -> sa.Select[Any]:
    """Those mails and what repeats them, here or in another mailbox: nobody read a copy, so it bears no customer of its own."""
    either = sa.or_(col(StoredMail.id).in_(mails), col(StoredMail.copy_of).in_(mails))
    return sa.select(col(StoredMail.id)).where(either)


def _customer_id(session: Session, company_code: str, customer_number: str) -> int:
    wanted = (
        sa.select(_customer.c.id)
        .join(_company, _company.c.id == _customer.c.company_id)
        .where(_company.c.code == company_code, _customer.c.number == customer_number)
    )
    customer_id = session.scalar(wanted)
    if customer_id is None:
        raise NotFound(f"The ledger of {company_code} has no customer {customer_number}. Check both.")
    return int(customer_id)


def _unshared(session: Session, mails: sa.Select[Any]) -> list[str]:
    """Addresses of the originals, and of the files of their replies, that only these mails have and that are not erased yet."""
    replies = sa.select(col(OutgoingReply.id)).where(col(OutgoingReply.mail_id).in_(mails))
    theirs = sa.union_all(
        sa.select(col(StoredMail.raw_sha256)).where(col(StoredMail.id).in_(mails)),
        sa.select(col(ReplyAttachment.raw_sha256)).where(col(ReplyAttachment.reply_id).in_(replies)),
    )
    # Locked before it is asked who else has them: the same bytes may be coming in at this moment.
    locked = sa.select(col(RawMail.sha256)).where(col(RawMail.sha256).in_(theirs))
    session.execute(locked.order_by(col(RawMail.sha256)).with_for_update(key_share=True))
    others = sa.union_all(
        sa.select(col(StoredMail.raw_sha256)).where(
            col(StoredMail.id).not_in(mails), col(StoredMail.raw_sha256).in_(theirs)
        ),
        sa.select(col(ReplyAttachment.raw_sha256)).where(
            col(ReplyAttachment.reply_id).not_in(replies), col(ReplyAttachment.raw_sha256).in_(theirs)
        ),
    )
    wanted = sa.select(col(RawMail.sha256)).where(
        col(RawMail.sha256).in_(theirs), col(RawMail.sha256).not_in(others), col(RawMail.erased_at).is_(None)
    )
    return list(session.scalars(wanted))


def _update(session: Session, table: type[Any], where: sa.ColumnElement[bool], emptied: str, **also: object) -> int:
    """Sets the column to NULL where it is not yet; returns in how many rows."""
    statement = update(table).where(where, getattr(table, emptied).is_not(None)).values({emptied: None, **also})
    return int(session.exec(statement).rowcount)


def _forget_corrections(session: Session, mails: sa.Select[Any]) -> None:
    """Blanks the texts in reviews; which intents and records were corrected stays."""
    for review in session.exec(select(Review).where(col(Review.mail_id).in_(mails))):
        review.reason = ""
        review.changes = {name: _ERASED if name in _TEXTS else value for name, value in review.changes.items()}
        session.add(review)
    session.flush()
