"""What a controller decides. Each function is one transaction's work; the caller commits, or rolls back when it raises.

Every mail is locked before it is looked at, so that of two controllers one decides and the other gets `Conflict`.
"""

from datetime import datetime

from sqlmodel import Session, col, func, select

from inbox_agent.domain.errors import Conflict, NotAllowed
from inbox_agent.domain.sending import SendingRules
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.durable import Queue
from inbox_agent.records import reopening
from inbox_agent.records.mail import MailState, StoredMail, Thread, content_of
from inbox_agent.records.people import Controller, MailboxTeam, TeamMember
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import Review
from inbox_agent.review import proposals
from inbox_agent.review.amendments import add, amend
from inbox_agent.review.caution import check_reply
from inbox_agent.review.composing import body_of, compose, recipients_of, subject_of
from inbox_agent.review.corrections import changes, check_intents, intents_with, plain, with_addition, with_recipients
from inbox_agent.review.files import attach
from inbox_agent.review.readings import latest_triage, shown_intents
from inbox_agent.review.views import Approval, DecisionKind, Viewer
from inbox_agent.review.visible import check_version, undecided_mail, visible_mail


def approve(
    session: Session,
    viewer: Viewer,
    mail_id: int,
    approval: Approval,
    queue: Queue,
    now: datetime,
    rules: SendingRules = SendingRules(),  # noqa: B008
    raw_store: RawStore = RawStore(),  # noqa: B008
) -> OutgoingReply | None:
    """Confirms the accepted records as they were corrected, rejects the others, keeps what was changed, and queues the reply, if there is
    one, to leave once its hold is over.

    Raises `NotFound`; `Conflict` when the mail was decided or changed meanwhile, or is still being read; `NotAllowed`
    when nobody can be answered, or the reply, its files or the intents cannot be, or danger signs ask for a telephone call
    first, or an address has to be checked first.
    """
    row = undecided_mail(session, viewer, mail_id, approval.version)
    triage = latest_triage(session, mail_id)
    reading = triage.read() if triage else None
    intents = intents_with(approval, shown_intents(session, mail_id, triage))
    if intents is not None:
        check_intents(intents)
    rows = proposals.rows_of(session, mail_id)
    if not set(approval.accepted) <= rows.keys():
        raise Conflict("One of the chosen records no longer exists. Reload the mail, then decide again.")
    reply = None if approval.reply is None else body_of(approval.reply)
    if reading and reply is not None:
        check_reply(reading, reply, approval.called)
    to = None if reply is None else recipients_of(session, row, approval, reading, rules, now)
    corrected = [one for one in approval.amendments if one.key in approval.accepted]
    amended = amend(session, row, rows, reading.extraction.acts if reading else (), corrected)
    rejected = proposals.decide(rows, approval.accepted, viewer.controller_id, now)
    review = _review(session, viewer, row, DecisionKind.APPROVED, now, triage_id=triage.id if triage else None)
    review.changes = changes(
        shown_intents(session, mail_id, triage),
        intents,
        [(key[0], rows[key].act_index, proposals.intent_of(rows[key])) for key in rejected],
        reading.draft if reading and row.answered_by_mail_id is None else None,
        subject_of(approval.subject, row),
        reply,
        amended,
    )
    if approval.addition and triage:
        added = add(session, row, triage.id or 0, approval.addition, viewer.controller_id, now)
        review.changes = with_addition(review.changes, added)
    if reading and reading.dangers and reply is not None:
        review.changes = {**review.changes, "called": approval.called}
    if to is not None:
        review.changes = with_recipients(review.changes, to.proposed, (*to.to, *to.cc), to.checked)
    session.flush()
    outgoing = None
    if to is not None:
        of_records = proposals.invoice_numbers(session, mail_id)
        about = [number for key, numbers in of_records.items() if key not in rejected for number in numbers]
        outgoing = compose(session, viewer, row, review, approval, to, reading, about, rules, now)
        attach(session, outgoing, approval, raw_store, now)
        queue.deliver(session, outgoing.id or 0, delay=rules.hold)
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
    """Takes back a dismissal, or an approval without reply: the records are proposals again. What a colleague answered in the mail
    program counts no longer either: its draft is back.

    The mailbox goes on showing the mail as handled. Raises `NotFound`; `Conflict` when it is not decided, was changed
    meanwhile, or a reply was approved.
    """
    row = visible_mail(session, viewer, mail_id, lock=True)
    if row.decided_at is None and row.answered_by_mail_id is None:
        raise Conflict("This mail is open already. Reload it.")
    check_version(row, version)
    standing = select(OutgoingReply.id).where(
        OutgoingReply.mail_id == mail_id,
        col(OutgoingReply.state).not_in((ReplyState.WITHDRAWN, ReplyState.RETURNED)),
    )
    if session.exec(standing).first() is not None:
        raise Conflict("A reply to this mail was approved, so the decision stands. Answer the next mail of the thread.")
    _review(session, viewer, row, DecisionKind.REOPENED, now)
    row.answered_by_mail_id = None
    reopening.reopen(session, row, now)


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
    """Has a parked mail read again, or an ignored one after all. Raises `NotFound`; `Conflict` when it is neither any more;
    `NotAllowed` when it could not even be decoded, so that there is nothing to read."""
    row = visible_mail(session, viewer, mail_id, lock=True)
    is_put_aside = row.state is MailState.PARKED or (row.state is MailState.IGNORED and not row.is_sent)
    if not is_put_aside or row.decided_at is not None:
        raise Conflict("This mail is not parked any more. Reload it.")
    if content_of(session, mail_id) is None:
        raise NotAllowed("This mail could not be decoded, so it cannot be read again. Download the original instead.")
    attempt = 2 + _count(session, mail_id, DecisionKind.RETRIED)
    _review(session, viewer, row, DecisionKind.RETRIED, now)
    row.state, row.state_reason, row.copy_of = MailState.FETCHED, "", None
    _changed(row, now)
    queue.triage(session, mail_id, attempt)


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
