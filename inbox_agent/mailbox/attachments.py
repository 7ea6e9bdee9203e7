"""The attached parts of a mail, with what can be read from them; mail in wrappers and forwarded mail included."""

import mimetypes
import re
from dataclasses import dataclass, replace

from inbox_agent.domain.mail import Attachment
from inbox_agent.domain.mime_part import INNER, MimePart, MimeTree, decoded, mime_tree, size
from inbox_agent.domain.wrapped import is_encrypted, signed_content, tnef_content
from inbox_agent.mailbox.attachment_text import TOO_LARGE, Budget, Reading, attachment_text, clipped, kind_of
from inbox_agent.mailbox.body import Body, charset_of, file_name, read_body
from inbox_agent.mailbox.charset import decode, one_line, storable
from inbox_agent.mailbox.header import header_text
from inbox_agent.mailbox.html_text import html_text
from inbox_agent.mailbox.limits import LIMITS

_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_CMS_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURE_TYPES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
_EXTENSIONS = {
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt",
    "text/plain": ".txt",
}
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Content:
    """Body and attachments of a mail, wrappers opened."""

    text: str
    html: str
    attachments: tuple[Attachment, ...]


def read_content(
    raw: bytes, tree: MimeTree, problems: list[str], budget: Budget | None = None, level: int = 0
) -> Content:
    """Everything readable of a mail. A body inside smime.p7m or winmail.dat counts where the mail shows none itself.

    `level` is how many wrappers are around these bytes.
    """
    budget = budget or Budget()
    body = read_body(raw, tree, problems)
    text, html = body.text, body.html
    attachments: list[Attachment] = []
    for part in tree.parts:
        if part.is_multipart or part.position in body.positions:
            continue
        name = _name(raw, part)
        if part.content_type in _TNEF_TYPES or name.lower() == "winmail.dat":
            found = _tnef(raw, part, name, budget)
        elif part.content_type in _CMS_TYPES or name.lower().endswith(".p7m"):
            found = _signed(raw, part, name, problems, budget, level)
        else:
            found = Content("", "", (_attachment(raw, tree, part, name, body, budget),))
        attachments.extend(found.attachments)
        if not text:
            text, html = found.text, html or found.html
    if not text:
        text = next((file.text for file in attachments if file.content_type == "text/calendar"), "")
    return Content(text, html, tuple(attachments))


def forwarded_text(raw: bytes, start: int = 0, end: int | None = None, level: int = 0) -> str:
    """A forwarded mail as text: its From, Date and Subject, its body, and the mails forwarded in it in turn."""
    tree = mime_tree(raw, start, end)
    root = tree.parts[0]
    lines = [f"{label}: {header_text(root.header(label.lower()))}" for label in ("From", "Date", "Subject")]
    body = read_body(raw, tree, [])
    texts = ["\n".join(lines), body.text]
    for part in tree.parts[1:]:
        if part.is_multipart or part.position in body.positions or sum(map(len, texts)) > LIMITS.attachment_text:
            continue
        if part.content_type == "message/rfc822" and level < LIMITS.nested_mails:
            texts.append(_forwarded(raw, part, level + 1).text)
        else:
            texts.append(f"[{_name(raw, part)}]")
    return "\n\n".join(text for text in texts if text)


def _forwarded(raw: bytes, part: MimePart, level: int) -> Reading:
    if part.encoding not in ("base64", "quoted-printable"):
        return clipped(forwarded_text(raw, part.start, part.end, level))
    if size(raw, part) > LIMITS.attachment:
        return Reading(note=TOO_LARGE)
    return clipped(forwarded_text(decoded(raw, part), level=level))


