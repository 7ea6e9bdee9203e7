"""The MIME tree of a raw mail as byte ranges: nothing is copied until one part's bytes are asked for.

The standard `email` package holds a 25 MB mail several times over. Here one pass over the bytes notes where each part
starts and ends; headers of parts are read, payloads stay where they are.
"""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from inbox_agent.domain.wrapped import signed_content, tnef_content

MAX_PARTS = 1000
MAX_DEPTH = 50
INNER = 10_000
"""Positions at or above this mean a part inside a wrapper (smime.p7m, winmail.dat): see `part_bytes`."""

_MAX_STRANGE = 500_000
"""Lines that look like delimiters of no open multipart; more of them are there to cost time."""

_MAX_FIELDS = 2_000
_MAX_FIELD_BYTES = 64 * 1024
_MAX_PARAMETER_BYTES = 16 * 1024

_DELIMITER = re.compile(rb"--(?<![^\r\n]--)([^\r\n]{0,300})")
_LINE_END = re.compile(rb"\r{0,2}\n|\r")
_FIELD_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_PARAMETER = re.compile(rb';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_CONTENT_TYPE = re.compile(rb"\s*([\w!#$&^.+-]+)\s*/\s*([\w!#$&^.+-]+)")
_NOT_BASE64 = bytes(byte for byte in range(256) if not (chr(byte).isascii() and (chr(byte).isalnum() or byte in b"+/")))

Fields = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A header parameter's bytes, percent-decoded, and the charset that RFC 2231 gave ("" when it was not in that form)."""

    value: bytes
    charset: str = ""


@dataclass(frozen=True, slots=True)
class MimePart:
    """One node of the tree. `raw[start:end]` is its body, still transfer-encoded; a multipart's spans all its parts.

    `position` counts from 0 (the mail itself), each multipart before its parts; unlike `Message.walk()` a forwarded mail
    (message/rfc822) is one part and its own parts are not counted. `parent` is a position, -1 for the mail itself.
    `fields` are (lower-case name, unfolded bytes); of inner parts only Content-* fields are kept.
    """

    position: int
    parent: int
    depth: int
    fields: Fields
    content_type: str
    start: int
    end: int

    @property
    def is_multipart(self) -> bool:
        """Whether it was split into parts."""
        return self.content_type.startswith("multipart/")

    def header(self, name: str) -> bytes:
        """First field of this lower-case name, or b""."""
        return next((value for key, value in self.fields if key == name), b"")

    def parameters(self, name: str) -> dict[str, Parameter]:
        """Parameters of a header field, RFC 2231 continuations joined; keys in lower case."""
        return parameters(self.header(name))

    @property
    def disposition(self) -> str:
        """ "attachment", "inline", another word, or ""."""
        return self.header("content-disposition").partition(b";")[0].strip().lower().decode("ascii", "replace")

    @property
    def encoding(self) -> str:
        """Content-Transfer-Encoding in lower case, or ""."""
        words = self.header("content-transfer-encoding").split()
        return words[0].strip(b";\"'").lower().decode("ascii", "replace") if words else ""


@dataclass(frozen=True, slots=True)
class MimeTree:
    """All parts in order; `cut` says in plain words which limit stopped the reading, or ""."""

    parts: tuple[MimePart, ...]
    cut: str = ""


def mime_tree(raw: bytes, start: int = 0, end: int | None = None) -> MimeTree:
    """The parts of the mail `raw[start:end]`; at least one, whatever the bytes.

    One pass, linear in the size: delimiters of all open multiparts are looked up at once. A multipart that names no
    boundary, has no part, or lies deeper than MAX_DEPTH, is read as text.
    """
    end = len(raw) if end is None else end
    return _Scan(raw, start, end).tree()


def parameters(value: bytes) -> dict[str, Parameter]:
    """Parameters of one header value, as RFC 2045 and RFC 2231 write them, also without the quotes they should have."""
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    for found in _PARAMETER.finditer(value[:_MAX_PARAMETER_BYTES]):
        name, text = found.group(1).lower().decode("latin-1"), found.group(2).strip()
        if text.startswith(b'"'):
            text = re.sub(rb"\\(.)", rb"\1", text[1:-1] if text.endswith(b'"') and len(text) > 1 else text[1:])
        extended = name.endswith("*")
        name, _, index = name.rstrip("*").partition("*")
        pieces.setdefault(name, []).append((int(index) if re.fullmatch("[0-9]{1,4}", index) else 0, extended, text))
    return {name: _joined(found) for name, found in pieces.items()}


def decoded(raw: bytes, part: MimePart, limit: int | None = None) -> bytes:
    """Body of a part without its transfer encoding; of a long one only about the first `limit` bytes when that is given.

    What is not valid base64 is skipped; an unknown encoding is read as none. Never raises.
    """
    end = (
        part.end
        if limit is None
        else min(part.end, part.start + limit * (3 if part.encoding == "quoted-printable" else 2))
    )
    body = memoryview(raw)[part.start : end]
    if part.encoding == "base64":
        plain = _base64(body)
    elif part.encoding == "quoted-printable":
        plain = binascii.a2b_qp(body)
    elif part.encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        plain = _uuencoded(bytes(body))
    else:
        plain = bytes(body if limit is None else body[:limit])
    return plain if limit is None or len(plain) <= limit else plain[:limit]


def size(raw: bytes, part: MimePart) -> int:
    """Decoded size of a part in bytes; counted, not decoded, for base64, so that it costs no memory."""
    if part.encoding == "base64":
        padding = sum(raw.count(byte, part.start, part.end) for byte in (b"\r", b"\n", b"=", b" "))
        return (part.end - part.start - padding) * 3 // 4
    if part.encoding == "quoted-printable":
        soft = raw.count(b"=\n", part.start, part.end) * 2 + raw.count(b"=\r\n", part.start, part.end) * 3
        escapes = raw.count(b"=", part.start, part.end) - raw.count(b"=\n", part.start, part.end)
        escapes -= raw.count(b"=\r\n", part.start, part.end)
        return max(0, part.end - part.start - soft - 2 * escapes)
    return part.end - part.start


def part_bytes(raw: bytes, position: int) -> bytes:
    """Decoded bytes of the part that `Attachment.position` names.

    A position of INNER or more is `(inner + 1) * INNER + wrapper`: part `inner` of the signed mail inside smime.p7m, or
    file `inner` of winmail.dat. Raises LookupError when the mail has no such part.
    """
    inner, outer = divmod(position, INNER)
    parts = mime_tree(raw).parts
    if position < 0 or outer >= len(parts):
        raise LookupError(f"the mail has no part {position}")
    content = decoded(raw, parts[outer])
    if inner == 0:
        return content
    tnef = tnef_content(content)
    if tnef is not None and inner <= len(tnef.files):
        return tnef.files[inner - 1].content
    signed = signed_content(content)
    if signed is None:
        raise LookupError(f"the mail has no part {position}")
    return part_bytes(signed, inner - 1)


class _Scan:
    """One pass over the bytes. The lists grow with each part found; `open` are the multiparts around the current place,
    `levels` says of each boundary which of them it belongs to, the innermost first.
    """

    def __init__(self, raw: bytes, start: int, end: int) -> None:
        self.raw, self.start, self.end = raw, start, end
        self.found: list[tuple[int, int, Fields, str, int]] = []
        self.ends: list[int] = []
        self.open: list[tuple[bytes, int]] = []
        self.levels: dict[bytes, int] = {}
        self.leaf = -1
        self.strange = 0
        self.cut = ""

    def tree(self) -> MimeTree:
        cursor = self._part(self.start, "text/plain", top=True)
        while self.open:
            line = _DELIMITER.search(self.raw, cursor, self.end)
            if line is None:
                break
            cursor = line.end()
            level, closing = self._level(line.group(1).rstrip(b" \t"))
            if level < 0 and self.strange < _MAX_STRANGE:
                self.strange += 1
                continue
            if level < 0 or len(self.found) >= MAX_PARTS:
                self.cut = f"more than {MAX_PARTS} parts, or lines like them: the rest was not read"
                self._close(self._before(line.start()), 0)
                break
            self._close(self._before(line.start()), level if closing else level + 1)
            if closing:
                continue
            parent = self.found[self.open[-1][1]]
            ended = _LINE_END.match(self.raw, cursor, self.end)
            cursor = ended.end() if ended else cursor
            cursor = self._part(
                cursor, "message/rfc822" if parent[3] == "multipart/digest" else "text/plain", top=False
            )
        self._close(self.end, 0)
        parents = {parent for parent, *_ in self.found}
        return MimeTree(
            tuple(
                MimePart(
                    position,
                    parent,
                    depth,
                    fields,
                    "text/plain" if content_type.startswith("multipart/") and position not in parents else content_type,
                    start,
                    max(start, self.ends[position]),
                )
                for position, (parent, depth, fields, content_type, start) in enumerate(self.found)
            ),
            self.cut,
        )

    def _part(self, start: int, default: str, *, top: bool) -> int:
        """Notes a new part that starts at `start`; returns where its body starts."""
        fields, body = _fields(self.raw, start, self.end, top=top)
        header = next((value for key, value in fields if key == "content-type"), b"")
        named = _CONTENT_TYPE.match(header)
        content_type = b"/".join(named.groups()).lower().decode("latin-1") if named else default
        parent, depth = (self.open[-1][1], len(self.open)) if self.open else (-1, 0)
        boundary = b""
        if content_type.startswith("multipart/"):
            boundary = parameters(header).get("boundary", Parameter(b"")).value.rstrip()
            if depth >= MAX_DEPTH:
                self.cut, boundary = f"parts nested deeper than {MAX_DEPTH}: those were not read apart", b""
            if not boundary:
                content_type = "text/plain"
        position = len(self.found)
        self.found.append((parent, depth, fields, content_type, body))
        self.ends.append(self.end)
        if boundary:
            self.levels[boundary] = len(self.open)
            self.open.append((boundary, position))
        else:
            self.leaf = position
        return body

    def _level(self, line: bytes) -> tuple[int, bool]:
        """Which open multipart (innermost first) this delimiter line belongs to, -1 for none, and whether it closes it."""
        level = self.levels.get(line)
        if level is not None:
            return level, False
        level = self.levels.get(line[:-2]) if line.endswith(b"--") else None
        return (-1, False) if level is None else (level, True)

    def _close(self, end: int, keep: int) -> None:
        """Ends the open leaf and every multipart above the first `keep`."""
        if self.leaf >= 0:
            self.ends[self.leaf] = end
            self.leaf = -1
        for _, position in self.open[keep:]:
            self.ends[position] = end
        del self.open[keep:]
        self.levels = {boundary: level for level, (boundary, _) in enumerate(self.open)}

    def _before(self, at: int) -> int:
        """The place before the line end that belongs to a delimiter at `at` (RFC 2046, 5.1.1)."""
        for ending in (b"\r\r\n", b"\r\n", b"\n", b"\r"):
            if self.raw.endswith(ending, self.start, at):
                return at - len(ending)
        return at


def _fields(raw: bytes, start: int, end: int, *, top: bool) -> tuple[Fields, int]:
    """Header fields from `start`, and where the body starts: after the blank line, or at the first line that is no field."""
    fields: list[tuple[str, list[bytes]]] = []
    cursor = start + 3 if top and raw.startswith(b"\xef\xbb\xbf", start) else start
    for _ in range(_MAX_FIELDS * 4 if top else _MAX_FIELDS):
        if cursor >= end:
            break
        ending = _LINE_END.search(raw, cursor, end)
        line_end, after = ending.span() if ending else (end, end)
        if line_end == cursor:
            cursor = after
            break
        name = _FIELD_NAME.match(raw, cursor, line_end)
        if raw[cursor] in b" \t":
            if fields and sum(map(len, fields[-1][1][-50:])) < _MAX_FIELD_BYTES:
                fields[-1][1].append(raw[cursor : min(line_end, cursor + _MAX_FIELD_BYTES)])
        elif raw.startswith(b"--", cursor):
            break
        elif name is not None:
            value = raw[name.end() : min(line_end, name.end() + _MAX_FIELD_BYTES)]
            fields.append((name.group(1).lower().decode("ascii"), [value]))
        elif fields or not raw.startswith((b"From ", b">From "), cursor):
            break
        cursor = after
    kept = (field for field in fields if top or field[0].startswith("content-"))
    return tuple((name, b"".join(lines)[:_MAX_FIELD_BYTES].strip()) for name, lines in kept), min(cursor, end)


def _joined(pieces: Sequence[tuple[int, bool, bytes]]) -> Parameter:
    """One parameter from its RFC 2231 pieces in the order of their numbers; of two with one number the extended, the first."""
    charset, values = "", []
    wanted = [piece for piece in pieces if piece[1]] or pieces
    ordered = sorted({piece[0]: piece for piece in [*reversed(pieces), *reversed(wanted)]}.items())
    for place, (_, (_, extended, text)) in enumerate(ordered):
        if extended:
            if place == 0 and text.count(b"'") >= 2:
                label, _, text = text.split(b"'", 2)
                charset = label.decode("ascii", "replace").strip()
            text = re.sub(rb"%([0-9A-Fa-f]{2})", lambda escape: bytes([int(escape.group(1), 16)]), text)
            charset = charset or "utf-8"
        values.append(text)
    return Parameter(b"".join(values), charset)


def _base64(body: memoryview) -> bytes:
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        letters = bytes(body).translate(None, _NOT_BASE64)
        return binascii.a2b_base64(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")


def _uuencoded(body: bytes) -> bytes:
    lines: list[bytes] = []
    for line in body.splitlines():
        if line.startswith((b"begin ", b"end")) or not line.strip():
            continue
        try:
            lines.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(lines)
