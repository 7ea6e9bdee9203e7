"""Finds the sender's name for the greeting. Rather none than a wrong one: a department or a company is no person."""

import re
import unicodedata

from drafting.cleaning import one_line
from drafting.language import wording
from inbox_agent.domain.mail import Address
from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.text import MailText, PartKind

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.)+(?:-[^\W\d_]\.)?|[A-Z]")
_LONGEST = 50
_TELLING = 5
"""A word of business of at least so many letters also tells at the end of a compound."""


def sender_name(sender: Address, text: MailText, customer: str = "") -> str:
    """The name to greet with: the display name if the address bears it out, else the signature's; "" if neither is plain."""
    shown = person(sender.name, customer)
    if shown and _borne_out(shown, sender):
        return shown
    return next((name for line in _signed(text) if (name := person(line, customer))), "")


def person(written: str, customer: str = "") -> str:
    """`written` as a person's name without titles ("Vries, Jan de" is turned round), or "" when it may be anything else.

    A name has two to five words of letters, its first and last capitalised but not shouted, none of them a word of
    business; it is not (a part of) `customer`, which is a company more often than not.
    """
    name = one_line(written, _LONGEST + 1).strip(" '\"")
    if len(name) > _LONGEST:
        return ""
    name = re.sub(r"\s*\([^()]*\)$", "", name)
    family, comma, given = name.partition(", ")
    words = (f"{given} {family}" if comma else name).split()
    while words and words[0].casefold() in _TITLES:
        words = words[1:]
    if not 2 <= len(words) <= 5 or words[0].casefold() in _PARTICLES or not all(map(_is_name_word, words)):
        return ""
    if not (words[0][0].isupper() and len(words[-1]) > 1 and words[-1][0].isupper() and _WORD.fullmatch(words[-1])):
        return ""
    if {word.casefold() for word in words} <= set(re.findall(r"[\w.'’-]+", customer.casefold())):
        return ""
    return " ".join(words)


def _is_name_word(word: str) -> bool:
    folded = word.casefold()
    if folded in _PARTICLES:
        return True
    if _is_business(folded) or (word.isupper() and len(word) > 1 and _WORD.fullmatch(word)):
        return False
    return bool(_INITIALS.fullmatch(word)) or (word[0].isupper() and bool(_WORD.fullmatch(word)))


def _is_business(word: str) -> bool:
    """Whether a word, a part of it between hyphens, or its end ("woonstichting") is one of business."""
    parts = [part.rstrip(".") for part in (word, *word.split("-"))]
    return any(part in _NOT_NAMES or part.endswith(_ENDS) for part in parts)


def _borne_out(name: str, sender: Address) -> bool:
    """Whether the address is that person's: it has the first name, or its initial before the last ("m.lievense")."""
    words = [_folded(word) for word in name.split()]
    local = _folded(sender.key.partition("@")[0])
    initial = local.startswith(words[0][:1]) and local.endswith(words[-1]) and local != words[-1]
    return initial or (len(words[0]) > 1 and words[0] in local)


def _folded(text: str) -> str:
    """Letters alone, lower case, without accents."""
    return "".join(character for character in unicodedata.normalize("NFKD", text.casefold()) if character.isalpha())


def _signed(text: MailText) -> list[str]:
    """The first line of each signature, without the closing formula before it."""
    return [
        line
        for part in text.parts
        if part.kind is PartKind.SIGNATURE
        for line in _first(text.source[part.start : part.end])
    ]


def _first(signature: str) -> list[str]:
    lines = (_CLOSING.sub("", line).strip(" ,.!-\t") for line in signature.splitlines())
    return [line for line in lines if line][:1]


_NOT_NAMES = frozenset(word for language in Language for word in wording(language).not_names)
_ENDS = tuple(word for word in _NOT_NAMES if len(word) >= _TELLING)
_CLOSINGS = {formula for language in Language for formula in wording(language).closings}
_CLOSING = re.compile(
    rf"^\W*(?:{'|'.join(sorted(map(re.escape, _CLOSINGS), key=len, reverse=True))})\b[ ,.!]*", re.IGNORECASE
)
_PARTICLES = frozenset(word for language in Language for word in wording(language).particles)
_TITLES = frozenset(word for language in Language for word in wording(language).titles)
