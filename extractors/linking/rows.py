"""The rows of a ledger as bits: a set of rows is one integer, so that sets of thousands compare at once."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from itertools import compress, count

from extractors.ledger_values import values_of
from inbox_agent.domain.ledger import InvoiceKind, Ledger
from inbox_agent.domain.money import Money

_REMEMBERED = 4
"""Ledgers whose rows are kept: the mails of a busy customer share one."""

_FEW = 64
"""Rows up to which a set is put together one by one."""


class Rows:
    """A ledger on the day a mail arrived. Bit `n` of a set stands for `ledger.invoices[n]`."""

    def __init__(self, ledger: Ledger, received_on: date) -> None:
        self.ledger, self.received_on = ledger, received_on
        self.items, self.values = ledger.invoices, values_of(ledger)
        self.all = (1 << len(self.items)) - 1
        last_first, credit_note = self.items[::-1], InvoiceKind.CREDIT_NOTE
        self.credit = _marked([row.kind is credit_note for row in last_first])
        self.open = _marked([row.is_open for row in last_first]) & ~self.credit
        self.overdue = _marked([row.is_overdue(received_on) for row in last_first]) & self.open
        self.settled = self.all & ~self.open & ~self.credit

    def where(self, positions: Iterable[int]) -> int:
        """The set of these positions."""
        marked, marks = list(positions), 0
        if len(marked) > _FEW:
            digits = bytearray(b"0" * len(self.items))
            for position in marked:
                digits[-1 - position] = _ONE
            return int(digits, 2)
        for position in marked:
            marks |= 1 << position
        return marks

    def numbered(self, numbers: Iterable[str]) -> int:
        """The set of the rows with these ledger numbers."""
        places = self.values.places
        return self.where(places[number] for number in numbers if number in places)

    def worth(self, amount: Money) -> int:
        """The rows of which the open or whole amount is this, whatever its sign."""
        return self.where(self.values.worth(amount))

    @cached_property
    def open_total(self) -> int:
        """What is open in all, in minor units."""
        return sum(self.items[n].open.minor for n in bits(self.open))

    @cached_property
    def twins(self) -> int:
        """The most rows of one amount, the open ones counting first; none when all differ."""
        several = [marks & ~self.credit for marks in map(self.where, self.values.alike())]
        several = [marks for marks in several if marks.bit_count() > 1]
        return max(several, key=lambda marks: ((marks & self.open).bit_count(), marks.bit_count()), default=0)

    def issued_on(self, day: date) -> int:
        """The rows issued on that day."""
        return self.where(self.values.issued.get(day, ()))

    def due_on(self, day: date) -> int:
        """The rows due on that day."""
        return self.where(self.values.due.get(day, ()))

    def issued_in(self, month: int) -> int:
        """The rows issued in that month (1 to 12) of the latest year that has some."""
        days = [day for day in self.values.issued if day.month == month]
        latest = max((day.year for day in days), default=0)
        return self.where(n for day in days if day.year == latest for n in self.values.issued[day])

    def issued_between(self, first: date, last: date) -> int:
        """The rows issued from the first to the last day."""
        return self.where(n for day, rows in self.values.issued.items() if first <= day <= last for n in rows)

    def due_in(self, month: int) -> int:
        """The open rows due in that month (1 to 12)."""
        return self.where(n for day, rows in self.values.due.items() if day.month == month for n in rows) & self.open

    def by_date(self, among: int) -> list[int]:
        """The positions of a set, the earliest issued first."""
        return sorted(bits(among), key=self._age)

    def oldest(self, among: int) -> int:
        """The position of the row of a set that was issued first; `among` is not empty."""
        return min(self._issued_at(among, self._days), key=self._age)

    def newest(self, among: int) -> int:
        """The position of the row of a set that was issued last; `among` is not empty."""
        return max(self._issued_at(among, reversed(self._days)), key=lambda n: (self._age(n), n))

    def smallest(self, among: int) -> int:
        """The position of the row of a set with the smallest amount; `among` is not empty."""
        return min(bits(among), key=self._sizes.__getitem__)

    def largest(self, among: int) -> int:
        """The position of the row of a set with the largest amount; `among` is not empty."""
        largest = max(map(self._sizes.__getitem__, bits(among)))
        return max(n for n in bits(among) if self._sizes[n] == largest)

    @cached_property
    def _sizes(self) -> list[int]:
        return [row.amount.minor for row in self.items]

    @cached_property
    def _days(self) -> list[date]:
        return sorted(self.values.issued)

    def _issued_at(self, among: int, days: Iterable[date]) -> Iterator[int]:
        """The rows of a set that were issued on the first of these days on which any was."""
        return next(bits(marks) for day in days if (marks := self.issued_on(day) & among))

    def _age(self, n: int) -> tuple[date, date]:
        return self.items[n].issued_on, self.items[n].due_on


_ONE = ord("1")
_AS_FLAGS = bytes.maketrans(b"01", b"\x00\x01")

_LATEST: list[Rows] = []


def rows_of(ledger: Ledger, received_on: date) -> Rows:
    """The rows of a ledger on a day, made once for each ledger object."""
    for rows in _LATEST:
        if rows.ledger is ledger and rows.received_on == received_on:
            return rows
    rows = Rows(ledger, received_on)
    _LATEST[:] = [rows, *_LATEST[: _REMEMBERED - 1]]
    return rows


def bits(marks: int) -> Iterator[int]:
    """The positions of a set, ascending."""
    return compress(count(), bin(marks)[:1:-1].encode().translate(_AS_FLAGS))


def _marked(flags: Iterable[bool]) -> int:
    """The set of the positions whose flag holds; the last position's flag comes first."""
    return int("".join(["1" if flag else "0" for flag in flags]) or "0", 2)
