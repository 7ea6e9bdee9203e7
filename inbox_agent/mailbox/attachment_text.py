"""Text of attachments, as far as it can be read safely and in time; why not, where it cannot.

PDF, workbooks, Word documents, XML and archives are read in a process of their own (`attachment_reader`), so that no parser
of theirs is ever in the worker; calendars, EDIFACT and text files here.
"""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from inbox_agent.mailbox import attachment_reader
from inbox_agent.mailbox.calendar_text import calendar_text
from inbox_agent.mailbox.charset import decode, storable
from inbox_agent.mailbox.edifact_text import edifact_text
from inbox_agent.mailbox.html_text import html_text
from inbox_agent.mailbox.limits import LIMITS

_KINDS = {
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "workbook",
    "application/vnd.ms-excel.sheet.macroenabled.12": "workbook",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
    "application/zip": "archive",
    "application/x-zip-compressed": "archive",
    "application/edifact": "edifact",
    "application/edi-consent": "edifact",
    "text/html": "html",
    "text/calendar": "calendar",
    "application/ics": "calendar",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/json": "text",
    "application/csv": "text",
    "message/delivery-status": "text",
    "message/disposition-notification": "text",
    "message/feedback-report": "text",
    "message/rfc822": "mail",
    "message/global": "mail",
}
_ENDINGS = {
    ".pdf": "pdf",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".docx": "document",
    ".zip": "archive",
    ".htm": "html",
    ".html": "html",
    ".ics": "calendar",
    ".csv": "text",
    ".txt": "text",
    ".xml": "xml",
    ".camt": "xml",
    ".camt053": "xml",
    ".camt054": "xml",
    ".ubl": "xml",
    ".json": "text",
    ".edi": "edifact",
    ".edifact": "edifact",
    ".tsv": "text",
    ".sta": "text",
    ".940": "text",
    ".eml": "mail",
}
_NOT_READ = {
    ".rar": "an archive; what is in it was not read",
    ".7z": "an archive; what is in it was not read",
    ".xls": "an old Excel file; it was not read",
    ".doc": "an old Word file; it was not read",
    ".msg": "an Outlook .msg file; it was not read",
}
TOO_LARGE = f"too large to read (over {LIMITS.attachment // 1024 // 1024} MB)"


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of an attachment: text, and in plain words why it is not all ("" if it is)."""

    text: str = ""
    note: str = ""


class Budget:
    """How much reading one mail's attachments may still take: a count, and seconds on the monotonic clock."""

    def __init__(self) -> None:
        self._left = LIMITS.attachments_read
        self._until = time.monotonic() + LIMITS.reading_time

    def take(self) -> float:
        """Seconds that the next attachment may take, 0 when it must not be read any more."""
        self._left -= 1
        left = self._until - time.monotonic()
        return min(left, LIMITS.reader_time) if self._left >= 0 and left > 0 else 0


def kind_of(content_type: str, name: str) -> str:
    """A kind of `attachment_reader.READERS`, "html", "calendar", "edifact", "text", "mail", or "" for what is not read.

    A clear type outweighs the name.
    """
    ending = Path(name[-100:]).suffix.lower()
    kind = _KINDS.get(content_type, "")
    if kind:
        return kind
    if content_type.startswith("image/"):
        return ""
    if content_type.endswith("+xml"):
        return _ENDINGS.get(ending, "xml")
    return _ENDINGS.get(ending, "text" if content_type.startswith("text/") else "")


def attachment_text(data: bytes, content_type: str, name: str, charset: str, budget: Budget) -> Reading:
    """Text of one attachment. Never raises: a damaged or encrypted file, or a limit, becomes the note."""
    kind = kind_of(content_type, name)
    if not kind:
        return Reading(note=_NOT_READ.get(Path(name[-100:]).suffix.lower(), ""))
    if len(data) > LIMITS.attachment:
        return Reading(note=TOO_LARGE)
    if not data:
        return Reading(note="empty")
    seconds = budget.take()
    if not seconds:
        return Reading(note="not read: the mail has too much attached")
    if kind in attachment_reader.READERS:
        apart = _read_apart(data, kind, seconds)
        if kind != "xml" or apart.text or apart.note:
            return apart
    text, problem = decode(data[: LIMITS.attachment_text * 4], charset)
    if kind == "html":
        text = html_text(text)
    elif kind == "calendar":
        text = calendar_text(text)
    elif kind == "edifact":
        text = edifact_text(text) or text
    return clipped(storable(text), problem if charset else "")


def clipped(text: str, note: str = "") -> Reading:
    """A reading no longer than the limit, with a note when something was left out."""
    if len(text) > LIMITS.attachment_text:
        text, note = (
            text[: LIMITS.attachment_text],
            note or f"only the first {LIMITS.attachment_text} characters were read",
        )
    return Reading(text, note)


def _read_apart(data: bytes, kind: str, seconds: float) -> Reading:
    """Reads in a process of its own, so that neither its memory nor its time is ours."""
    command = [sys.executable, "-I", attachment_reader.__file__, kind, json.dumps(asdict(LIMITS))]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, check=True)
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return Reading(note="takes too long to read")
    except (subprocess.CalledProcessError, ValueError, OSError):
        return Reading(note="damaged, or unfolds to too much; it was not read")
    return Reading(storable(answer["text"]).strip(), answer["note"])
