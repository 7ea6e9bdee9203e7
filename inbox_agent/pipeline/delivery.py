"""Delivery of an approved reply: at most once. A crash in between leaves *uncertain*, never a blind retry."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.domain.errors import InboxAgentError, MailboxError, ReplyUncertain
from inbox_agent.mailbox.source import MailSource
from inbox_agent.pipeline.outgoing import reply_bytes
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.reply import OutgoingReply, ReplyState

log = structlog.get_logger()

OpenSource = Callable[[Mailbox], MailSource]

_UNKNOWN = (
    "It is not known whether this reply left: the program stopped, or the connection broke, while it was being sent. "
    "Look in the sent mail of the mailbox, then mark it as sent or send it again."
)

_NOT_BEGUN = (
    "The reply could not be handed over through a fault of the program. Nothing was sent; tell your administrator."
)


def attempt(engine: sa.Engine, open_source: OpenSource, reply_id: int) -> tuple[ReplyState, str]:
    """Sends the reply, unless an earlier attempt may have: then looks for it. Returns the new state and the problem, if any.

    *delivering* is committed before anything is sent. Raises `DatabaseError` only, before anything was sent.
    """
    with db.writing(engine) as session:
        reply = session.get_one(OutgoingReply, reply_id, with_for_update=True)
        mailbox = session.get_one(Mailbox, reply.mailbox_id)
        begun = reply.state
        if begun is ReplyState.APPROVED:
            reply.state, reply.changed_at = ReplyState.DELIVERING, db.now()
            session.add(reply)
    if begun not in (ReplyState.APPROVED, ReplyState.DELIVERING):
        return begun, reply.problem
    try:
        raw = reply_bytes(reply, mailbox) if begun is ReplyState.APPROVED else b""
        source = open_source(mailbox)
    except Exception as error:  # this attempt sent nothing, whatever it was
        if not isinstance(error, InboxAgentError):
            log.exception("delivery_not_begun", reply_id=reply_id)
        sentence = error.sentence if isinstance(error, InboxAgentError) else f"{_NOT_BEGUN} ({type(error).__name__})"
        return (ReplyState.FAILED if begun is ReplyState.APPROVED else ReplyState.UNCERTAIN), sentence
    try:
        if begun is ReplyState.DELIVERING:
            return _look_for(source, reply.message_id)
        source.put_reply(raw, reply.message_id, mailbox.address, tuple(reply.recipients))
        return ReplyState.DELIVERED, ""
    except ReplyUncertain:
        return _look_for(source, reply.message_id)
    except InboxAgentError as error:
        return ReplyState.FAILED, error.sentence
    except Exception as error:  # nobody can tell how far it came: a person looks
        log.exception("delivery_broke", reply_id=reply_id)
        return ReplyState.UNCERTAIN, f"{_UNKNOWN} ({type(error).__name__})"
    finally:
        source.close()


def finish(session: Session, reply_id: int, state: ReplyState, problem: str) -> None:
    """Keeps how the attempt ended.

    Of two that ran at once (a worker was thought dead and was not) the one that saw the reply leave is believed, so that
    nobody is asked to send it again.
    """
    reply = session.get_one(OutgoingReply, reply_id, with_for_update=True)
    known = reply.state is ReplyState.DELIVERING or state is ReplyState.DELIVERED
    if not known or reply.state is ReplyState.DELIVERED:
        return
    now = db.now()
    reply.state, reply.problem, reply.changed_at = state, problem, now
    reply.delivered_at = now if state is ReplyState.DELIVERED else None
    session.add(reply)


def seen_in_sent(session: Session, message_id: str, now: datetime) -> bool:
    """Whether a mail found among the sent ones is a reply of ours. One of which nobody knew whether it left did leave, then.

    The server keeps a copy only of what it took: that also settles a reply that is being sent at this moment, and one that a
    person was told had failed.
    """
    wanted = select(OutgoingReply).where(OutgoingReply.message_id == message_id)
    reply = (
        session.exec(wanted.with_for_update().execution_options(populate_existing=True)).first() if message_id else None
    )
    if reply is None:
        return False
    if reply.state in (ReplyState.DELIVERING, ReplyState.UNCERTAIN, ReplyState.FAILED):
        reply.state, reply.problem, reply.delivered_at, reply.changed_at = ReplyState.DELIVERED, "", now, now
        session.add(reply)
    return True


def _look_for(source: MailSource, message_id: str) -> tuple[ReplyState, str]:
    try:
        found = source.has_reply(message_id)
    except MailboxError:
        found = False
    except Exception:  # looking must not end the attempt: what is not known is said
        log.exception("lookup_broke", message_id=message_id)
        found = False
    return (ReplyState.DELIVERED, "") if found else (ReplyState.UNCERTAIN, _UNKNOWN)
