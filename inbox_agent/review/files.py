"""Files that go with a reply: bounded, with a name that harms nobody, kept beside the raw mail."""

import mimetypes
import re
from datetime import datetime
from pathlib import PurePosixPath

from sqlmodel import Session, col, select

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.reply import OutgoingReply, ReplyAttachment
from inbox_agent.review.views import Approval, ReplyFile, UploadedFile

MOST_FILES = 10
MOST_BYTES = 20 * 1024 * 1024
"""Of all files of a reply together: base64 makes a third more of it, and many servers refuse mail over 25 or 35 MB."""

_REFUSED = (
    ".exe", ".com", ".bat", ".cmd", ".scr", ".pif", ".msi", ".js", ".jse", ".vbs", ".vbe", ".wsf", ".wsh", ".ps1", ".hta",
    ".cpl", ".jar", ".lnk", ".reg", ".iso", ".img",
)  # fmt: skip
"""Endings that mail servers refuse (Outlook's and Gmail's lists of blocked attachments have them all)."""

_UNWANTED = re.compile('[\\x00-\\x1f\\x7f-\\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"/\\\\|?*]')


def attach(session: Session, reply: OutgoingReply, approval: Approval, raw_store: RawStore, now: datetime) -> None:
    """Keeps the files of the approval with the reply, those of the earlier reply first. Raises `NotAllowed`."""
    kept = _kept(session, reply.mail_id, approval.kept_files)
    _check(kept, approval.files)
    rows = [(one.name, one.content_type, one.size, one.raw_sha256) for one in kept]
    for file in approval.files:
        name = safe_name(file.name)
        rows.append((name, _content_type(name), len(file.content), raw_store.put(session, file.content, now)))
    for position, (name, content_type, size, sha256) in enumerate(rows):
        session.add(
            ReplyAttachment(
                reply_id=reply.id or 0,
                position=position,
                name=name,
                content_type=content_type,
                size=size,
                raw_sha256=sha256,
            )
        )
    session.flush()


def files_of(session: Session, reply_id: int) -> tuple[ReplyFile, ...]:
    """The files of a reply, in order."""
    wanted = select(ReplyAttachment).where(ReplyAttachment.reply_id == reply_id)
    rows = session.exec(wanted.order_by(col(ReplyAttachment.position)))
    return tuple(ReplyFile(row.position, row.name, row.size) for row in rows)


def safe_name(name: str) -> str:
    """The last part of a path, without what file systems and mail programs choke on, at most 150 characters with its ending."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = " ".join(_UNWANTED.sub(" ", last.encode("utf-8", "replace").decode("utf-8")).split()).strip(". ")
    stem, dot, ending = clean.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: 149 - len(ending)] or 'file'}.{ending}"
    return clean[:150] or "file"


def _content_type(name: str) -> str:
    """By its ending alone: what a browser says of a file is not to be passed on. Mail within mail is sent as plain bytes."""
    guessed, encoding = mimetypes.guess_type(name)
    if guessed is None or encoding is not None or guessed.startswith(("message/", "multipart/")):
        return "application/octet-stream"
    return guessed


def _kept(session: Session, mail_id: int, wanted: tuple[tuple[int, int], ...]) -> list[ReplyAttachment]:
    if not wanted:
        return []
    rows = session.exec(
        select(ReplyAttachment)
        .join(OutgoingReply, col(OutgoingReply.id) == ReplyAttachment.reply_id)
        .where(OutgoingReply.mail_id == mail_id, col(ReplyAttachment.reply_id).in_({one for one, _ in wanted}))
        .order_by(col(ReplyAttachment.reply_id), col(ReplyAttachment.position))
    )
    found = [row for row in rows if (row.reply_id, row.position) in wanted]
    if len(found) < len(set(wanted)):
        raise NotAllowed("A file of the earlier reply is no longer there. Choose it again.")
    return found


def _check(kept: list[ReplyAttachment], files: tuple[UploadedFile, ...]) -> None:
    if len(kept) + len(files) > MOST_FILES:
        raise NotAllowed(f"A reply takes at most {MOST_FILES} files. Take some out.")
    for file in files:
        name = safe_name(file.name)
        if not file.content:
            raise NotAllowed(f"The file {name} is empty. Choose another one, or leave it out.")
        if PurePosixPath(name).suffix.lower() in _REFUSED:
            raise NotAllowed(f"Mail servers refuse files like {name}. Leave it out.")
    if sum(one.size for one in kept) + sum(len(file.content) for file in files) > MOST_BYTES:
        raise NotAllowed(f"The files of a reply may have {MOST_BYTES // 1024 // 1024} MB together. Take some out.")
