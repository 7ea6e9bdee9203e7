"""An approved reply as bytes: the same row and files always give the same bytes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address as HeaderAddress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path

import jinja2

from inbox_agent.domain.errors import ReplyRefused
from inbox_agent.domain.quoting import parts
from inbox_agent.domain.sending import OWN_HEADER
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.reply import OutgoingReply


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes with the reply."""

    name: str
    content_type: str
    content: bytes


class _MessageIds(UnstructuredHeader, BaseHeader):
    """Message-IDs, one a line. Python would write one longer than a line as encoded words, which no mail program reads."""

    max_count = 1

    def fold(self, *, policy: Policy) -> str:
        """The whole field; an id is never broken (RFC 5322 §2.1.1 allows 998 characters a line)."""
        return f"{self.name}: " + f"{policy.linesep} ".join(str(self).split()) + policy.linesep


def _headers() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("in-reply-to", "references", OWN_HEADER.lower()):
        registry.map_to_type(name, _MessageIds)
    return registry


def reply_bytes(reply: OutgoingReply, mailbox: Mailbox, files: Sequence[OutgoingFile] = ()) -> bytes:
    """RFC 5322 bytes of the reply, from the shared mailbox, in the thread of the mail that it answers: plain text with an HTML
    alternative that says the same (RFC 2046 §5.1.4), and the files.

    No `Auto-Submitted`: a person approved it (RFC 3834 §5). Raises `ReplyRefused` when an address is none.
    """
    message = EmailMessage(policy=SMTP.clone(header_factory=_headers()))
    message["From"] = _address(mailbox.display_name, mailbox.address)
    message["To"] = _addresses(reply.recipients)
    if reply.cc:
        message["Cc"] = _addresses(reply.cc)
    message["Subject"] = " ".join(reply.subject.split())
    message["Date"] = format_datetime(reply.approved_at)
    message["Message-ID"] = reply.message_id
    if reply.in_reply_to:
        message["In-Reply-To"] = reply.in_reply_to
    if reply.references:
        message["References"] = " ".join(reply.references)
    message[OWN_HEADER] = reply.message_id
    body = (reply.body or "").replace("\r\n", "\n").rstrip("\n")
    message.set_content(_plain(body, reply) + "\n", cte="quoted-printable")
    message.add_alternative(_html(body, reply), subtype="html", cte="quoted-printable")
    for file in files:
        main, _, sub = file.content_type.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name, cte="base64")
    for number, part in enumerate(message.walk()):
        if part.is_multipart():  # Python's own boundaries are drawn by lot
            part.set_boundary(hashlib.sha256(f"{reply.message_id} {number}".encode()).hexdigest()[:40])
    return message.as_bytes()


def _plain(body: str, reply: OutgoingReply) -> str:
    return "\n\n".join(part for part in (body, reply.signature, reply.quoted) if part)


def _html(body: str, reply: OutgoingReply) -> str:
    introduction, quote = parts(reply.quoted)
    signature = reply.signature.split("\n") if reply.signature else []
    return _template().render(body=body.split("\n"), signature=signature, introduction=introduction, quote=quote)


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("reply.html")


def _addresses(written: Sequence[str]) -> tuple[HeaderAddress, ...]:
    return tuple(_address(*parseaddr(one)) for one in written)


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
