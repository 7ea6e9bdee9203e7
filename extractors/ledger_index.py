"""The numbers of one ledger, indexed once: which rows a stretch of text may mean, how surely, and by what variation.

A number is looked up as it is, then as people misspell it: other blanks and marks, leading zeros lost or added, prefix
lost, only its end or beginning, two digits exchanged, one digit wrong. Whatever fits several rows is no candidate.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from extractors.numbers import normal
from inbox_agent.domain.ledger import Invoice, Ledger


class Variation(StrEnum):
    """How what is written differs from the number of the row."""

    EXACT = "exact"
    SPACING = "spacing"
    ZEROS = "zeros"
    PREFIX = "prefix"
    ENDING = "ending"
    BEGINNING = "beginning"
    EXCHANGED = "exchanged"
    ONE_WRONG = "one_wrong"
    RANGE = "range"
    ORDER = "order"
    UNKNOWN = "unknown"


SCORES = {
    Variation.EXACT: 1.0,
    Variation.SPACING: 0.98,
    Variation.ZEROS: 0.95,
    Variation.ORDER: 0.9,
    Variation.PREFIX: 0.9,
    Variation.RANGE: 0.85,
    Variation.ENDING: 0.8,
    Variation.BEGINNING: 0.75,
    Variation.EXCHANGED: 0.6,
    Variation.ONE_WRONG: 0.5,
    Variation.UNKNOWN: 0.4,
}
"""How surely a row is meant by a number so written, 0..1. `UNKNOWN`: of the shape of this ledger's numbers, no row."""

