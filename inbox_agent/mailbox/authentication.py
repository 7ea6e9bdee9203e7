"""What mail servers wrote about a sender's authenticity: Authentication-Results headers (RFC 8601)."""

import re

from inbox_agent.domain.mail import Authentication
from inbox_agent.domain.mime_part import MimePart
from inbox_agent.mailbox.header import header_text

_MOST, _LONGEST = 5, 8_000
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_RESULT = re.compile(r"\s*(spf|dkim|dmarc)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_BETTER = ("pass", "fail")


def authentication(root: MimePart) -> tuple[Authentication, ...]:
    """The first five such headers in order. Of several signatures one that passes is enough (RFC 6376, 4.2).

    Exchange writes the checks without a server's name; the server is then "".
    """
    values = [value for name, value in root.fields if name == "authentication-results"]
    return tuple(_read(header_text(value[:_LONGEST])) for value in values[:_MOST])


def _read(text: str) -> Authentication:
    previous = ""
    while previous != text:
        previous, text = text, _COMMENT.sub(" ", text)
    server, *rest = text.split(";")
    found: dict[str, str] = {}
    named = _RESULT.match(server) is None
    for piece in rest if named else [server, *rest]:
        if result := _RESULT.match(piece):
            method, word = result[1].lower(), result[2].lower()
            if method not in found or _rank(word) < _rank(found[method]):
                found[method] = word
    return Authentication(server=(server.split() or [""])[0].lower()[:255] if named else "", **found)


def _rank(word: str) -> int:
    return _BETTER.index(word) if word in _BETTER else len(_BETTER)
