"""The subject of a reply."""

import re

from drafting.cleaning import one_line
from drafting.language import wording
from inbox_agent.domain.taxonomy import Language

_LONGEST = 200
_MARKS = "|".join(
    sorted({re.escape(mark) for lang in Language for mark in wording(lang).reply_prefixes}, key=len)[::-1]
)
_PREFIX = re.compile(rf"\s*({_MARKS})\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*", re.IGNORECASE)


def reply_subject(subject: str, language: Language) -> str:
    """`subject` as answered: one reply prefix, the sender's own if there is one ("AW: Re: X" -> "AW: X", "X" -> "Re: X").

    Forward marks belong to the subject and stay. Line breaks and hidden characters go. An empty subject gets a plain one.
    """
    rest, first = one_line(subject, _LONGEST), ""
    while match := _PREFIX.match(rest):
        first = first or match[1]
        rest = rest[match.end() :]
    return f"{first or 'Re'}: {rest or wording(language).no_subject}"
