"""The readable body of a mail: which parts are it, and their text."""

import re
from dataclasses import dataclass

from inbox_agent.domain.mime_part import MimePart, MimeTree, decoded, size
from inbox_agent.mailbox.charset import decode, storable
from inbox_agent.mailbox.header import parameter_text
from inbox_agent.mailbox.html_text import html_text
from inbox_agent.mailbox.limits import LIMITS
from inbox_agent.mailbox.plain_text import is_stand_in, unflowed

_BODY_TYPES = ("text/plain", "text/html")
_NOT_ENCODED = frozenset({"", "7bit", "8bit", "binary"})
_META_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_LONG_TEXT = "the text is very long; only its beginning was read"
_EMBEDDED = re.compile(rb"data:[A-Za-z]{1,20}/[A-Za-z0-9.+-]{1,60};base64,[A-Za-z0-9+/=\s]{1000,}")


@dataclass(frozen=True, slots=True)
class Body:
    """Readable text, the HTML it came with ("" if none), and the positions of the parts that are it."""

    text: str
    html: str
    positions: frozenset[int]


def file_name(part: MimePart) -> str:
    """The name that a part gives itself, as one line, or ""."""
    named = parameter_text(part.parameters("content-disposition").get("filename"))
    return named or parameter_text(part.parameters("content-type").get("name"))


def charset_of(part: MimePart) -> str:
    """The declared charset, or ""."""
    return parameter_text(part.parameters("content-type").get("charset"))


def read_body(raw: bytes, tree: MimeTree, problems: list[str]) -> Body:
    """The body of a mail; what had to be repaired or left out is added to `problems`.

    Alternatives of one text count once, plain text before HTML unless the plain part only points to the HTML one. Text
    parts that stand between attachments (Apple Mail) follow each other.
    """
    groups: dict[int, list[MimePart]] = {}
    for part in tree.parts:
        if _is_body(tree, part):
            alternative = _alternative(tree, part)
            groups.setdefault(part.position if alternative is None else alternative, []).append(part)
    texts: list[str] = []
    htmls: list[str] = []
    left = LIMITS.text
    for parts in groups.values():
        html = "\n".join(_html(raw, part, problems) for part in parts if part.content_type == "text/html")
        plain = "\n".join(_plain(raw, part, left, problems) for part in parts if part.content_type == "text/plain")
        text = plain
        if html and is_stand_in(plain):
            text = html_text(html) or plain
        if html and sum(map(len, htmls)) + len(html) <= LIMITS.html:
            htmls.append(html)
        if text.strip() and left > 0:
            texts.append(text.strip("\n"))
            left -= len(text)
    text = "\n\n".join(texts)
    if len(text) > LIMITS.text:
        _note(problems, _LONG_TEXT)
    positions = frozenset(part.position for parts in groups.values() for part in parts)
    return Body(text[: LIMITS.text], "\n".join(htmls), positions)


def _is_body(tree: MimeTree, part: MimePart) -> bool:
    """Text that is shown, not attached. A name counts as attached, except on the mail itself or an alternative."""
    if part.content_type not in _BODY_TYPES:
        return False
    if part.parent < 0:
        return True
    if part.disposition == "attachment":
        return False
    return tree.parts[part.parent].content_type == "multipart/alternative" or not file_name(part)


def _alternative(tree: MimeTree, part: MimePart) -> int | None:
    """Position of the outermost multipart/alternative around a part."""
    found = None
    while part.parent >= 0:
        part = tree.parts[part.parent]
        if part.content_type == "multipart/alternative":
            found = part.position
    return found


def _plain(raw: bytes, part: MimePart, limit: int, problems: list[str]) -> str:
    if limit <= 0:
        return ""
    data = decoded(raw, part, limit)
    if size(raw, part) > limit:
        _note(problems, _LONG_TEXT)
        data = data[: data.rfind(b"\n") + 1] or data
    text, problem = decode(data, charset_of(part))
    _note(problems, problem)
    text = storable(text)
    content = part.parameters("content-type")
    if parameter_text(content.get("format")).lower() == "flowed":
        text = unflowed(text, delete_space=parameter_text(content.get("delsp")).lower() == "yes")
    return text


def _html(raw: bytes, part: MimePart, problems: list[str]) -> str:
    if size(raw, part) > LIMITS.html:
        plain = part.encoding in _NOT_ENCODED
        most = None if part.encoding == "base64" else LIMITS.html * 4
        whole = memoryview(raw)[part.start : part.end] if plain else memoryview(decoded(raw, part, most))
        data = _without_embedded(whole)
        if len(data) > LIMITS.html:
            _note(problems, _LONG_TEXT)
            data = data[: LIMITS.html]
            data = data[: data.rfind(b"<")] or data
        whole.release()
    else:
        data = decoded(raw, part)
    declared = charset_of(part)
    if not declared:
        meta = _META_CHARSET.search(data, 0, 2048)
        declared = meta.group(1).decode("ascii") if meta else ""
    text, problem = decode(data, declared)
    _note(problems, problem)
    return storable(text)


def _without_embedded(data: memoryview) -> bytes:
    """HTML without the images that it carries in itself, as far as the limit needs it; keeps a long mail's text in reach."""
    kept, at = bytearray(), 0
    for image in _EMBEDDED.finditer(data):
        kept += data[at : min(image.start(), at + LIMITS.html + 1)]
        at = image.end()
        if len(kept) > LIMITS.html:
            return bytes(kept)
    kept += data[at : at + LIMITS.html + 1]
    return bytes(kept)


def _note(problems: list[str], problem: str) -> None:
    if problem and problem not in problems:
        problems.append(problem)
