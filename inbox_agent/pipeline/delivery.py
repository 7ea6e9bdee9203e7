"""Delivery of an approved reply: at most once. A crash in between leaves *uncertain*, never a blind retry."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from inbox_agent import db
from inbox_agent.domain.errors import InboxAgentError, MailboxError, ReplyUncertain
from inbox_agent.domain.sending import SendingRules
from inbox_agent.mailbox.source import MailSource
from inbox_agent.pipeline.outgoing import OutgoingFile, reply_bytes
from inbox_agent.pipeline.recheck import give_back, reason_to_return
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.reply import OutgoingReply, ReplyAttachment, ReplyState

log = structlog.get_logger()

OpenSource = Callable[[Mailbox], MailSource]

_UNKNOWN = (
    "It is not known whether this reply left: the program stopped, or the connection broke, while it was being sent. "
    "Look in the sent mail of the mailbox, then mark it as sent or send it again."
)

_NOT_BEGUN = (
    "The reply could not be handed over through a fault of the program. Nothing was sent; tell your administrator."
)


@dataclass(frozen=True, slots=True)
class _Begun:
    """An attempt once it is committed: the reply's state before, and all that sending it takes."""

    state: ReplyState
    reply: OutgoingReply
    mailbox: Mailbox
    source_key: str
    problem: str

    @property
    def unsent(self) -> ReplyState:
        """What the reply is when this attempt certainly sent nothing: an earlier one may have."""
        resent = self.reply.basis.get("resent") if self.state is ReplyState.APPROVED else ReplyState.UNCERTAIN
        return ReplyState.UNCERTAIN if resent == ReplyState.UNCERTAIN else ReplyState.FAILED


def attempt(
    engine: sa.Engine,
    open_source: OpenSource,
    reply_id: int,
    rules: SendingRules = SendingRules(),  # noqa: B008
    raw_store: RawStore = RawStore(),  # noqa: B008
) -> tuple[ReplyState, str]:
    """Sends the reply, unless an earlier attempt may have: then looks for it. Returns the new state and the problem, if any.

    A reply whose hold is not over stays approved. One that rests on what is no longer so goes back to its controller. Else
    *delivering* is committed before anything is sent. Raises `DatabaseError` only, before anything was sent.
    """
    begun = _begin(engine, reply_id, rules)
    if begun.state not in (ReplyState.APPROVED, ReplyState.DELIVERING):
        return begun.state, begun.problem
    if begun.reply.state is ReplyState.APPROVED:
        return ReplyState.APPROVED, ""
    try:
        raw = _bytes(engine, begun, raw_store) if begun.state is ReplyState.APPROVED else b""
        source = open_source(begun.mailbox)
    except Exception as error:  # this attempt sent nothing, whatever it was
        return begun.unsent, _sentence(error, reply_id)
    try:
        return _deliver(source, begun, raw)
    finally:
        source.close()


def seconds_left(engine: sa.Engine, reply_id: int) -> float:
    """Until the reply's hold is over, at least a tenth of a second."""
    with db.reading(engine) as session:
        reply = session.get_one(OutgoingReply, reply_id)
    return max(0.1, (reply.send_after - db.now()).total_seconds())


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


def _begin(engine: sa.Engine, reply_id: int, rules: SendingRules) -> _Begun:
    """The one transaction before anything is sent. The mail is locked first: that is the order for everybody."""
    now = db.now()
    with db.writing(engine) as session:
        mail_id = session.exec(select(OutgoingReply.mail_id).where(OutgoingReply.id == reply_id)).one()
        answered = session.get_one(StoredMail, mail_id, with_for_update=True)
        reply = session.get_one(OutgoingReply, reply_id, with_for_update=True)
        mailbox = session.get_one(Mailbox, reply.mailbox_id)
        begun, problem = reply.state, reply.problem
        if begun is ReplyState.APPROVED and now >= reply.send_after:
            problem = reason_to_return(session, reply, answered, rules, now)
            if problem:
                give_back(session, reply, answered, problem, now)
                begun = ReplyState.RETURNED
            else:
                reply.state, reply.changed_at = ReplyState.DELIVERING, now
        return _Begun(begun, reply, mailbox, answered.source_key, problem)


def _bytes(engine: sa.Engine, begun: _Begun, raw_store: RawStore) -> bytes:
    """Raises `NotFound` when a file of the reply is no longer there, `ReplyRefused` when an address is none."""
    with db.reading(engine) as session:
        of_reply = select(ReplyAttachment).where(ReplyAttachment.reply_id == begun.reply.id)
        files = [
            OutgoingFile(row.name, row.content_type, raw_store.get(session, row.raw_sha256))
            for row in session.exec(of_reply.order_by(col(ReplyAttachment.position))).all()
        ]
    return reply_bytes(begun.reply, begun.mailbox, files)


def _deliver(source: MailSource, begun: _Begun, raw: bytes) -> tuple[ReplyState, str]:
    reply = begun.reply
    if begun.state is ReplyState.DELIVERING:
        return _look_for(source, reply.message_id)
    if "resent" in reply.basis:
        try:
            if source.has_reply(reply.message_id):
                return ReplyState.DELIVERED, ""
        except Exception as error:  # nothing was sent now: whether it had been before is as unknown as it was
            return begun.unsent, _sentence(error, reply.id or 0)
    recipients = tuple(dict.fromkeys((*reply.recipients, *reply.cc)))
    try:
        source.put_reply(raw, reply.message_id, begun.mailbox.address, recipients, answers=begun.source_key)
        return ReplyState.DELIVERED, ""
    except ReplyUncertain:
        return _look_for(source, reply.message_id)
    except InboxAgentError as error:
        return begun.unsent, error.sentence
    except Exception as error:  # nobody can tell how far it came: a person looks
        log.exception("delivery_broke", reply_id=reply.id)
        return ReplyState.UNCERTAIN, f"{_UNKNOWN} ({type(error).__name__})"


def _sentence(error: Exception, reply_id: int) -> str:
    if isinstance(error, InboxAgentError):
        return error.sentence
    log.error("delivery_not_begun", reply_id=reply_id, exc_info=error)
    return f"{_NOT_BEGUN} ({type(error).__name__})"


def _look_for(source: MailSource, message_id: str) -> tuple[ReplyState, str]:
    try:
        found = source.has_reply(message_id)
    except MailboxError:
        found = False
    except Exception:  # looking must not end the attempt: what is not known is said
        log.exception("lookup_broke", message_id=message_id)
        found = False
    return (ReplyState.DELIVERED, "") if found else (ReplyState.UNCERTAIN, _UNKNOWN)
