"""An approved reply as a row, complete: the same row always gives the same mail."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.quoting import quoted
from inbox_agent.domain.sending import HOUR, SendingRules
from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.triage import Triage
from inbox_agent.ledger.tables import InvoiceRow
from inbox_agent.records.mail import StoredMail, content_of
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.people import Controller
from inbox_agent.records.reply import OutgoingReply, too_often
from inbox_agent.records.triage import Review
from inbox_agent.review.addressing import addressing, unfamiliar
from inbox_agent.review.corrections import plain
from inbox_agent.review.recipients import check_answerable, chosen
from inbox_agent.review.views import Approval, Viewer
from inbox_agent.standing import standing

_LONGEST_REPLY, _LONGEST_SUBJECT = 100_000, 900
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_REFERENCES = 20
"""References of a reply: the first and the last ones, as RFC 5322 §3.6.4 allows to shorten them."""

_NUMBER = re.compile(r"\w[\w./-]*\w")
_MOST_NUMBERS = 500

_ZONE = ZoneInfo("Europe/Amsterdam")
"""In which a quoted mail's instant is told, as on the pages."""


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom a reply goes to. `proposed` is whom it would have gone to by itself; `checked` what a person had to look at, and did."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    proposed: tuple[str, ...]
    checked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Below:
    """What stands below the text of a reply: the signatures, and the mail that it answers."""

    signature: str
    quoted: str


def body_of(text: str) -> str:
    """The text as it is sent. Raises `NotAllowed` when there is none, or too much."""
    body = plain(text) or ""
    if not body:
        raise NotAllowed("The reply is empty. Write a text, or approve without a reply.")
    if len(body) > _LONGEST_REPLY:
        raise NotAllowed(f"The reply has {len(body)} characters; at most {_LONGEST_REPLY} can be sent. Shorten it.")
    return body


def subject_of(subject: str, row: StoredMail) -> str:
    """On one line; "Re: …" when the controller left none."""
    one_line = " ".join(subject.replace("\x00", "").split())
    return (one_line or f"Re: {' '.join(row.subject.split())}")[:_LONGEST_SUBJECT]


def below(session: Session, viewer: Viewer, row: StoredMail, mail: Mail | None, reading: Triage | None) -> Below:
    """The controller's signature, then the mailbox's; the quoted mail in the language of the reply."""
    mailbox = session.get_one(Mailbox, row.mailbox_id)
    own = session.get_one(Controller, viewer.controller_id).signature
    signature = "\n\n".join(part for part in (plain(own), plain(mailbox.signature)) if part)
    written_at = row.received_at.astimezone(_ZONE)
    return Below(signature, quoted(mail, _language(reading, mailbox), written_at) if mail else "")


def recipients_of(
    session: Session, row: StoredMail, approval: Approval, reading: Triage | None, rules: SendingRules, now: datetime
) -> Recipients:
    """Whom the approval sends to. Raises `NotAllowed` when nobody can be answered, for an address that cannot be sent to, that
    nobody of the thread has and the controller did not say to have checked, or that got too many replies within an hour."""
    mail = content_of(session, row.id or 0)
    if mail is None:
        raise NotAllowed("This mail has no address that can be answered. Decide without a reply.")
    check_answerable(mail)
    mailbox = session.get_one(Mailbox, row.mailbox_id)
    proposal = addressing(session, row, mailbox.address, mail, reading)
    cc: tuple[str, ...] = ()
    if approval.to is None and not approval.cc:
        if proposal.because:
            raise NotAllowed(proposal.because)
        to, strange = proposal.to, proposal.to_check
    else:
        to, cc = chosen(proposal.to if approval.to is None else approval.to, approval.cc, mailbox.address)
        strange = unfamiliar(session, row, mailbox.address, mail, (*to, *cc))
    checked = {address.lower() for address in approval.checked}
    unchecked = [address for address in strange if address.lower() not in checked]
    if unchecked:
        raise NotAllowed(
            f"Nobody of this case has written from or to {', '.join(unchecked)} before, or the domain is new for this "
            "customer. Check the address, then tick that you did."
        )
    often = too_often(session, row.mailbox_id, (*to, *cc), now - HOUR, rules.replies_per_hour)
    if often:
        raise NotAllowed(
            f"{rules.replies_per_hour} replies went to {often} within an hour. Wait, or look whether a machine answers there."
        )
    return Recipients(to, cc, proposal.to, strange)


def compose(
    session: Session,
    viewer: Viewer,
    row: StoredMail,
    review: Review,
    approval: Approval,
    recipients: Recipients,
    reading: Triage | None,
    about: Iterable[str],
    rules: SendingRules,
    now: datetime,
) -> OutgoingReply:
    """The reply that `recipients_of` let through. `about` are the invoices of the accepted records."""
    mailbox = session.get_one(Mailbox, row.mailbox_id)
    mail = content_of(session, row.id or 0)
    assert mail is not None, "recipients_of refuses this"
    body = body_of(approval.reply or "")
    stands = below(session, viewer, row, mail, reading)
    numbers = {*about, *_named(session, row, body)}
    reply = OutgoingReply(
        mail_id=row.id or 0,
        thread_id=row.thread_id,
        mailbox_id=row.mailbox_id,
        review_id=review.id or 0,
        message_id=f"<{uuid4()}@{mailbox.address.rpartition('@')[2]}>",
        in_reply_to=mail.message_id if _MESSAGE_ID.fullmatch(mail.message_id) else "",
        references=_references(mail),
        recipients=list(recipients.to),
        cc=list(recipients.cc),
        subject=subject_of(approval.subject, row),
        body=body,
        signature=stands.signature,
        quoted=stands.quoted,
        basis=standing(session, row, numbers, (*recipients.to, *recipients.cc)).as_json(),
        approved_by=viewer.controller_id,
        approved_at=now,
        send_after=now + rules.hold,
        changed_at=now,
    )
    session.add(reply)
    session.flush()
    return reply


def _language(reading: Triage | None, mailbox: Mailbox) -> Language:
    if reading is not None:
        return reading.draft.language if reading.draft else reading.text.language
    return next((one for one in Language if one.value == mailbox.language), Language.NL)


def _named(session: Session, row: StoredMail, body: str) -> list[str]:
    """The customer's invoices that the text names by number."""
    if row.customer_id is None:
        return []
    written = list(dict.fromkeys(_NUMBER.findall(body)))
    numbers = [one for one in written if any(c.isdigit() for c in one)][:_MOST_NUMBERS]
    wanted = select(InvoiceRow.number).where(
        InvoiceRow.customer_id == row.customer_id, col(InvoiceRow.number).in_(numbers)
    )
    return list(session.exec(wanted))


def _references(mail: Mail) -> list[str]:
    """The mail's References and itself; anything that is no Message-ID stays out of our headers."""
    named = [one for one in dict.fromkeys((*mail.references, mail.message_id)) if _MESSAGE_ID.fullmatch(one)]
    return named if len(named) <= _REFERENCES else [named[0], *named[1 - _REFERENCES :]]
