"""The numbers in a text that may mean ledger rows: each with the row, where it stands, how surely, and by what variation.

Read with the ledger: a number of several words ("DW 0311", "LH 88 103"), short forms in a list ("DW 311, 312/313"), a
range ("0911 t/m 0918"), numbers of this ledger's shape that it does not have. Amounts, quantities, mail addresses and phone
numbers are left out where what stands beside them says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.ledger_index import SCORES, LedgerIndex, Match, Variation
from extractors.numbers import normal
from inbox_agent.domain.ledger import Invoice, Ledger

MAX_READ = 60_000
"""Characters of a text that are read for numbers."""

_REMEMBERED = 8
"""Ledgers and texts whose numbers are kept."""

WORD = re.compile(
    r"[A-Z0-9]+(?:(?:[-/_‑–]|\.(?!(?:pdf|xlsx?|docx?|xml|csv|png|jpe?g|zip)\b)|(?<=\d)['’](?=\d))[A-Z0-9]+)*",
    re.IGNORECASE,
)
"""Letters and digits with marks between them, as numbers are written; a file's ending is no part of it."""

_DIGIT = re.compile(r"\d")
MONEY_BEFORE = re.compile(
    r"(?:[€£$]|(?<![A-Z])(?:EUR|GBP|USD|CHF|SEK|NOK|DKK|PLN|Rs\.?|à))[ \u00a0]?-?\Z", re.IGNORECASE
)
MEASURED = re.compile(
    r"[ \u00a0\u202f]?(?:[€£$%°]|(?:EUR|euros?|GBP|USD|CHF|SEK|NOK|DKK|PLN|kg|g|km|m[23]?|l|x|st|stk|stuks|pcs|uur|Stück|pièces|k)(?![A-Z0-9])|[.,][-–]|,\d\d(?!\d))",
    re.IGNORECASE,
)
_LIST = re.compile(r"\s?(?:[,;&/+]|(?:and|en|und|et|sowie|of|or|oder|ou)(?=\s))\s?(?=\d)", re.IGNORECASE)
_RANGE = re.compile(r"\s?(?:t/m|tot en met|tot|bis|through|thru|to|à|au|[-–])\s?", re.IGNORECASE)
_SHORT = re.compile(r"\d{2,5}(?![\w.,]\d|\w)")
_WHOLE = {Variation.EXACT, Variation.SPACING, Variation.ZEROS}


@dataclass(frozen=True, slots=True)
class Candidate:
    """`text == source[start:end]` may mean `row`; None for a number of the ledger's shape that it does not have."""

    row: Invoice | None
    start: int
    end: int
    text: str
    score: float
    how: Variation


class LedgerNumbers:
    """Finds the numbers of one ledger in texts. What it read last it remembers, since acts ask for one text in pieces."""

    def __init__(self, ledger: Ledger) -> None:
        self.index = LedgerIndex(ledger)
        self._read: dict[str, list[Candidate]] = {}

    def candidates(self, text: str, start: int, end: int) -> list[Candidate]:
        """The candidates of which `text[start:end]` has a part, in the order of the text; at most `MAX_READ` characters."""
        found = self._read.get(text)
        if found is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            found = self._read[text] = _with_ranges(text, list(_scan(text[:MAX_READ], self.index)), self.index)
        return [candidate for candidate in found if candidate.start < end and start < candidate.end]


_LATEST: list[LedgerNumbers] = []
"""Of the ledgers read last: the mails of a busy customer share one."""


def numbers_of(ledger: Ledger) -> LedgerNumbers:
    """The finder of a ledger's numbers, made once for each ledger object."""
    for numbers in _LATEST:
        if numbers.index.ledger is ledger:
            return numbers
    numbers = LedgerNumbers(ledger)
    _LATEST[:] = [numbers, *_LATEST[: _REMEMBERED - 1]]
    return numbers


def _scan(text: str, index: LedgerIndex) -> Iterator[Candidate]:
    words = [match.span() for match in WORD.finditer(text)]
    place = 0
    while place < len(words):
        taken, matches = _at(text, words, place, index)
        for left, right, match in matches:
            yield from _candidates(text, left, right, match)
        if matches and matches[-1][2].rows:
            row, right = matches[-1][2].rows[0], matches[-1][1]
            for following in _following(text, right, row, index):
                yield following
                while place + taken < len(words) and words[place + taken][0] < following.end:
                    taken += 1
        place += taken