def _attachment(raw: bytes, tree: MimeTree, part: MimePart, name: str, body: Body, budget: Budget) -> Attachment:
    length = size(raw, part)
    content_id = header_text(part.header("content-id")).strip("<> ")
    shown = part.disposition == "inline" or bool(content_id and f"cid:{content_id}" in body.html)
    if part.content_type in _SIGNATURE_TYPES:
        reading = Reading(note="digital signature")
    elif part.parent >= 0 and tree.parts[part.parent].content_type == "multipart/encrypted":
        reading = Reading(note="encrypted")
    elif part.content_type == "message/external-body":
        reading = Reading(note="only a reference; the file is not in the mail")
    elif part.content_type == "message/partial":
        reading = Reading(note="a piece of a mail that was sent in several; it was not read")
    elif kind_of(part.content_type, name) == "mail":
        reading = (
            _forwarded(raw, part, 0) if budget.take() else Reading(note="not read: the mail has too much attached")
        )
    elif kind_of(part.content_type, name) and length > LIMITS.attachment:
        reading = Reading(note=TOO_LARGE)
    else:
        data = decoded(raw, part) if length <= LIMITS.attachment and kind_of(part.content_type, name) else b""
        length = len(data) or length
        reading = attachment_text(data, part.content_type, name, charset_of(part), budget)
    return Attachment(
        name=name,
        content_type=part.content_type,
        size=length,
        position=part.position,
        text=reading.text,
        inline=shown,
        content_id=content_id,
        note=reading.note,
    )


def _tnef(raw: bytes, part: MimePart, name: str, budget: Budget) -> Content:
    """The files and the body in a winmail.dat, after the winmail.dat itself."""
    wrapper = Attachment(name, part.content_type, size(raw, part), part.position)
    if wrapper.size > LIMITS.attachment:
        return Content("", "", (replace(wrapper, note=TOO_LARGE),))
    tnef = tnef_content(decoded(raw, part))
    if tnef is None:
        return Content("", "", (replace(wrapper, note="damaged, or not what its name says"),))
    files: list[Attachment] = []
    for number, file in enumerate(tnef.files):
        file_called = _clean_name(decode(file.name)[0]) or f"file-{number + 1}"
        content_type = mimetypes.guess_type(file_called)[0] or "application/octet-stream"
        reading = attachment_text(file.content, content_type, file_called, "", budget)
        position = (number + 1) * INNER + part.position
        files.append(
            Attachment(file_called, content_type, len(file.content), position, reading.text, note=reading.note)
        )
    note = "Outlook's own format" + (f"; the {len(files)} files in it are listed by themselves" if files else "")
    html = storable(decode(tnef.html[: LIMITS.html])[0])
    text = storable(decode(tnef.body[: LIMITS.text])[0]).strip("\n") or html_text(html)
    return Content(text[: LIMITS.text], html, (replace(wrapper, note=note), *files))


def _signed(raw: bytes, part: MimePart, name: str, problems: list[str], budget: Budget, level: int) -> Content:
    """The mail in an opaque-signed smime.p7m, after the smime.p7m itself; or a note when it is encrypted."""
    wrapper = Attachment(name, part.content_type, size(raw, part), part.position)
    if is_encrypted(decoded(raw, part, 256)):
        problems.append("the mail is encrypted: only its headers were read")
        return Content("", "", (replace(wrapper, note="encrypted"),))
    inner = signed_content(decoded(raw, part)) if level == 0 else None
    if inner is None:
        return Content("", "", (replace(wrapper, note="signed in a way that was not read"),))
    content = read_content(inner, mime_tree(inner), problems, budget, level + 1)
    files = tuple(replace(file, position=(file.position + 1) * INNER + part.position) for file in content.attachments)
    return Content(
        content.text, content.html, (replace(wrapper, note="digitally signed; its content was read"), *files)
    )


def _name(raw: bytes, part: MimePart) -> str:
    """A file name: the part's own, a forwarded mail's subject, else one made of its position and type."""
    name = _clean_name(file_name(part))
    if name:
        return name
    if part.content_type == "message/rfc822" and part.encoding not in ("base64", "quoted-printable"):
        head = mime_tree(raw, part.start, min(part.end, part.start + 16_384)).parts[0]
        name = _clean_name(header_text(head.header("subject")).replace("/", "-"))[: _MAX_NAME - 4]
        if name:
            return f"{name}.eml"
    extension = _EXTENSIONS.get(part.content_type) or mimetypes.guess_extension(part.content_type) or ".bin"
    return f"part-{part.position}{extension}"


def _clean_name(name: str) -> str:
    """Without folders and characters that a file system refuses."""
    return re.sub(r'[<>:"|?*]', "_", one_line(re.split(r"[/\\]", name)[-1])).strip(". ")[:_MAX_NAME]
