"""The same message more than once: moved, given a new key by its server, or delivered to two addresses of ours.

Moved and renumbered messages keep their row. Of a message that really lies twice one row is read; the other is a copy of it.
"""

import hashlib
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, or_, select, update

from inbox_agent import db
from inbox_agent.domain.mail import Mail
from inbox_agent.durable import Queue
from inbox_agent.mailbox.source import Fetched
from inbox_agent.records.mail import MailContent, MailReference, MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox, MailboxDifference
from inbox_agent.records.people import MailboxTeam
from inbox_agent.records.proposal import ProposalState
from inbox_agent.records.registry import RECORD_TYPES
from inbox_agent.records.reply import OutgoingReply

log = structlog.get_logger()

_MOST = 50
"""Rows of one message that are looked at; more of them tell nothing new."""


def content_hash(mail: Mail) -> str:
    """SHA-256 (hex) of what its writer made of the mail, whatever way it came: the same for every delivery of it.

    Made of Message-ID, sender, Date, subject, bodies, and names and sizes of attachments; not of what servers add on the way
    (Received, X- headers) nor of white space, which they change. "" without a Message-ID: then only the same bytes are the
    same message, since a web form sends the same words twice and means two mails.
    """
    if not mail.message_id:
        return ""
    said = (
        mail.message_id,
        mail.sender.key,
        mail.sent_at.isoformat() if mail.sent_at else "",
        *(" ".join(text.split()) for text in (mail.subject, mail.text, mail.html)),
        *(f"{one.name}\x1f{one.size}" for one in mail.attachments),
    )
    return hashlib.sha256("\x1e".join(said).encode("utf-8", "surrogatepass")).hexdigest()


def alike(session: Session, row: StoredMail, raw: bytes) -> list[StoredMail]:
    """Every stored row of the message that `row` would store, whatever its mailbox, oldest first.

    Until the transaction ends nobody else stores the same content: of two mailboxes that get one mail at the same moment the
    second sees the first. SQLite has one writer anyway; PostgreSQL takes an advisory lock on the content. A message without
    bytes (too large to fetch) is known by the instant of its arrival.
    """
    content = row.content_sha256
    if content and session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(content[:15], 16))))
    same: list[sa.ColumnElement[bool]] = [col(StoredMail.raw_sha256) == row.raw_sha256]
    if content:
        same.append(col(StoredMail.content_sha256) == content)
    wanted = select(StoredMail).where(or_(*same)).order_by(col(StoredMail.id)).limit(_MOST)
    if not raw:
        wanted = wanted.where(StoredMail.mailbox_id == row.mailbox_id, StoredMail.received_at == row.received_at)
    return list(session.exec(wanted))


def former(found: list[StoredMail], row: StoredMail, fetched: Fetched) -> StoredMail | None:
    """The row that this message had before it was moved, or before its server gave it a new key; None: it had none.

    `row` is what would be stored, `found` are those alike.
    """
    had = [
        one
        for one in found
        if one.mailbox_id == row.mailbox_id
        and one.is_sent == row.is_sent
        and (one.gone_at is not None or _renumbered(one, fetched))
    ]
    return min(had, key=lambda one: (one.copy_of is not None, one.id), default=None)


def first_of(session: Session, found: list[StoredMail], row: StoredMail) -> StoredMail | None:
    """The row that `row` is a copy of; None: it is to be read itself.

    In the same mailbox any is. In another one only a mail that is read, in a mailbox that is read and that every team sees which
    sees this one: a team that could not see the first would see neither.
    """
    firsts = [one for one in found if one.copy_of is None and one.is_sent == row.is_sent]
    here = next((one for one in firsts if one.mailbox_id == row.mailbox_id), None)
    if here is not None or row.is_sent or not row.content_sha256:
        return here
    there = [
        one
        for one in firsts
        if one.mailbox_id != row.mailbox_id
        and one.content_sha256 == row.content_sha256
        and one.state is not MailState.IGNORED
        and one.gone_at is None
    ]
    seen_by = _teams(session, {row.mailbox_id, *(one.mailbox_id for one in there)})
    active = set(session.exec(select(Mailbox.id).where(col(Mailbox.id).in_(seen_by), col(Mailbox.active))))
    ours = seen_by.get(row.mailbox_id, frozenset())
    seen = (
        one for one in there if one.mailbox_id in active and ours and ours <= seen_by.get(one.mailbox_id, ours - ours)
    )
    return next(seen, None)


def mark_copy(session: Session, row: StoredMail, first: StoredMail) -> None:
    """`row` needs nobody: `first` is read for it."""
    row.state, row.copy_of = MailState.IGNORED, first.id
    if first.mailbox_id != row.mailbox_id:
        address = session.get_one(Mailbox, first.mailbox_id).address
        row.state_reason = f"The same message as mail {first.id}, which came to {address}."
    elif first.raw_sha256 == row.raw_sha256:
        row.state_reason = f"The same message as mail {first.id}, byte for byte."
    else:
        row.state_reason = f"The same message as mail {first.id}, delivered once more."


def rebind(row: StoredMail, fetched: Fetched, conversation: str, now: datetime) -> None:
    """The mail of `row` lies where `fetched` says, under its key."""
    row.source_key, row.folder, row.gone_at, row.changed_at = fetched.source_key, fetched.folder[:400], None, now
    row.conversation = conversation or row.conversation


