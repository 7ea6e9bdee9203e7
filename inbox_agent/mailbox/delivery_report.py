"""Delivery reports: to whom a mail could not be delivered, and which mail that was.

Standard reports are RFC 3464; qmail, Exim, Exchange and Gmail have their own, known by the null return path and a phrase.
"""

import re
from dataclasses import dataclass

from inbox_agent.domain.mime_part import MimePart, MimeTree, decoded
from inbox_agent.mailbox.charset import decode, storable
from inbox_agent.mailbox.header import header_text, message_ids

_READ = 64 * 1024
_ADDRESS = re.compile(r"[A-Za-z0-9._%+/='&~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_ORIGINAL_ID = re.compile(r"^Message-ID:\s*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_COPY = re.compile(
    r"^(?:--- |-{4,}|Message-ID:|Return-Path:|Received:|Original message headers:)", re.IGNORECASE | re.MULTILINE
)
"""Where the copy of the mail that came back starts in a report of one text."""

_SENDERS = ("mailer-daemon", "postmaster", "mail-daemon", "maildaemon")
_PHRASES = (
    "this is the qmail-send program",
    "this message was created automatically by mail delivery software",
    "delivery to the following recipient failed permanently",
    "delivery has failed to these recipients",
    "wasn't delivered to",
    "could not be delivered",
    "couldn't be delivered",
    "undeliverable",
    "undelivered mail returned to sender",
    "delivery status notification (failure)",
    "onbestelbaar",
    "niet worden bezorgd",
    "niet afgeleverd",
    "unzustellbar",
    "konnte nicht zugestellt werden",
    "non remis",
    "n'a pas pu être remis",
)
"""What such reports say in their subject or first lines, in the languages of the product."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """`failed` is false for a report of success or of a delay that is not final."""

    failed: bool
    recipients: tuple[str, ...] = ()
    original_message_id: str = ""


def delivery_report(raw: bytes, tree: MimeTree, sender: str, subject: str, text: str) -> DeliveryReport | None:
    """What a mail reports about the delivery of another, or None when it is no such report."""
    root = tree.parts[0]
    status = next((part for part in tree.parts if part.content_type == "message/delivery-status"), None)
    if status is not None and root.content_type == "multipart/report":
        failed, recipients = _status(_text(raw, status))
        return DeliveryReport(failed, recipients if failed else (), _original_id(raw, tree, text))
    listed = header_text(root.header("x-failed-recipients"))
    from_machine = root.header("return-path").strip() == b"<>" or sender.lower().partition("@")[0] in _SENDERS
    opening = f"{subject}\n{text[:2_000]}".lower()
    if not listed and not (from_machine and any(phrase in opening for phrase in _PHRASES)):
        return None
    machine = sender.lower()
    found = _ADDRESS.findall(listed) or [
        name for name in _ADDRESS.findall(_COPY.split(text[:2_000], 1)[0]) if name.lower() != machine
    ]
    return DeliveryReport(True, tuple(dict.fromkeys(found))[:50], _original_id(raw, tree, text))


def _status(text: str) -> tuple[bool, tuple[str, ...]]:
    """Whether delivery finally failed, and for whom: groups of fields, one group a recipient (RFC 3464, 2.3).

    A delay counts as final only when its status code says permanent (5.x.x).
    """
    failed: list[str] = []
    final = False
    for group in re.split(r"\n[ \t]*\n", text):
        fields: dict[str, str] = {}
        for line in group.split("\n"):
            name, colon, value = line.partition(":")
            if colon:
                fields.setdefault(name.strip().lower(), value.strip())
        action, permanent = fields.get("action", "").lower(), fields.get("status", "").startswith("5")
        if action.startswith("failed") or (action.startswith("delayed") and permanent):
            final = True
            named = fields.get("final-recipient", "") or fields.get("original-recipient", "")
            address = _ADDRESS.search(named.rpartition(";")[2])
            failed.extend([address.group()] if address else [])
    return final, tuple(dict.fromkeys(failed))[:50]


def _original_id(raw: bytes, tree: MimeTree, text: str) -> str:
    """Message id of the mail that came back: from its copy, its headers, or the report's own text."""
    for part in tree.parts[1:]:
        if part.content_type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/rfc822-headers",
            "message/global-headers",
        ):
            found = _ORIGINAL_ID.search(_text(raw, part))
            if found:
                return found.group(1)
    found = _ORIGINAL_ID.search(text[:_READ])
    if found:
        return found.group(1)
    ids = message_ids(tree.parts[0].header("in-reply-to"))
    return ids[0] if ids else ""


def _text(raw: bytes, part: MimePart) -> str:
    return storable(decode(decoded(raw, part, _READ))[0])
