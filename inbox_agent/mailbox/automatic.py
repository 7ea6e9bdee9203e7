"""Whether a machine wrote a mail, from headers and structure alone (RFC 3834, RFC 3464, RFC 8098)."""

import re

from inbox_agent.domain.mail import Automatic
from inbox_agent.domain.mime_part import MimePart, MimeTree
from inbox_agent.domain.sending import OWN_HEADER
from inbox_agent.mailbox.delivery_report import DeliveryReport
from inbox_agent.mailbox.header import header_text

_OUT_OF_OFFICE_SUBJECTS = (
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "out of office",
    "automatisch antwoord",
    "afwezigheidsbericht",
    "afwezig",
    "automatische antwort",
    "abwesenheitsnotiz",
    "abwesend",
    "réponse automatique",
    "absence du bureau",
    "notification d'absence",
)
"""How the subject of an absence notice starts, per mail program and language; counts only beside a machine's header."""

_REPLY_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation")
_MACHINE_HEADERS = ("x-auto-response-suppress", "auto-submitted", "x-ms-exchange-inbox-rules-loop")
_REPLY_PRECEDENCE = frozenset({"auto_reply", "auto-reply"})
_BULK_PRECEDENCE = frozenset({"bulk", "list", "junk"})
_BULK_HEADERS = ("list-unsubscribe", "list-id", "list-post", "x-campaign-id", "feedback-id")
_VACATION_PROGRAMS = re.compile(r"\b(?:vacation|autoresponder|oof)\b", re.IGNORECASE)


def automatic(tree: MimeTree, subject: str, report: DeliveryReport | None) -> Automatic | None:
    """What kind of machine wrote it, or None for a person as far as headers tell.

    SYSTEM says only that a program sent the mail: remittance robots do, and their content is real. It therefore comes
    before BULK. A reply of our own that comes back (an alias, a rule that redirects) is SYSTEM too.
    """
    root = tree.parts[0]
    if report is not None:
        return Automatic.DELIVERY_FAILURE if report.failed else Automatic.SYSTEM
    if _is_receipt(tree):
        return Automatic.SYSTEM
    submitted = _word(root, "auto-submitted")
    if _is_absence(root, submitted, subject):
        return Automatic.OUT_OF_OFFICE
    if submitted.startswith(("auto-generated", "auto-notified")) or root.header(OWN_HEADER.lower()):
        return Automatic.SYSTEM
    if any(root.header(name) for name in _BULK_HEADERS) or _word(root, "precedence") in _BULK_PRECEDENCE:
        return Automatic.BULK
    return None


def _is_receipt(tree: MimeTree) -> bool:
    """A read receipt (RFC 8098): a report about what a person did with a mail."""
    return tree.parts[0].content_type == "multipart/report" and any(
        part.content_type == "message/disposition-notification" for part in tree.parts
    )


def _is_absence(root: MimePart, submitted: str, subject: str) -> bool:
    if submitted.startswith("auto-replied") or _word(root, "precedence") in _REPLY_PRECEDENCE:
        return True
    if any(_word(root, name) not in ("", "no") for name in _REPLY_HEADERS):
        return True
    if _VACATION_PROGRAMS.search(header_text(root.header("x-mailer"))):
        return True
    by_machine = any(_word(root, name) not in ("", "no") for name in _MACHINE_HEADERS)
    by_machine = by_machine or root.header("return-path").strip() == b"<>"
    return by_machine and subject.lower().startswith(_OUT_OF_OFFICE_SUBJECTS)


def _word(root: MimePart, name: str) -> str:
    """A header's value in lower case without its parameters."""
    return header_text(root.header(name)).partition(";")[0].strip().lower()
