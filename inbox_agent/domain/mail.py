"""A mail as it arrived, decoded: what the bytes say, before anybody read it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header. `email` as written; compare by `key`."""

    email: str
    name: str = ""

    @property
    def key(self) -> str:
        """Lower-cased address, for comparing."""
        return self.email.strip().lower()

    @property
    def domain(self) -> str:
        """Lower-cased domain, or ""."""
        return self.key.rpartition("@")[2]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached part.

    `position` finds its bytes again: `domain.mime_part.part_bytes(raw, position)`. It counts the parts of the MIME tree in
    order; in a wrapper (smime.p7m, winmail.dat) it is `(inner + 1) * 10_000 + wrapper`.
    `text` is what can be read from it ("" if nothing); `note` says why not ("encrypted", "too large"), for a person.
    """

    name: str
    content_type: str
    size: int
    position: int
    text: str = ""
    inline: bool = False
    content_id: str = ""
    note: str = ""


class Automatic(StrEnum):
    """What headers and structure alone say about a mail that no person wrote (RFC 3834, RFC 3464)."""

    OUT_OF_OFFICE = "out_of_office"
    DELIVERY_FAILURE = "delivery_failure"
    SYSTEM = "system"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Authentication:
    """One Authentication-Results header (RFC 8601): which server checked, and its results ("pass", "fail", "" if none)."""

    server: str
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A decoded mail.

    `text` is the readable body: the text/plain part, or the HTML part rendered to text; offsets elsewhere refer to it.
    `html` is the original HTML part, unsanitised, or "".
    `received_at` is an aware UTC instant; `received_on` the sender-local date that relative dates resolve against.
    `automatic` is None for mail that a person wrote, as far as headers tell.
    `failed_recipients` and `original_message_id` are filled for delivery-status reports; `attached_message_ids` are those of
    mails that were forwarded as attachments.
    `own_message_id` is the Message-ID that we gave a reply of ours (`sending.OWN_HEADER`), whatever a server made of it on the way.
    `authentication` are the checks of mail servers, topmost header first; only our own server's is to be believed.
    `problems` lists in plain words what had to be repaired while decoding ("unknown charset x-foo, read as windows-1252").
    """

    received_at: datetime
    received_on: date
    sender: Address
    subject: str = ""
    text: str = ""
    html: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    sent_at: datetime | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    automatic: Automatic | None = None
    failed_recipients: tuple[str, ...] = ()
    original_message_id: str = ""
    conversation: str = ""
    problems: tuple[str, ...] = field(default=())
    authentication: tuple[Authentication, ...] = ()
    attached_message_ids: tuple[str, ...] = ()
    own_message_id: str = ""

    @property
    def named_message_ids(self) -> tuple[str, ...]:
        """Every mail that this one refers to, each once: the thread's first one first, what it answers last but for reports
        and attached mails."""
        named = (*self.references, self.in_reply_to, self.original_message_id, *self.attached_message_ids)
        return tuple(dict.fromkeys(one for one in named if one))

    @property
    def answer_to(self) -> tuple[Address, ...]:
        """Who a reply goes to: Reply-To, else From."""
        return self.reply_to or (self.sender,)
