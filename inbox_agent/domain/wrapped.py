"""Mail inside another format: the signed content of smime.p7m (CMS, RFC 5652) and the files of winmail.dat (MS-OXTNEF).

Only as much of either format as it takes to find the content; signatures are not verified.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNED = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_ENCRYPTED = (bytes.fromhex("06092a864886f70d010703"), bytes.fromhex("060b2a864886f70d0109100117"))
_TNEF = 0x223E9F78

_MAX_PIECES = 1_000_000
_MAX_FILES = 200
_BODY, _FILE_START, _FILE_TITLE, _FILE_DATA, _MESSAGE_PROPS, _FILE_PROPS = (
    0x800C,
    0x9002,
    0x8010,
    0x800F,
    0x9003,
    0x9005,
)
_PLAIN_BODY, _HTML_BODY, _LONG_NAME, _NAME = 0x1000, 0x1013, 0x3707, 0x3704


def is_encrypted(data: bytes) -> bool:
    """Whether this CMS message is enveloped: nobody without the key can read it."""
    return any(oid in data[:64] for oid in _ENCRYPTED)


def signed_content(data: bytes) -> bytes | None:
    """The mail inside a CMS signed-data message, or None when it is another kind, detached, or broken."""
    if _SIGNED not in data[:64]:
        return None
    at = data.find(_DATA, 0, 4096)
    if at < 0:
        return None
    wrapper = _ber(data, at + len(_DATA))
    if wrapper is None or wrapper[0] != 0xA0:
        return None
    octets = _ber(data, wrapper[1])
    if octets is None or octets[0] not in (0x04, 0x24):
        return None
    if octets[0] == 0x04:
        return data[octets[1] : octets[2]]
    return b"".join(_pieces(data, octets[1], octets[2]))


@dataclass(frozen=True, slots=True)
class TnefFile:
    """One file in a winmail.dat."""

    name: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Tnef:
    """What a winmail.dat holds. `body` is plain text, `html` an HTML body; both in the sender's code page, or UTF-16."""

    body: bytes = b""
    html: bytes = b""
    files: tuple[TnefFile, ...] = ()


def tnef_content(data: bytes) -> Tnef | None:
    """The content of a TNEF stream as far as it can be read, or None when it is none. Never raises."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _TNEF:
        return None
    body = html = b""
    names: list[bytes] = []
    contents: list[bytes] = []
    for attribute, start, end in _attributes(data):
        if attribute == _FILE_START and len(names) < _MAX_FILES:
            names.append(b"")
            contents.append(b"")
        elif attribute == _BODY:
            body = data[start:end].rstrip(b"\0")
        elif attribute == _MESSAGE_PROPS:
            properties = dict(_properties(data, start, end))
            body = body or properties.get(_PLAIN_BODY, b"")
            html = properties.get(_HTML_BODY, b"")
        elif names and attribute == _FILE_TITLE:
            names[-1] = names[-1] or data[start:end].rstrip(b"\0")
        elif names and attribute == _FILE_DATA:
            contents[-1] = data[start:end]
        elif names and attribute == _FILE_PROPS:
            properties = dict(_properties(data, start, end))
            names[-1] = properties.get(_LONG_NAME) or properties.get(_NAME) or names[-1]
    return Tnef(body, html, tuple(TnefFile(name, content) for name, content in zip(names, contents, strict=True)))


def _ber(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Tag, start and end of the BER value at `at`; the end of an indefinite length is that of the data. None if broken."""
    if at + 2 > len(data):
        return None
    tag, length, start = data[at], data[at + 1], at + 2
    if length == 0x80:
        return tag, start, len(data)
    if length > 0x80:
        digits = length - 0x80
        if digits > 8 or start + digits > len(data):
            return None
        length = int.from_bytes(data[start : start + digits], "big")
        start += digits
    return tag, start, min(start + length, len(data))


def _pieces(data: bytes, at: int, end: int) -> Iterator[bytes]:
    """The primitive octet strings of a constructed one, in order; nested constructed ones are walked in place."""
    for _ in range(_MAX_PIECES):
        value = _ber(data, at) if at < end else None
        if value is None or value[0] not in (0x04, 0x24):
            return
        tag, start, stop = value
        if tag == 0x04:
            yield data[start:stop]
            at = stop
        else:
            at = start


def _attributes(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(attribute id, start, end) of each attribute of a TNEF stream: level, id, type, length, value, checksum."""
    at = 6
    while at + 9 <= len(data):
        attribute, length = struct.unpack_from("<xHxxI", data, at)
        start = at + 9
        yield attribute, start, min(start + length, len(data))
        at = start + length + 2


_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x0B: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16, 0x0A: 4}
"""Bytes of each MAPI property type of fixed length, padded to four."""


def _properties(data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    """(property id, bytes) of the string and binary properties of a MAPI property list; text of UTF-16 becomes UTF-8."""
    if at + 4 > end:
        return
    count = struct.unpack_from("<I", data, at)[0]
    at += 4
    for _ in range(min(count, 2_000)):
        if at + 4 > end:
            return
        kind, name = struct.unpack_from("<HH", data, at)
        at += 4
        if name >= 0x8000:
            at = _after_name(data, at, end)
        values = 1
        if kind & 0x1000 or kind & 0x0FFF in (0x0D, 0x1E, 0x1F, 0x102):
            if at + 4 > end:
                return
            values = struct.unpack_from("<I", data, at)[0]
            at += 4
        kind &= 0x0FFF
        if kind in _FIXED:
            at += _FIXED[kind] * values
            continue
        if kind not in (0x0D, 0x1E, 0x1F, 0x102):
            return
        for _ in range(min(values, 1_000)):
            if at + 4 > end:
                return
            length = struct.unpack_from("<I", data, at)[0]
            value = data[at + 4 : min(at + 4 + length, end)]
            at += 4 + length + (-length) % 4
            if kind == 0x1F:
                value = value.decode("utf-16-le", "replace").encode("utf-8", "replace")
            yield name, value.rstrip(b"\0")


def _after_name(data: bytes, at: int, end: int) -> int:
    """The place after the name of a named property: a GUID, a kind, and a number or a string."""
    if at + 24 > end:
        return end
    kind, number = struct.unpack_from("<II", data, at + 16)
    return at + 24 if kind == 0 else at + 24 + int(number) + (-int(number)) % 4
