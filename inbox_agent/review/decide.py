"""What a controller decides. Each function is one transaction's work; the caller commits, or rolls back when it raises.

Every mail is locked before it is looked at, so that of two controllers one decides and the other gets `Conflict`.
"""

import re
from datetime import datetime
from uuid import uuid4

from sqlmodel import Session, col, func, select

from inbox_agent.domain.errors import Conflict, NotAllowed
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.durable import Queue
from inbox_agent.records.mail import MailState, StoredMail, Thread, content_of
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.people import Controller, MailboxTeam, TeamMember
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import Review
from inbox_agent.review import proposals
from inbox_agent.review.amendments import amend
from inbox_agent.review.caution import check_reply
from inbox_agent.review.corrections import changes, check_intents, plain
from inbox_agent.review.readings import latest_triage, shown_intents
from inbox_agent.review.recipients import recipients
from inbox_agent.review.views import Approval, DecisionKind, Viewer
from inbox_agent.review.visible import check_version, undecided_mail, visible_mail, visible_reply

_LONGEST_REPLY, _LONGEST_SUBJECT = 100_000, 900
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_REFERENCES = 20
"""References of a reply: the first and the last ones, as RFC 5322 §3.6.4 allows to shorten them."""


def approve(
    session: Session, viewer: Viewer, mail_id: int, approval: Approval, queue: Queue, now: datetime
) -> OutgoingReply | None:
    """Confirms the accepted records as they were corrected, rejects the others, keeps what was changed, and queues the reply if there is one.

    Raises `NotFound`; `Conflict` when the mail was decided or changed meanwhile, or is still being read; `NotAllowed`
    when nobody can be answered, or the reply or the intents cannot be, or danger signs ask for a telephone call first.
    """
    row = undecided_mail(session, viewer, mail_id, approval.version)
    triage = latest_triage(session, mail_id)
    reading = triage.read() if triage else None
    if approval.intents is not None:
        check_intents(approval.intents)
    rows = proposals.rows_of(session, mail_id)
    if not set(approval.accepted) <= rows.keys():
        raise Conflict("One of the chosen records no longer exists. Reload the mail, then decide again.")
    reply = None if approval.reply is None else _body(approval.reply)
    if reading and reply is not None:
        check_reply(reading, reply, approval.called)
    corrected = [one for one in approval.amendments if one.key in approval.accepted]
    amended = amend(session, mail_id, row.customer_id, rows, corrected)
    rejected = proposals.decide(rows, approval.accepted, viewer.controller_id, now)
    review = _review(session, viewer, row, DecisionKind.APPROVED, now, triage_id=triage.id if triage else None)
    review.changes = changes(
        shown_intents(session, mail_id, triage),
        approval.intents,
        [(key[0], rows[key].act_index, proposals.intent_of(rows[key])) for key in rejected],
        reading.draft if reading else None,
        _subject(approval.subject, row),
        reply,
        amended,
    )
    if reading and reading.dangers and reply is not None:
        review.changes = {**review.changes, "called": approval.called}
    session.flush()
    outgoing = None
    if reply is not None:
        outgoing = _outgoing(session, row, review, _subject(approval.subject, row), reply, viewer, now)
        queue.deliver(session, outgoing.id or 0)
    _close(session, row, viewer, queue, now)
    return outgoing


def dismiss(
    session: Session, viewer: Viewer, mail_id: int, version: int, reason: str, queue: Queue, now: datetime
) -> None:
    """Puts the mail away: its proposals are rejected, nothing is sent. Raises `NotFound`, `Conflict`."""
    row = undecided_mail(session, viewer, mail_id, version)
    triage = latest_triage(session, mail_id)
    rows = proposals.rows_of(session, mail_id)
    rejected = proposals.decide(rows, (), viewer.controller_id, now)
    review = _review(session, viewer, row, DecisionKind.DISMISSED, now, triage_id=triage.id if triage else None)
    review.reason = (plain(reason) or "")[:2000]
    review.changes = changes(
        (), None, [(key[0], rows[key].act_index, proposals.intent_of(rows[key])) for key in rejected], None, "", None
    )
    _close(session, row, viewer, queue, now)


