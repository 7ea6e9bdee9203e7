"""An approved reply as bytes: the same row always gives the same bytes."""

from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.reply import OutgoingReply


def reply_bytes(reply: OutgoingReply, mailbox: Mailbox) -> bytes:
    """RFC 5322 bytes of the reply, from the shared mailbox, in the thread of the mail that it answers."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(mailbox.display_name, mailbox.address)
    message["To"] = tuple(_address(*parseaddr(recipient)) for recipient in reply.recipients)
    message["Subject"] = " ".join(reply.subject.split())
    message["Date"] = format_datetime(reply.approved_at)
    message["Message-ID"] = reply.message_id
    if reply.in_reply_to:
        message["In-Reply-To"] = reply.in_reply_to
    if reply.references:
        message["References"] = " ".join(reply.references)
    message.set_content((reply.body or "").replace("\r\n", "\n").rstrip("\n") + "\n", cte="quoted-printable")
    return message.as_bytes()


def _address(name: str, address: str) -> HeaderAddress:
    clean = " ".join(name.replace("\x00", "").split())
    return HeaderAddress(display_name=clean, addr_spec=address)