_GROUPS = re.compile(r"[A-Z]+|[0-9]+")
_LETTER = re.compile(r"[A-Z]", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_NINES = str.maketrans("0123456789", "9999999999")
_FORGIVEN = 5
"""Digits that a number must have before a wrong one in it is forgiven, or before its beginning alone is enough."""

_LONGEST = 40
_RANGE = 100
"""Numbers at most from the first to the last of "from … to …"."""


@dataclass(frozen=True, slots=True)
class Match:
    """Rows that a written number may mean; several only by one purchase order. None for a number of no row."""

    rows: tuple[Invoice, ...]
    how: Variation


class LedgerIndex:
    """The index of a ledger; made once, asked for every number of every mail. 5,000 rows take about 25 ms."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._exact: dict[str, Invoice] = {}
        self._plain: dict[str, list[Invoice]] = defaultdict(list)
        self._squeezed: dict[str, list[Invoice]] = defaultdict(list)
        self._digits: dict[str, list[Invoice]] = defaultdict(list)
        self._group: dict[str, list[Invoice]] = defaultdict(list)
        self._orders: dict[str, list[Invoice]] = defaultdict(list)
        self._shapes: set[str] = set()
        for row in ledger.invoices:
            groups = _GROUPS.findall(row.number.upper())
            self._exact.setdefault(row.number, row)
            self._plain["".join(groups)].append(row)
            self._squeezed[_squeezed(groups)].append(row)
            digits = [group for group in groups if group.isdigit()]
            self._digits["".join(digits).lstrip("0")].append(row)
            for group in set(digits):
                if len(bare := group.lstrip("0")) >= 3 and not _YEAR.fullmatch(group):
                    self._group[bare].append(row)
            self._shapes.add(shape(row.number))
            if row.po_number:
                self._orders[normal(row.po_number)].append(row)
        self._sorted = sorted(self._plain)
        self._reversed = sorted(key[::-1] for key in self._plain)
        self._seen: dict[str, Match | None] = {}

    def has_shape(self, written: str) -> bool:
        """Whether a number is written as this ledger's are: the same letters and marks, as many digits."""
        return shape(written) in self._shapes

    def match(self, written: str) -> Match | None:
        """What a written number means, by the surest variation that fits."""
        if written not in self._seen:
            if len(self._seen) > 20_000:
                self._seen.clear()
            self._seen[written] = self._match(written)
        return self._seen[written]

    def _match(self, written: str) -> Match | None:
        if row := self._exact.get(written):
            return Match((row,), Variation.EXACT)
        key = normal(written)
        groups = _GROUPS.findall(written.upper())
        digits = "".join(group for group in groups if group.isdigit())
        if not digits or len(key) > _LONGEST:
            return None
        if row := _only(self._plain.get(key, ())):
            return Match((row,), Variation.SPACING)
        if len(digits) >= 3 and (row := _only(self._squeezed.get(_squeezed(groups), ()))):
            return Match((row,), Variation.ZEROS)
        if rows := self._orders.get(key):
            return Match(tuple(rows), Variation.ORDER)
        if _YEAR.fullmatch(key):
            return None
        for how, candidates in self._parts(key, digits, groups):
            if row := _only(candidates):
                return Match((row,), how)
        if len(digits) >= 3 and (row := _only(self._plain_of(_exchanged(key)))):
            return Match((row,), Variation.EXCHANGED)
        if len(digits) >= _FORGIVEN and (row := _only(self._plain_of(_edited(key)))):
            return Match((row,), Variation.ONE_WRONG)
        return Match((), Variation.UNKNOWN) if len(digits) >= 3 and self.has_shape(written) else None

    def _parts(self, key: str, digits: str, groups: list[str]) -> Iterable[tuple[Variation, Sequence[Invoice]]]:
        """Rows of which the number is written without its prefix, or only a part of it: end, middle or beginning."""
        bare = digits.lstrip("0")
        letters = "".join(group for group in groups if group.isalpha())
        if not letters and len(digits) >= 3:
            yield Variation.PREFIX, self._digits.get(bare, ())
        if len(digits) >= 3 or letters:
            yield Variation.ENDING, self._ending(key, whole_groups=len(groups) > 1)
        if letters or len(groups) > 1 or len(digits) >= _FORGIVEN:
            yield Variation.BEGINNING, self._beginning(key)
        if len(bare) >= 3 and len(groups) == 1:
            yield Variation.ENDING, self._group.get(bare, ())
        if len(bare) >= 3 and len(groups) == 2 and len(letters) >= 2 and key.startswith(letters):
            rows = self._digits.get(bare) or self._group.get(bare, [])
            fitting = [row for row in rows if letters in row.number.upper() or not _LETTER.search(row.number)]
            yield Variation.ENDING, fitting

    def _ending(self, key: str, *, whole_groups: bool) -> list[Invoice]:
        back = key[::-1]
        rows: list[Invoice] = []
        for place in range(bisect_left(self._reversed, back), len(self._reversed)):
            number = self._reversed[place]
            if not number.startswith(back) or len(rows) > 1:
                break
            rows += [row for row in self._plain[number[::-1]] if not whole_groups or key in _endings(row.number)]
        return rows

    def _beginning(self, key: str) -> list[Invoice]:
        rows: list[Invoice] = []
        for place in range(bisect_left(self._sorted, key), len(self._sorted)):
            number = self._sorted[place]
            if not number.startswith(key) or len(rows) > 1:
                break
            rows += [row for row in self._plain[number] if key in _beginnings(row.number)]
        return rows

    def after(self, row: Invoice, ending: str) -> Invoice | None:
        """The row whose number is that of `row` with its end replaced by `ending`: 312 after DW-311 is DW-312."""
        key = normal(row.number)
        return _only(self._plain.get(key[: -len(ending)] + ending, ())) if len(ending) < len(key) else None

    def between(self, first: str, last: str) -> list[Invoice]:
        """The rows whose numbers lie between two of the same form, in order, without these; at most `_RANGE`."""
        one, two = _head(first), _head(last)
        if one is None or two is None or not 0 < two[1] - one[1] <= _RANGE or two[0] not in (one[0], ""):
            return []
        found = []
        for count in range(one[1] + 1, two[1]):
            found += self._squeezed.get(one[0] + str(count), [])
        return found

    def _plain_of(self, keys: Iterable[str]) -> list[Invoice]:
        found: dict[str, Invoice] = {}
        for key in keys:
            for row in self._plain.get(key, ()):
                found[row.number] = row
        return list(found.values())


def shape(number: str) -> str:
    """How a number is written: its letters and marks as they are, each digit as 9 ("AR-25-1878" is "AR-99-9999")."""
    return number.upper().translate(_NINES)


def _squeezed(groups: list[str]) -> str:
    """The groups of letters and digits together, each without leading zeros: "E25-993" as "E/25/0993"."""
    return "".join(group.lstrip("0") for group in groups)


def _beginnings(number: str) -> set[str]:
    """The number's first groups together, without the last one or two: "FL244" of "FL/244/2023"."""
    groups = _GROUPS.findall(number.upper())
    return {"".join(groups[:count]) for count in range(1, len(groups))}


def _endings(number: str) -> set[str]:
    """The number's last groups together, without the first: "APP8" and "8" of "FS/APP8"."""
    groups = _GROUPS.findall(number.upper())
    return {"".join(groups[count:]) for count in range(1, len(groups))}


def _head(number: str) -> tuple[str, int] | None:
    """What stands before the last run of digits, without leading zeros, and that run as a number."""
    groups = _GROUPS.findall(number.upper())
    if not groups or not groups[-1].isdigit() or len(groups[-1]) > 12:
        return None
    return _squeezed(groups[:-1]), int(groups[-1])


def _exchanged(key: str) -> Iterable[str]:
    for place in range(len(key) - 1):
        if key[place] != key[place + 1] and key[place : place + 2].isdigit():
            yield key[:place] + key[place + 1] + key[place] + key[place + 2 :]


def _edited(key: str) -> Iterable[str]:
    """One digit replaced, lost or too many."""
    for place, char in enumerate(key):
        if char.isdigit():
            yield key[:place] + key[place + 1 :]
            for digit in "0123456789":
                yield key[:place] + digit + key[place + 1 :]
                yield key[:place] + digit + key[place:]


def _only(rows: Sequence[Invoice]) -> Invoice | None:
    return rows[0] if len(rows) == 1 else None
