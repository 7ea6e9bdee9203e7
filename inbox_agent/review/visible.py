"""What exists for a viewer: a mail or reply of another team's mailbox is simply not there."""

from sqlmodel import Session, col, select

from inbox_agent.domain.errors import NotFound
from inbox_agent.records.mail import StoredMail
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
