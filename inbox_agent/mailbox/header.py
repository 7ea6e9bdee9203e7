"""Header fields of real mail: encoded words, addresses, dates and message ids, also where they break the rules."""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from inbox_agent.domain.mail import Address
from inbox_agent.domain.mime_part import Parameter
from inbox_agent.mailbox.charset import decode, one_line
from inbox_agent.mailbox.limits import LIMITS

_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,80}\?[bBqQ]\?)")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
_LONE_ID = re.compile(r"[^<>\s]{1,500}@[^<>\s]{1,500}")
_MAX_DATE = 200


def header_text(value: bytes) -> str:
    """A header value as one readable line: raw 8-bit as UTF-8 or windows-1252, encoded words decoded (RFC 2047)."""
    return decoded_words(decode(value)[0])


def decoded_words(text: str) -> str:
    """Encoded words replaced by what they say; broken ones stay as written. One line.

    Adjacent words of one charset and encoding are joined as bytes first, since senders split inside a character.
    """
    text = _BETWEEN_WORDS.sub(r"\1", text)
    pieces: list[str] = []
    pending, charset, at = b"", "", 0
    for word in _ENCODED_WORD.finditer(text):
        between = text[at : word.start()]
        if pending and (between or word.group(1).lower() != charset):
            pieces.append(decode(pending, charset)[0])
            pending = b""
        pieces.append(between)
        content = _word_bytes(word.group(2), word.group(3))
        if content is None:
            pieces.append(word.group())
        else:
            pending, charset = pending + content, word.group(1).lower()
        at = word.end()
    if pending:
        pieces.append(decode(pending, charset)[0])
    return one_line("".join(pieces) + text[at:])


def parameter_text(parameter: Parameter | None) -> str:
    """A parameter (a file name) as text, one line; encoded words in it are decoded although RFC 2047 forbids them there."""
    if parameter is None:
        return ""
    return decoded_words(decode(parameter.value, parameter.charset)[0])


def addresses(value: bytes) -> tuple[Address, ...]:
    """Mailboxes of an address header in order; groups are flattened, comments become the name where there is none.

    Iterative and linear: nested comments and unclosed quotes cannot hurt. Something without an "@" that has no angle
    brackets is a name with email "".
    """
    found = (_address(item) for item in _items(decode(value)[0]))
    return tuple(address for address in found if address is not None)[: LIMITS.addresses]


def instant(value: bytes) -> datetime | None:
    """A date header as an aware datetime in its own offset, or None. `-0000` comes back as UTC (RFC 5322, 3.3)."""
    try:
        moment = parsedate_to_datetime(one_line(decode(value[:_MAX_DATE])[0]))
        moment.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def message_ids(value: bytes) -> tuple[str, ...]:
    """Message ids of a header in order, each in angle brackets and once."""
    text = one_line(decode(value)[0])
    found = _MESSAGE_ID.findall(text) or _LONE_ID.findall(text)[:1]
    ids = tuple(dict.fromkeys(f"<{name}>" for name in found))
    return ids if len(ids) <= LIMITS.references else ids[:1] + ids[-(LIMITS.references - 1) :]


def _word_bytes(encoding: str, text: str) -> bytes | None:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)) if letters or not data else None


def _items(text: str) -> Iterator[tuple[str, str, str]]:
    """(words, angle address, comment) of each item between commas, semicolons and group names."""
    words: list[str] = []
    angle: list[str] = []
    comment: list[str] = []
    state, depth, escaped = "words", 0, False
    for character in text:
        target = {"angle": angle, "comment": comment}.get(state, words)
        if escaped:
            target.append(character)
            escaped = False
        elif character == "\\" and state in ("quote", "comment"):
            escaped = True
        elif state == "quote":
            state = "words" if character == '"' else state
            words.extend(() if character == '"' else character)
        elif state == "comment":
            depth += {"(": 1, ")": -1}.get(character, 0)
            state = "words" if depth == 0 else state
            comment.extend(() if depth == 0 else character)
        elif state == "angle":
            state = "words" if character == ">" else state
            angle.extend(() if character in "<>" else character)
        elif character == '"':
            state = "quote"
        elif character == "(":
            state, depth = "comment", 1
        elif character == "<":
            state = "angle"
        elif character in ",;":
            yield "".join(words), "".join(angle), "".join(comment)
            words, angle, comment = [], [], []
        elif character == ":" and not angle:
            words = []
        else:
            words.append(character)
    yield "".join(words), "".join(angle), "".join(comment)


def _address(item: tuple[str, str, str]) -> Address | None:
    words, angle, comment = (one_line(text) for text in item)
    if angle:
        name = decoded_words(words) or decoded_words(comment)
        return Address(decoded_words(angle).replace(" ", ""), _unquoted(name))
    if "@" in words:
        *names, email = sorted(words.split(" "), key=lambda word: "@" in word)
        return Address(email.strip("<>"), _unquoted(decoded_words(" ".join(names)) or decoded_words(comment)))
    name = decoded_words(words)
    if "@" in name and " " not in name:
        return Address(name)
    return Address("", _unquoted(name)) if name else None


def _unquoted(name: str) -> str:
    """Without the quotes that Outlook and broken senders leave around a name."""
    while len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name
