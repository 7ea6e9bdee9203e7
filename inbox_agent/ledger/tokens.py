"""Words of a mail that look like document or customer numbers. Bounded, so that no mail makes a large query."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

from inbox_agent.domain.mail import Mail

MOST = 200
"""Tokens looked up for one mail."""
_LONGEST_TEXT = 300_000
_TOKEN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9](?:[A-Za-z0-9./_-]{0,38}[A-Za-z0-9])?(?![A-Za-z0-9])")


def tokens(mail: Mail, patterns: Iterable[str]) -> tuple[str, ...]:
    """What may be a number, at most 200: words of a number series (`patterns`) first, then any with three digits or more.

    The subject comes first, then the body, then attachments. A word is also tried in capitals, in pieces
    ("26700001/26700002"), and without the letters in front of its digits ("F26700001").
    """
    series = _compiled(tuple(patterns))
    written = tuple(dict.fromkeys(_words(_text(mail))))
    own = [word for word in written if any(pattern.fullmatch(word) for pattern in series)]
    named = dict.fromkeys([*own, *(variant for word in written for variant in _variants(word))])
    return tuple(islice(named, MOST))


def _text(mail: Mail) -> str:
    pieces = (mail.subject, mail.text, *(attachment.text for attachment in mail.attachments))
    return "\n".join(piece[:_LONGEST_TEXT] for piece in pieces)[: 2 * _LONGEST_TEXT]


def _words(text: str) -> Iterator[str]:
    for found in _TOKEN.finditer(text):
        if sum(character.isdigit() for character in found[0]) >= 3:
            yield found[0]


def _variants(word: str) -> Iterator[str]:
    yield word
    yield word.upper()
    yield from (piece for piece in word.split("/")[:4] if piece != word and len(piece) >= 4)
    digits = word.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz./_-")
    if len(digits) >= 4:
        yield digits


@cache
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