def _at(
    text: str, words: list[tuple[int, int]], place: int, index: LedgerIndex
) -> tuple[int, list[tuple[int, int, Match]]]:
    """How many words are read at `place`, and what they mean: the most words that together are a number, else the word."""
    left, right = words[place]
    digits = bool(_DIGIT.search(text, left, right))
    if _is_elsewhere(text, left, right):
        return 1, []
    if digits or (right - left <= 6 and place + 1 < len(words) and text[words[place + 1][0]].isdigit()):
        last = place
        while last + 1 < len(words) and last < place + 3 and text[right : words[last + 1][0]] in (" ", "\u00a0"):
            last, right = last + 1, words[last + 1][1]
        for stop in range(last, place, -1):
            written = text[left : words[stop][1]]
            match = index.match(written) if _DIGIT.search(text, words[stop][0], words[stop][1]) else None
            whole = match and (match.how in _WHOLE or (not digits and stop == place + 1 and _ends(written, match)))
            if match and whole and not _is_elsewhere(text, left, words[stop][1]):
                return stop - place + 1, [(left, words[stop][1], match)]
    right = words[place][1]
    if not digits:
        return 1, []
    match = index.match(text[left:right])
    if match and match.how is not Variation.UNKNOWN and not _is_money(text, left, right, match):
        return 1, [(left, right, match)]
    parts = _split(text, left, right, index)
    if parts:
        return 1, parts
    return 1, [(left, right, match)] if match and not _is_money(text, left, right, match) else []


def _ends(written: str, match: Match) -> bool:
    """Whether the row's number ends with what is written, letters and all: "App 8" of "FS/APP8"."""
    return match.how is Variation.ENDING and normal(match.rows[0].number).endswith(normal(written))


def _split(text: str, left: int, right: int, index: LedgerIndex) -> list[tuple[int, int, Match]]:
    """Numbers written together with a slash: "123/124", "KA-2201/02"; only when all are rows of the ledger."""
    found: list[tuple[int, int, Match]] = []
    begin = left
    for piece in text[left:right].split("/"):
        match = index.match(piece) if len(piece) >= 3 else None
        if (match is None or len(match.rows) != 1) and found and piece.isdigit():
            row = index.after(found[-1][2].rows[0], piece)
            match = Match((row,), Variation.ENDING) if row else None
        if match is None or len(match.rows) != 1 or match.how in (Variation.EXCHANGED, Variation.ONE_WRONG):
            return []
        found.append((begin, begin + len(piece), match))
        begin += len(piece) + 1
    return found if len(found) > 1 else []


def _following(text: str, position: int, row: Invoice, index: LedgerIndex) -> Iterator[Candidate]:
    """Short forms that continue a list: after DW-311, "312 and 313" are DW-312 and DW-313."""
    while link := _LIST.match(text, position):
        short = _SHORT.match(text, link.end())
        following = index.after(row, short.group()) if short else None
        if short is None or following is None or MEASURED.match(text, short.end()):
            return
        if len(short.group()) < 3 and "/" not in link.group():
            return
        yield _candidate(text, short.start(), short.end(), following, Variation.ENDING)
        position = short.end()


def _with_ranges(text: str, found: list[Candidate], index: LedgerIndex) -> list[Candidate]:
    result: list[Candidate] = []
    for candidate in found:
        before = result[-1] if result else None
        if before and before.row and _RANGE.fullmatch(text, before.end, candidate.start):
            last = candidate.row.number if candidate.row else candidate.text
            for row in index.between(before.row.number, last):
                result.append(_candidate(text, before.start, candidate.end, row, Variation.RANGE))
        result.append(candidate)
    return result


def _candidates(text: str, left: int, right: int, match: Match) -> Iterator[Candidate]:
    if not match.rows:
        yield Candidate(None, left, right, text[left:right], SCORES[match.how], match.how)
    for row in match.rows:
        yield _candidate(text, left, right, row, match.how)


def _candidate(text: str, left: int, right: int, row: Invoice, how: Variation) -> Candidate:
    return Candidate(row, left, right, text[left:right], SCORES[how], how)


def _is_money(text: str, left: int, right: int, match: Match) -> bool:
    """Whether a number in digits alone is an amount or a quantity by what stands beside it."""
    if re.search(r"[A-Z/_-]", text[left:right], re.IGNORECASE) and match.how in _WHOLE:
        return False
    return bool(MEASURED.match(text, right) or MONEY_BEFORE.search(text, max(0, left - 6), left))


def _is_elsewhere(text: str, left: int, right: int) -> bool:
    """Whether it belongs to a mail or web address, to an international phone number, or is the end of an amount."""
    if right - left <= 3 and text[left:right].isdigit() and re.search(r"\d[.,'’]$", text[max(0, left - 2) : left]):
        return True
    return text[left - 1 : left] in ("@", "+") or text[right : right + 1] == "@" or text[right : right + 3] == "://"