def reopen(session: Session, viewer: Viewer, mail_id: int, version: int, now: datetime) -> None:
    """Takes back a dismissal, or an approval without reply: the records are proposals again.

    The mailbox goes on showing the mail as handled. Raises `NotFound`; `Conflict` when it is not decided, was changed
    meanwhile, or a reply was approved.
    """
    row = visible_mail(session, viewer, mail_id, lock=True)
    if row.decided_at is None:
        raise Conflict("This mail is open already. Reload it.")
    check_version(row, version)
    if session.exec(select(OutgoingReply.id).where(OutgoingReply.mail_id == mail_id)).first() is not None:
        raise Conflict("A reply to this mail was approved, so the decision stands. Answer the next mail of the thread.")
    proposals.undecide(proposals.rows_of(session, mail_id))
    _review(session, viewer, row, DecisionKind.REOPENED, now)
    row.decided_at, row.decided_by = None, None
    _changed(row, now)


def reassign(session: Session, viewer: Viewer, mail_id: int, controller_id: int | None, now: datetime) -> None:
    """Gives the mail's whole thread to a colleague, or to nobody in particular (None).

    Raises `NotFound`; `NotAllowed` for anybody but a team lead, and for a person who cannot see the mailbox; `Conflict`
    while the mail has no thread (it was not read).
    """
    _check_lead(viewer, "re-assign")
    row = visible_mail(session, viewer, mail_id)
    if row.thread_id is None:
        raise Conflict("This mail was not read by the machine, so it belongs to no thread that could be assigned.")
    if controller_id is not None and controller_id not in {one for one, _ in _sharing(session, (row.mailbox_id,))}:
        raise NotAllowed("This person does not share the mailbox. Choose somebody of its teams.")
    thread = session.get_one(Thread, row.thread_id, with_for_update=True, populate_existing=True)
    before, thread.assigned_to, thread.changed_at = thread.assigned_to, controller_id, now
    review = _review(session, viewer, row, DecisionKind.REASSIGNED, now)
    review.changes = {"assigned_to": {"before": before, "after": controller_id}}
    for other in session.exec(select(StoredMail).where(StoredMail.thread_id == thread.id)):
        other.changed_at = now


def reclassify(
    session: Session, viewer: Viewer, mail_id: int, version: int, intents: tuple[Intent, ...], now: datetime
) -> None:
    """Corrects what the mail says, without deciding on it; the reading itself stays as it was.

    Raises `NotFound`, `Conflict`; `NotAllowed` for anybody but a team lead, and for intents that cannot be together.
    """
    _check_lead(viewer, "re-classify")
    check_intents(intents)
    row = visible_mail(session, viewer, mail_id, lock=True)
    check_version(row, version)
    triage = latest_triage(session, mail_id)
    if triage is None:
        raise Conflict("This mail was not read by the machine, so there is nothing to correct.")
    found = changes(shown_intents(session, mail_id, triage), intents, (), None, "", None)
    if found:
        _review(session, viewer, row, DecisionKind.RECLASSIFIED, now, triage_id=triage.id).changes = found
        _changed(row, now)


def retry_parked(session: Session, viewer: Viewer, mail_id: int, queue: Queue, now: datetime) -> None:
    """Has a parked mail read again. Raises `NotFound`; `Conflict` when it is not parked any more; `NotAllowed` when it
    could not even be decoded, so that there is nothing to read."""
    row = visible_mail(session, viewer, mail_id, lock=True)
    if row.state is not MailState.PARKED or row.decided_at is not None:
        raise Conflict("This mail is not parked any more. Reload it.")
    if content_of(session, mail_id) is None:
        raise NotAllowed("This mail could not be decoded, so it cannot be read again. Download the original instead.")
    attempt = 2 + _count(session, mail_id, DecisionKind.RETRIED)
    _review(session, viewer, row, DecisionKind.RETRIED, now)
    row.state, row.state_reason = MailState.FETCHED, ""
    _changed(row, now)
    queue.triage(session, mail_id, attempt)


def resend(session: Session, viewer: Viewer, reply_id: int, queue: Queue, now: datetime) -> None:
    """Sends a failed or uncertain reply once more, because a person decided so. The Message-ID stays the same.

    Raises `NotFound`; `Conflict` when the reply is in another state; `NotAllowed` when its text was erased.
    """
    reply = visible_reply(session, viewer, reply_id)
    if reply.state not in (ReplyState.FAILED, ReplyState.UNCERTAIN):
        raise Conflict("This reply is being sent, or was sent already. Reload the mail.")
    if reply.body is None:
        raise NotAllowed("The text of this reply was erased, so it cannot be sent again.")
    row = visible_mail(session, viewer, reply.mail_id)
    attempt = 2 + _count(session, reply.mail_id, DecisionKind.RESENT)
    _review(session, viewer, row, DecisionKind.RESENT, now)
    reply.state, reply.problem, reply.changed_at = ReplyState.APPROVED, "", now
    row.changed_at = now
    queue.deliver(session, reply_id, attempt)


