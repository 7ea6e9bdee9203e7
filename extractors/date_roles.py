"""What a date in a mail is the date of: its role, by the words around it. A date without a role is no promise.

The words are data (`lang/<code>/date_roles.toml`); who belongs to a date is decided by its clause: words between the last break
or date before it and the next break or date after it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from extractors.date_grammar import fold
from extractors.dates import DatePhrase
from extractors.tables import read_table
from inbox_agent.domain.taxonomy import Language

_WORD = re.compile(r"[a-z][a-z'-]*|\d(?:e|er|st)\b")
_BREAK = re.compile(
    r"[;:()!?|\v]|,[ \n]|\.(?=[ \n]+[^\d ]|$)|\n|[ \n]-[ \n]|"
    r"(?<=[ \n])(?:en|maar|and|but|und|aber|sondern|et|mais|while|terwijl|wahrend|omdat|want|because|weil|car|dus|so|also|donc)(?=[ \n])"
)
_FAR = 70
"""Characters of a clause that are looked at on each side of a date."""


class DateRole(StrEnum):
    """What happens, or happened, on the day."""

    PROMISED = "promised"
    PAID = "paid"
    INVOICE = "invoice"
    DUE = "due"
    DELIVERY = "delivery"
    BACK = "back"
    AWAY = "away"
    FIRST_INSTALMENT = "first_instalment"
    REPLY = "reply"
    REFERRED = "referred"
    MEETING = "meeting"
    INSTEAD = "instead"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RoledDate:
    """A date phrase with its role and the kinds of words (keys of `date_roles.toml`) that stand right before it, and in its
    clause to the left and right, nearest first."""

    phrase: DatePhrase
    role: DateRole
    before: frozenset[str]
    left: tuple[str, ...]
    right: tuple[str, ...]


class DateRoles:
    """The words of all languages, loaded when made."""

    def __init__(self) -> None:
        self._words = {language: _Words(read_table(language, "date_roles")) for language in Language}

    def roles(
        self, text: str, start: int, end: int, phrases: Sequence[DatePhrase], language: Language
    ) -> list[RoledDate]:
        """Each of the `phrases` of `text[start:end]` with its role."""
        words, folded = self._words[language], fold(text[start:end])
        breaks = [match.start() for match in _BREAK.finditer(folded)] if phrases else []
        spans = [(phrase.start - start, phrase.end - start) for phrase in phrases]
        found: list[RoledDate] = []
        for index, (begin, stop) in enumerate(spans):
            left_at = max([begin - _FAR, 0, *([spans[index - 1][1]] if index else []), *_last(breaks, begin)])
            after = [spans[index + 1][0]] if index + 1 < len(spans) else []
            full_stop = phrases[index].rule == "numeric" and folded.startswith(". ", stop)
            right_at = min([stop + _FAR, len(folded), *after, *_next(breaks, stop + full_stop)])
            before = words.before(folded, begin, stop)
            left = tuple(reversed(list(words.kinds(folded, left_at, begin))))
            right = tuple(words.kinds(folded, stop, right_at))
            role = _role(phrases[index], before, left, right)
            if role is DateRole.NONE and found and found[-1].role in _CARRIED:
                between = folded[spans[index - 1][1] : begin]
                role = DateRole.NONE if _SENTENCE_END.search(between) else found[-1].role
            found.append(RoledDate(phrases[index], role, before, left, right))
        return found


class _Words:
    def __init__(self, table: dict[str, Any]) -> None:
        self._exact: dict[str, list[str]] = {}
        self._beginnings: dict[str, list[str]] = {}
        for kind, words in table["words"].items():
            for word in words:
                where = self._beginnings if word.endswith("*") else self._exact
                where.setdefault(word.rstrip("*"), []).append(kind)
        self._longest = max(map(len, self._beginnings))
        self._before = {
            kind: re.compile(rf"(?<!\w)(?:{'|'.join(words)})[ \n]{{0,2}}$") for kind, words in table["before"].items()
        }
        self._begins = {kind: re.compile(rf"(?:{'|'.join(words)})\b") for kind, words in table["before"].items()}

    def before(self, text: str, begin: int, stop: int) -> frozenset[str]:
        """The kinds of what stands right before, or begins, `text[begin:stop]`."""
        at = max(0, begin - 36)
        return frozenset(
            kind
            for kind, pattern in self._before.items()
            if pattern.search(text, at, begin) or self._begins[kind].match(text, begin, stop)
        )

    def kinds(self, text: str, begin: int, stop: int) -> Iterable[str]:
        """The kinds of the words of `text[begin:stop]`, in order."""
        for match in _WORD.finditer(text, begin, stop):
            word = match.group()
            yield from self._exact.get(word, ())
            for length in range(2, min(len(word), self._longest) + 1):
                yield from self._beginnings.get(word[:length], ())


_SENTENCE_END = re.compile(r"[?!\v]|(?<=[a-z]{3})\.(?=[ \n])")
_CARRIED = frozenset({DateRole.PROMISED, DateRole.PAID, DateRole.FIRST_INSTALMENT, DateRole.DELIVERY})
"""Roles that a bare date after has too: "paid on the 3rd and the 8th"."""

_THING = ("invoice", "letter", "delivery", "meeting", "due")
_OF_THING = {
    "invoice": DateRole.INVOICE,
    "letter": DateRole.REFERRED,
    "delivery": DateRole.DELIVERY,
    "meeting": DateRole.MEETING,
    "due": DateRole.DUE,
}


def _role(phrase: DatePhrase, before: frozenset[str], left: Sequence[str], right: Sequence[str]) -> DateRole:
    said = [*left, *right]
    thing = next((kind for kind in left if kind in _THING), None)
    if "instead" in before:
        return DateRole.INSTEAD
    if phrase.rule == "due_date":
        return DateRole.DUE
    if "attribute" in before and "date" not in before:
        return _OF_THING[thing] if thing else DateRole.REFERRED
    if "first" in before or ("from" in before and "ask" in said):
        return DateRole.FIRST_INSTALMENT
    if "date" in before or "pay" in said:
        past = "perfect" in said and "will" not in said
        return DateRole.PAID if past or "since" in before else DateRole.PROMISED
    if "back" in said and "ask" not in said:
        return DateRole.BACK
    if "away" in said and before & {"until", "including"}:
        return DateRole.AWAY
    if "first" in said and "ask" in said:
        return DateRole.FIRST_INSTALMENT
    if "reply" in said and "limit" in before:
        return DateRole.REPLY
    nearest = next((kind for kind in said if kind in _THING), None)
    return _OF_THING[nearest] if nearest else DateRole.PROMISED if "will" in said else DateRole.NONE


def _last(positions: Sequence[int], at: int) -> list[int]:
    index = bisect_left(positions, at)
    return [positions[index - 1]] if index else []


def _next(positions: Sequence[int], at: int) -> list[int]:
    index = bisect_left(positions, at)
    return [positions[index]] if index < len(positions) else []
