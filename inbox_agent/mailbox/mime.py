"""RFC 5322 bytes to a `Mail`, whatever the bytes. The raw mail is never changed and never copied as a whole."""

import binascii
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from inbox_agent.domain.errors import InboxAgentError
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.mime_part import MimePart, MimeTree, decoded, mime_tree
from inbox_agent.domain.sending import OWN_HEADER
from inbox_agent.mailbox.attachments import read_content
from inbox_agent.mailbox.authentication import authentication
from inbox_agent.mailbox.automatic import automatic
from inbox_agent.mailbox.delivery_report import delivery_report
from inbox_agent.mailbox.header import addresses, header_text, instant, message_ids
from inbox_agent.mailbox.limits import LIMITS

_HOME = ZoneInfo("Europe/Amsterdam")
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_EARLY = timedelta(days=1)
_LATE = timedelta(days=7)
_ATTACHED, _ATTACHED_HEAD = 5, 32 * 1024
"""How many attached mails are looked into, and how many bytes of each: its header."""
_THREAD_ROOT = 22
"""Bytes of a Thread-Index that all mails of an Outlook conversation share (MS-OXOMSG, 2.2.1.3)."""


class UnreadableMail(InboxAgentError):
    """Bytes that cannot safely be read as a mail. The sentence is shown in the queue as the reason it is parked."""

    status = 422


def parse(raw: bytes, *, received_at: datetime) -> Mail:
    """A mail from its raw bytes; what had to be repaired stands in `Mail.problems`.

    `received_at` is the aware instant that the source noted (IMAP INTERNALDATE, file time). The date of the topmost Received
    header, which our own server wrote, takes its place unless it lies before 1990 or a day or more after it: mail that was
    copied between mailboxes or to files carries the time of the copy, a later Received cannot be true.

    `received_on` is the day in the Date header's own offset when that instant lies at most seven days before and one day
    after the reception, and names an offset; else the day in Europe/Amsterdam.

    Raises UnreadableMail, and nothing else, when there is nothing to read or reading would not be safe.
    """
    if not raw.strip():
        raise UnreadableMail("This mail is empty: the mailbox gave no bytes for it.")
    if len(raw) > LIMITS.mail:
        raise UnreadableMail(
            f"This mail is larger than {LIMITS.mail // 1024 // 1024} MB. Read it in the mailbox itself."
        )
    try:
        return _read(raw, received_at)
    except Exception as error:  # a fault of ours in one mail parks that mail, with its cause, and the batch goes on
        raise UnreadableMail(
            f"This mail cannot be read ({type(error).__name__}). Read it in the mailbox itself."
        ) from error


def _read(raw: bytes, received_at: datetime) -> Mail:
    """`parse` without its safety net, so that tests can see what the net would hide."""
    tree = mime_tree(raw)
    root = tree.parts[0]
    problems = [tree.cut] if tree.cut else []
    received_at = _received_at(root, received_at.astimezone(UTC))
    sent_at = instant(root.header("date"))
    if sent_at is None:
        problems.append("no Date that can be read")
    message_id = next(iter(message_ids(root.header("message-id"))), "")
    if not message_id:
        problems.append("no Message-ID")
    sender = _sender(root, problems)
    subject = header_text(root.header("subject"))[: LIMITS.subject]
    content = read_content(raw, tree, problems)
    report = delivery_report(raw, tree, sender.email, subject, content.text)
    return Mail(
        received_at=received_at,
        received_on=_received_on(root, received_at, sent_at),
        sender=sender,
        subject=subject,
        text=content.text,
        html=content.html,
        message_id=message_id,
        in_reply_to=next(iter(message_ids(root.header("in-reply-to"))), ""),
        references=message_ids(root.header("references")),
        sent_at=sent_at.astimezone(UTC) if sent_at else None,
        reply_to=tuple(address for address in addresses(root.header("reply-to")) if address.email),
        to=_all_addresses(root, "to"),
        cc=_all_addresses(root, "cc"),
        attachments=content.attachments,
        automatic=automatic(tree, subject, report),
        failed_recipients=report.recipients if report else (),
        original_message_id=report.original_message_id if report else "",
        conversation=_conversation(root),
        problems=tuple(problems),
        authentication=authentication(root),
        attached_message_ids=_attached(raw, tree),
        own_message_id=next(iter(message_ids(root.header(OWN_HEADER.lower()))), ""),
    )


def _received_at(root: MimePart, noted: datetime) -> datetime:
    stamp = root.header("received").rpartition(b";")[2]
    moment = instant(stamp) if stamp else None
    return moment.astimezone(UTC) if moment and _OLDEST <= moment < noted + _EARLY else noted


def _received_on(root: MimePart, received_at: datetime, sent_at: datetime | None) -> date:
    if sent_at is not None and received_at - _LATE <= sent_at <= received_at + _EARLY:
        if not root.header("date").rstrip().endswith(b"-0000"):
            return sent_at.date()
        return sent_at.astimezone(_HOME).date()
    return received_at.astimezone(_HOME).date()


def _sender(root: MimePart, problems: list[str]) -> Address:
    """The first address of From, else of Sender, else a name alone, else nobody."""
    named = (*addresses(root.header("from")), *addresses(root.header("sender")))
    sender = next((address for address in named if address.email), None)
    if sender is None:
        problems.append("no sender address")
        return named[0] if named else Address("")
    return sender


def _all_addresses(root: MimePart, name: str) -> tuple[Address, ...]:
    """Addresses of all fields of this name: some programs write one for each."""
    values = [value for key, value in root.fields if key == name]
    return tuple(address for value in values[:50] for address in addresses(value))[: LIMITS.addresses]


def _attached(raw: bytes, tree: MimeTree) -> tuple[str, ...]:
    """Message-IDs of the first mails that lie in this one as attachments (RFC 2046, 5.2.1)."""
    mails = [part for part in tree.parts if part.content_type == "message/rfc822"][:_ATTACHED]
    heads = (mime_tree(decoded(raw, part, _ATTACHED_HEAD)).parts[0] for part in mails)
    return tuple(message_id for head in heads for message_id in message_ids(head.header("message-id"))[:1])


def _conversation(root: MimePart) -> str:
    try:
        index = binascii.a2b_base64(root.header("thread-index"))
    except binascii.Error:
        return ""
    return index[:_THREAD_ROOT].hex() if len(index) >= _THREAD_ROOT else ""
