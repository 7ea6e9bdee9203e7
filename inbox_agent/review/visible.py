"""What exists for a viewer: a mail or reply of another team's mailbox is simply not there."""

from sqlmodel import Session, col, select

from inbox_agent.domain.errors import Conflict, NotFound
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.reply import OutgoingReply
from inbox_agent.review.views import Viewer

_LARGEST_ID = 2**31 - 1
"""Ids are 32-bit in PostgreSQL; a larger one in an address is refused before the database refuses it less politely."""


def visible_mail(session: Session, viewer: Viewer, mail_id: int, *, lock: bool = False) -> StoredMail:
    """The mail, if one of the viewer's teams shares its mailbox. `lock`: nobody else decides on it until the commit.

    Raises `NotFound`.
    """
    wanted = select(StoredMail).where(StoredMail.id == _id(mail_id), col(StoredMail.mailbox_id).in_(viewer.mailbox_ids))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    row = session.exec(wanted).first()
    if row is None:
        raise NotFound("This mail does not exist, or belongs to another team's mailbox.")
    return row


def visible_mailboxes(session: Session, viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """Id and name of the mailboxes that the viewer's teams share, by name."""
    wanted = select(Mailbox.id, Mailbox.name).where(col(Mailbox.id).in_(viewer.mailbox_ids))
    return tuple((mailbox_id or 0, name) for mailbox_id, name in session.exec(wanted.order_by(col(Mailbox.name))))


def undecided_mail(session: Session, viewer: Viewer, mail_id: int, version: int) -> StoredMail:
    """The mail, locked, if it was read and still waits for a decision, and is as the viewer saw it.

    Raises `NotFound`; `Conflict` when it was decided or changed meanwhile, is being read, or was ignored.
    """
    row = visible_mail(session, viewer, mail_id, lock=True)
    if row.decided_at is not None:
        if row.decided_by == viewer.controller_id:
            raise Conflict("You decided on this mail already; reload to see it.")
        raise Conflict("A colleague decided on this mail first; reload to see it.")
    check_version(row, version)
    if row.state is MailState.FETCHED:
        raise Conflict("This mail is still being read. Wait a moment, then reload it.")
    if row.state is MailState.IGNORED:
        raise Conflict("This mail was ignored, with the reason shown; there is nothing to decide.")
    return row


def check_version(row: StoredMail, version: int) -> None:
    """Raises `Conflict` when the mail changed since the viewer saw it."""
    if row.version != version:
        raise Conflict("This mail changed while you looked at it; reload it, then decide again.")


def visible_reply(session: Session, viewer: Viewer, reply_id: int) -> OutgoingReply:
    """The reply, locked until the commit, if one of the viewer's teams shares its mailbox. Raises `NotFound`.

    Its mail is locked first: that is the order for everybody, so that nobody waits for somebody who waits for them.
    """
    wanted = select(OutgoingReply).where(
        OutgoingReply.id == _id(reply_id), col(OutgoingReply.mailbox_id).in_(viewer.mailbox_ids)
    )
    found = session.exec(wanted).first()
    if found is None:
        raise NotFound("This reply does not exist, or belongs to another team's mailbox.")
    visible_mail(session, viewer, found.mail_id, lock=True)
    return session.exec(wanted.with_for_update().execution_options(populate_existing=True)).one()


def _id(number: int) -> int:
    return number if 0 < number <= _LARGEST_ID else -1
