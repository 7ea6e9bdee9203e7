"""To whom a reply is proposed to go, and which addresses a person has to look at before it does."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.triage import Triage
from inbox_agent.ledger.tables import ContactRow, CustomerContactRow, RememberedSenderRow
from inbox_agent.records.mail import MailContent, StoredMail, content_of
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.review.recipients import chosen, forwarded_by_us, recipients

_MAILS, _REPLIES = 30, 200
"""The last mails of the thread, and the last replies to the customer, in which an address or a domain may stand."""


@dataclass(frozen=True, slots=True)
class Addressing:
    """`to` is proposed; when it is empty, `because` says why nobody can be answered. `to_check`: those of `to` that a person
    has to look at before anything is sent to them."""

    to: tuple[str, ...] = ()
    because: str = ""
    to_check: tuple[str, ...] = ()


def addressing(
    session: Session, row: StoredMail, mailbox_address: str, mail: Mail | None, reading: Triage | None
) -> Addressing:
    """Whom an answer to the mail goes to. `mail` None: it was erased, or could not be decoded."""
    if mail is None:
        return Addressing()
    try:
        to = recipients(mail, mailbox_address, original_sender(mail, mailbox_address, reading))
    except NotAllowed as error:
        return Addressing(because=error.sentence)
    return Addressing(to, "", unfamiliar(session, row, mailbox_address, mail, to))


def to_check(session: Session, row: StoredMail, to: tuple[str, ...], cc: tuple[str, ...]) -> tuple[str, ...]:
    """Which of the recipients that a controller wrote want a look. Raises `NotAllowed` for what cannot be sent to."""
    mailbox = session.get_one(Mailbox, row.mailbox_id)
    mail = content_of(session, row.id or 0)
    first, others = chosen(to, cc, mailbox.address)
    return unfamiliar(session, row, mailbox.address, mail, (*first, *others)) if mail else ()


def original_sender(mail: Mail, mailbox_address: str, reading: Triage | None) -> Address | None:
    """Who wrote what a colleague passed on to us; None for any other mail."""
    sender = reading.text.forwarded_from if reading else None
    return sender if sender and sender.email and forwarded_by_us(mail, mailbox_address) else None


def unfamiliar(
    session: Session, row: StoredMail, mailbox_address: str, mail: Mail, addresses: Iterable[str]
) -> tuple[str, ...]:
    """Those that nobody of the thread wrote from or to and the ledger does not name; and those of a domain that is new for
    the customer: no contact has it, and no mail that was decided and no reply that left had it. At most six queries.

    While no customer is known nothing of a customer's can be told to the wrong one, so domains do not count.
    """
    wanted = {address.lower(): address for address in addresses}
    known, domains = _of_ledger(session, row)
    strange = [key for key in wanted if key not in known]
    if strange:
        known |= {one.key for one in (mail.sender, *mail.to, *mail.cc)}
    if not known.issuperset(strange):
        known |= _of_thread(session, row)
    new_domains: set[str] = set()
    if row.customer_id is not None:
        own = mailbox_address.lower().rpartition("@")[2]
        new_domains = {key.rpartition("@")[2] for key in strange} - domains - {own}
        new_domains -= _seen(session, row, new_domains) if new_domains else set()
    return tuple(
        address for key, address in wanted.items() if key not in known or key.rpartition("@")[2] in new_domains
    )


def _of_ledger(session: Session, row: StoredMail) -> tuple[set[str], set[str]]:
    """Addresses and domains that the ledger, or a person's word on the sender, ties to the customer."""
    if row.customer_id is None:
        return set(), set()
    contacts = (
        select(ContactRow.email, ContactRow.domain)
        .join(CustomerContactRow, col(CustomerContactRow.contact_id) == ContactRow.id)
        .where(CustomerContactRow.customer_id == row.customer_id)
    )
    remembered = select(RememberedSenderRow.sender).where(
        RememberedSenderRow.mailbox_id == row.mailbox_id,
        RememberedSenderRow.customer_id == row.customer_id,
        col(RememberedSenderRow.ended_at).is_(None),
    )
    named = session.exec(contacts).all()
    senders = set(session.exec(remembered))
    if row.chosen_customer_id == row.customer_id and row.sender_email:
        senders.add(row.sender_email)
    known = {email for email, _ in named} | {sender for sender in senders if "@" in sender}
    return known, {domain for _, domain in named} | {sender.rpartition("@")[2] for sender in senders}


def _of_thread(session: Session, row: StoredMail) -> set[str]:
    if row.thread_id is None:
        return set()
    wanted = (
        select(MailContent)
        .join(StoredMail, col(StoredMail.id) == MailContent.mail_id)
        .where(StoredMail.thread_id == row.thread_id, StoredMail.id != row.id)
        .order_by(col(StoredMail.id).desc())
        .limit(_MAILS)
    )
    mails = [content.read() for content in session.exec(wanted)]
    return {one.key for mail in mails if mail for one in (mail.sender, *mail.to, *mail.cc)}


def _seen(session: Session, row: StoredMail, domains: set[str]) -> set[str]:
    """Those of the domains that wrote to us, in a mail that a person decided on, or that a reply of ours went to."""
    of_customer = StoredMail.customer_id == row.customer_id
    wrote = [col(StoredMail.sender_email).endswith(f"@{domain}", autoescape=True) for domain in sorted(domains)]
    decided = select(StoredMail.sender_email).where(
        of_customer, col(StoredMail.decided_at).is_not(None), StoredMail.id != row.id, or_(*wrote)
    )
    seen = {email.rpartition("@")[2] for email in session.exec(decided.distinct().limit(_REPLIES))}
    replies = (
        select(OutgoingReply.recipients, OutgoingReply.cc)
        .join(StoredMail, col(StoredMail.id) == OutgoingReply.mail_id)
        .where(of_customer, OutgoingReply.state == ReplyState.DELIVERED)
        .order_by(col(OutgoingReply.id).desc())
        .limit(_REPLIES)
    )
    return seen | {one.lower().rpartition("@")[2] for to, cc in session.exec(replies) for one in (*to, *cc)}
