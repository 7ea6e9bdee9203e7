"""An approved reply as bytes: the same row always gives the same bytes."""

from email.headerregistry import Address as HeaderAddress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr

from inbox_agent.domain.errors import ReplyRefused
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.reply import OutgoingReply


class _MessageIds(UnstructuredHeader, BaseHeader):
    """Message-IDs, one a line. Python would write one longer than a line as encoded words, which no mail program reads."""

    max_count = 1

    def fold(self, *, policy: Policy) -> str:
        """The whole field; an id is never broken (RFC 5322 §2.1.1 allows 998 characters a line)."""
        return f"{self.name}: " + f"{policy.linesep} ".join(str(self).split()) + policy.linesep


def _headers() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("in-reply-to", "references"):
        registry.map_to_type(name, _MessageIds)
    return registry


def reply_bytes(reply: OutgoingReply, mailbox: Mailbox) -> bytes:
    """RFC 5322 bytes of the reply, from the shared mailbox, in the thread of the mail that it answers.

    Raises `ReplyRefused` when an address is none.
    """
    message = EmailMessage(policy=SMTP.clone(header_factory=_headers()))
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
    """For a header: the domain in ASCII (RFC 3490), a local part with spaces in quotes. Raises `ReplyRefused`."""
    clean = " ".join(name.replace("\x00", "").split())
    local, _, domain = address.strip().rpartition("@")
    try:
        if not local or not local.isascii() or not domain:
            raise ValueError("a local part in ASCII and a domain are needed")
        return HeaderAddress(display_name=clean, username=local, domain=domain.encode("idna").decode("ascii"))
    except ValueError as error:  # `UnicodeError` is one
        raise ReplyRefused(
            f"{address!r} is no mail address that a reply can be sent with. Nothing was sent; correct the address."
        ) from error