def mark_delivered(session: Session, viewer: Viewer, reply_id: int, now: datetime) -> None:
    """Notes that an uncertain reply did leave, as a person found out; `now` stands as its instant.

    Raises `NotFound`; `Conflict` when it is not uncertain.
    """
    reply = visible_reply(session, viewer, reply_id)
    if reply.state is not ReplyState.UNCERTAIN:
        raise Conflict("It is known by now what became of this reply. Reload the mail.")
    row = visible_mail(session, viewer, reply.mail_id)
    _review(session, viewer, row, DecisionKind.MARKED_DELIVERED, now)
    reply.state, reply.problem, reply.delivered_at, reply.changed_at = ReplyState.DELIVERED, "", now, now
    row.changed_at = now


def colleagues(session: Session, viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """(id, name) of everybody active who shares a mailbox with the viewer, the viewer included, by name."""
    return _sharing(session, viewer.mailbox_ids)


def _sharing(session: Session, mailbox_ids: tuple[int, ...]) -> tuple[tuple[int, str], ...]:
    wanted = (
        select(Controller.id, Controller.name)
        .join(TeamMember, col(TeamMember.controller_id) == Controller.id)
        .join(MailboxTeam, col(MailboxTeam.team_id) == TeamMember.team_id)
        .where(col(MailboxTeam.mailbox_id).in_(mailbox_ids), col(Controller.active))
        .distinct()
        .order_by(Controller.name, col(Controller.id))
    )
    return tuple((found or 0, name) for found, name in session.exec(wanted))


def _check_lead(viewer: Viewer, what: str) -> None:
    if not viewer.is_lead:
        raise NotAllowed(f"Only a team lead may {what} a mail. Ask yours.")


def _count(session: Session, mail_id: int, kind: DecisionKind) -> int:
    return session.exec(select(func.count()).where(Review.mail_id == mail_id, Review.decision == kind)).one()


def _review(
    session: Session, viewer: Viewer, row: StoredMail, kind: DecisionKind, now: datetime, triage_id: int | None = None
) -> Review:
    review = Review(
        mail_id=row.id or 0,
        triage_id=triage_id,
        controller_id=viewer.controller_id,
        decision=kind.value,
        decided_at=now,
    )
    session.add(review)
    return review


def _close(session: Session, row: StoredMail, viewer: Viewer, queue: Queue, now: datetime) -> None:
    row.decided_at, row.decided_by = now, viewer.controller_id
    _changed(row, now)
    session.flush()
    queue.mark_handled(session, row.id or 0)


def _changed(row: StoredMail, now: datetime) -> None:
    row.changed_at = now
    row.version += 1


def _body(text: str) -> str:
    body = plain(text) or ""
    if not body:
        raise NotAllowed("The reply is empty. Write a text, or approve without a reply.")
    if len(body) > _LONGEST_REPLY:
        raise NotAllowed(f"The reply has {len(body)} characters; at most {_LONGEST_REPLY} can be sent. Shorten it.")
    return body


def _subject(subject: str, row: StoredMail) -> str:
    """On one line; "Re: …" when the controller left none."""
    one_line = " ".join(subject.replace("\x00", "").split())
    return (one_line or f"Re: {' '.join(row.subject.split())}")[:_LONGEST_SUBJECT]


def _outgoing(
    session: Session, row: StoredMail, review: Review, subject: str, body: str, viewer: Viewer, now: datetime
) -> OutgoingReply:
    mailbox = session.get_one(Mailbox, row.mailbox_id)
    mail = content_of(session, row.id or 0)
    if mail is None:
        raise NotAllowed("This mail has no address that can be answered. Decide without a reply.")
    reply = OutgoingReply(
        mail_id=row.id or 0,
        thread_id=row.thread_id,
        mailbox_id=row.mailbox_id,
        review_id=review.id or 0,
        message_id=f"<{uuid4()}@{mailbox.address.rpartition('@')[2]}>",
        in_reply_to=mail.message_id if _MESSAGE_ID.fullmatch(mail.message_id) else "",
        references=_references(mail),
        recipients=list(recipients(mail, mailbox.address)),
        subject=subject,
        body=body,
        approved_by=viewer.controller_id,
        approved_at=now,
        send_after=now,
        changed_at=now,
    )
    session.add(reply)
    session.flush()
    return reply


def _references(mail: Mail) -> list[str]:
    """The mail's References and itself; anything that is no Message-ID stays out of our headers."""
    named = [one for one in dict.fromkeys((*mail.references, mail.message_id)) if _MESSAGE_ID.fullmatch(one)]
    return named if len(named) <= _REFERENCES else [named[0], *named[1 - _REFERENCES :]]