def depart(session: Session, mailbox: Mailbox, source_key: str, now: datetime) -> None:
    """A message left the place where it was fetched. When a copy of it lies elsewhere in the mailbox it was moved there."""
    wanted = select(StoredMail).where(StoredMail.mailbox_id == mailbox.id, StoredMail.source_key == source_key)
    row = session.exec(wanted).first()
    if row is None:
        return
    row.gone_at, row.changed_at = row.gone_at or now, now
    there = select(StoredMail).where(
        StoredMail.copy_of == row.id,
        StoredMail.mailbox_id == mailbox.id,
        StoredMail.state == MailState.IGNORED,
        col(StoredMail.gone_at).is_(None),
    )
    moved = session.exec(there.order_by(col(StoredMail.id)).limit(1)).first()
    if moved is not None:
        _take_place(session, row, moved)
        mailbox.fetched_count -= 1


def release(session: Session, queue: Queue, now: datetime) -> int:
    """Reads copies after all whose first mail no longer stands for them; returns how many.

    That is so while the first one waits undecided and its mailbox was paused, or was taken from a team that sees the copy's, or
    while it left its mailbox and the copy did not: somebody moved it from one mailbox to the other, and there it is answered.
    """
    first, team = aliased(StoredMail), aliased(MailboxTeam)
    theirs = sa.select(col(MailboxTeam.team_id)).where(col(MailboxTeam.mailbox_id) == col(first.mailbox_id))
    theirs = theirs.correlate(first)
    others = col(team.mailbox_id) == col(StoredMail.mailbox_id), col(team.team_id).not_in(theirs)
    unseen = sa.select(col(team.team_id)).where(*others).exists()
    active = sa.select(col(Mailbox.id)).where(col(Mailbox.id) == col(first.mailbox_id), col(Mailbox.active)).exists()
    moved = sa.and_(col(first.gone_at).is_not(None), col(StoredMail.gone_at).is_(None))
    wanted = (
        select(StoredMail, first)
        .join(first, col(first.id) == col(StoredMail.copy_of))
        .where(
            col(StoredMail.copy_of) > 0,  # all copies, in a way that SQLite answers from the index
            StoredMail.state == MailState.IGNORED,
            col(StoredMail.is_sent).is_(False),
            col(StoredMail.mailbox_id) != col(first.mailbox_id),
            col(first.decided_at).is_(None),
            sa.or_(unseen, ~active, moved),
        )
        .order_by(col(StoredMail.copy_of), col(StoredMail.id))
        .limit(_MOST)
        .with_for_update()
    )
    freed = session.exec(wanted).all()
    for row, original in freed:
        row.state, row.state_reason, row.copy_of, row.changed_at = MailState.FETCHED, "", None, now
        row.version += 1
        if original.gone_at is not None and row.gone_at is None:
            _give_way(session, original, row, now)
        session.flush()
        queue.triage(session, row.id or 0, attempt=int(now.timestamp()))
        log.info("copy_read_after_all", mail_id=row.id, first=original.id)
    return len(freed)


def release_copies(engine: sa.Engine, queue: Queue, now: datetime) -> None:
    """`release` in its transaction. Raises `DatabaseError`."""
    with db.writing(engine) as session:
        release(session, queue, now)


def _renumbered(row: StoredMail, fetched: Fetched) -> bool:
    return bool(fetched.supersedes) and row.source_key.startswith(fetched.supersedes)


def _teams(session: Session, mailbox_ids: set[int]) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for row in session.exec(select(MailboxTeam).where(col(MailboxTeam.mailbox_id).in_(mailbox_ids))):
        found[row.mailbox_id] = found.get(row.mailbox_id, frozenset()) | {row.team_id}
    return found


def _take_place(session: Session, row: StoredMail, moved: StoredMail) -> None:
    """`row` goes on as the message of `moved`, whose own row goes."""
    place = moved.source_key, moved.folder, moved.conversation
    session.exec(delete(MailboxDifference).where(col(MailboxDifference.mail_id) == moved.id))
    for table in (MailReference, MailContent):
        session.exec(delete(table).where(col(table.mail_id) == moved.id))
    session.delete(moved)
    session.flush()
    row.source_key, row.folder, row.conversation = place
    row.gone_at = None


def _give_way(session: Session, original: StoredMail, row: StoredMail, now: datetime) -> None:
    """`row` is read instead of the original, unless somebody began to answer that one: nothing that it proposed stands."""
    begun = select(OutgoingReply.id).where(OutgoingReply.mail_id == original.id)
    if session.exec(begun.limit(1)).first() is not None:
        return
    for table, _, _ in RECORD_TYPES.values():
        proposed = col(table.mail_id) == original.id, col(table.state) == ProposalState.PROPOSED
        session.exec(update(table).where(*proposed).values(state=ProposalState.REJECTED, decided_at=now))
    address = session.get_one(Mailbox, row.mailbox_id).address
    original.state, original.copy_of, original.changed_at = MailState.IGNORED, row.id, now
    original.state_reason = f"Moved to {address}, where it is mail {row.id}."
    original.version += 1
