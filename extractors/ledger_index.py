"""The numbers of one ledger, indexed once: which rows a stretch of text may mean, how surely, and by what variation.

A number is looked up as it is, then as people misspell it: other blanks and marks, leading zeros lost or added, prefix
lost, only its end or beginning, two digits exchanged, one digit wrong. Whatever fits several rows is no candidate.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import islice

from extractors.ledger_values import values_of
from extractors.number_column import Column
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
_LEADING = re.compile(r"0(?<![0-9]0)0*")
"""Zeros before which no digit stands; the search is quicker where the pattern begins with what it seeks."""
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
    """The index of a ledger; made once, asked for every number of every mail. Each table is made when it is first asked."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._rows, self._values = ledger.invoices, values_of(ledger)
        self._seen: dict[str, Match | None] = {}

    @cached_property
    def _written(self) -> Column:
        return Column.of([row.number for row in self._rows])

    @cached_property
    def _plain(self) -> Column:
        return self._written.alphanumeric()

    @cached_property
    def _trimmed(self) -> Column:
        """Each run of digits without leading zeros."""
        return Column(_LEADING.sub("", self._written.text))

    @cached_property
    def _squeezed(self) -> Column:
        """As `_trimmed`, letters and digits alone: "E25993" for "E/25/0993"."""
        return self._trimmed.alphanumeric()

    @cached_property
    def _digits(self) -> Column:
        return Column(_LEADING.sub("", self._written.numeric().text))

    @cached_property
    def _orders(self) -> Column:
        return Column.of([row.po_number for row in self._rows]).alphanumeric()

    @cached_property
    def _shapes(self) -> frozenset[str]:
        return frozenset(self._written.text.translate(_NINES).split("\n"))

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
        if not self._rows:
            return None
        if row := self._at(self._values.places.get(written)):
            return Match((row,), Variation.EXACT)
        key = normal(written)
        groups = _GROUPS.findall(written.upper())
        digits = "".join(group for group in groups if group.isdigit())
        if not digits or len(key) > _LONGEST:
            return None
        if row := self._at(self._plain.only(key)):
            return Match((row,), Variation.SPACING)
        if len(digits) >= 3 and (row := self._at(self._squeezed.only(_squeezed(groups)))):
            return Match((row,), Variation.ZEROS)
        if rows := tuple(map(self._rows.__getitem__, self._orders.all(key))):
            return Match(rows, Variation.ORDER)
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

    def _at(self, position: int | None) -> Invoice | None:
        return None if position is None else self._rows[position]

    def _parts(self, key: str, digits: str, groups: list[str]) -> Iterable[tuple[Variation, Iterable[Invoice]]]:
        """Rows of which the number is written without its prefix, or only a part of it: end, middle or beginning."""
        bare = digits.lstrip("0")
        letters = "".join(group for group in groups if group.isalpha())
        if not letters and len(digits) >= 3:
            yield Variation.PREFIX, self._of(self._digits.all(bare))
        if len(digits) >= 3 or letters:
            yield Variation.ENDING, self._ending(key, whole_groups=len(groups) > 1)
        if letters or len(groups) > 1 or len(digits) >= _FORGIVEN:
            yield Variation.BEGINNING, self._beginning(key)
        if len(bare) >= 3 and len(groups) == 1:
            yield Variation.ENDING, self._with_group(bare)
        if len(bare) >= 3 and len(groups) == 2 and len(letters) >= 2 and key.startswith(letters):
            rows = list(self._of(self._digits.all(bare))) or self._with_group(bare)
            yield (
                Variation.ENDING,
                (row for row in rows if letters in row.number.upper() or not _LETTER.search(row.number)),
            )

    def _of(self, positions: Iterable[int]) -> Iterator[Invoice]:
        return map(self._rows.__getitem__, positions)

    def _ending(self, key: str, *, whole_groups: bool) -> Iterator[Invoice]:
        for row in self._of(self._plain.ending(key)):
            if not whole_groups or key in _endings(row.number):
                yield row

    def _beginning(self, key: str) -> Iterator[Invoice]:
        return (row for row in self._of(self._plain.beginning(key)) if key in _beginnings(row.number))

    def _with_group(self, bare: str) -> Iterator[Invoice]:
        """Rows whose number has these digits between others that are none; a year is no such group."""
        for position in dict.fromkeys(self._trimmed.having(bare)):
            row = self._rows[position]
            groups = set(_GROUPS.findall(row.number.upper()))
            if any(group.lstrip("0") == bare and not _YEAR.fullmatch(group) for group in groups):
                yield row

    def after(self, row: Invoice, ending: str) -> Invoice | None:
        """The row whose number is that of `row` with its end replaced by `ending`: 312 after DW-311 is DW-312."""
        key = normal(row.number)
        return self._at(self._plain.only(key[: -len(ending)] + ending)) if len(ending) < len(key) else None

    def between(self, first: str, last: str) -> list[Invoice]:
        """The rows whose numbers lie between two of the same form, in order, without these; at most `_RANGE`."""
        one, two = _head(first), _head(last)
        if one is None or two is None or not 0 < two[1] - one[1] <= _RANGE or two[0] not in (one[0], ""):
            return []
        counts = range(one[1] + 1, two[1])
        return [row for count in counts for row in self._of(self._squeezed.all(one[0] + str(count)))]

    def _plain_of(self, keys: Iterable[str]) -> list[Invoice]:
        found: dict[str, Invoice] = {}
        for key in keys:
            for row in self._of(self._plain.all(key)):
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


def _only(rows: Iterable[Invoice]) -> Invoice | None:
    """The one row, None when there is none or several."""
    found = list(islice(rows, 2))
    return found[0] if len(found) == 1 else None
