"""The rows of a ledger as bits: a set of rows is one integer, so that sets of thousands compare at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property

from inbox_agent.domain.ledger import InvoiceKind, Ledger
from inbox_agent.domain.money import Money

_REMEMBERED = 4
"""Ledgers whose rows are kept: the mails of a busy customer share one."""


class Rows:
    """A ledger on the day a mail arrived. Bit `n` of a set stands for `ledger.invoices[n]`."""

    def __init__(self, ledger: Ledger, received_on: date) -> None:
        self.ledger, self.received_on = ledger, received_on
        self.items = ledger.invoices
        self._at = {row.number: n for n, row in reversed(list(enumerate(self.items)))}
        self.all = (1 << len(self.items)) - 1
        self.credit = self.where(n for n, row in enumerate(self.items) if row.kind is InvoiceKind.CREDIT_NOTE)
        self.open = self.where(n for n, row in enumerate(self.items) if row.is_open) & ~self.credit
        self.overdue = self.where(n for n, row in enumerate(self.items) if row.is_overdue(received_on)) & self.open
        self.settled = self.all & ~self.open & ~self.credit

    @staticmethod
    def where(positions: Iterable[int]) -> int:
        """The set of these positions."""
        marks = 0
        for position in positions:
            marks |= 1 << position
        return marks

    def numbered(self, numbers: Iterable[str]) -> int:
        """The set of the rows with these ledger numbers."""
        return self.where(self._at[number] for number in numbers if number in self._at)

    @cached_property
    def by_amount(self) -> dict[tuple[int, str], int]:
        """The rows of each amount, open or total, in minor units without sign."""
        found: dict[tuple[int, str], int] = defaultdict(int)
        for n, row in enumerate(self.items):
            for amount in {row.open, row.amount}:
                found[abs(amount.minor), amount.currency] |= 1 << n
        return dict(found)

    @cached_property
    def known(self) -> frozenset[Money]:
        """Every amount of the ledger."""
        return frozenset(amount for row in self.items for amount in (row.open, row.amount) if amount.minor)

    @cached_property
    def open_total(self) -> int:
        """What is open in all, in minor units."""
        return sum(self.items[n].open.minor for n in bits(self.open))

    @cached_property
    def twins(self) -> int:
        """The most rows of one amount, the open ones counting first; none when all differ."""
        several = [marks & ~self.credit for marks in self.by_amount.values() if (marks & ~self.credit).bit_count() > 1]
        return max(several, key=lambda marks: ((marks & self.open).bit_count(), marks.bit_count()), default=0)

    @cached_property
    def issued(self) -> dict[date, int]:
        """The rows of each day of issue."""
        return _by_day((n, row.issued_on) for n, row in enumerate(self.items))

    @cached_property
    def due(self) -> dict[date, int]:
        """The rows of each due date."""
        return _by_day((n, row.due_on) for n, row in enumerate(self.items))

    def issued_in(self, month: int) -> int:
        """The rows issued in that month (1 to 12) of the latest year that has some."""
        days = [day for day in self.issued if day.month == month]
        latest = max((day.year for day in days), default=0)
        return self._any(self.issued[day] for day in days if day.year == latest)

    def issued_between(self, first: date, last: date) -> int:
        """The rows issued from the first to the last day."""
        return self._any(marks for day, marks in self.issued.items() if first <= day <= last)

    def due_in(self, month: int) -> int:
        """The open rows due in that month (1 to 12)."""
        return self._any(marks for day, marks in self.due.items() if day.month == month) & self.open

    @staticmethod
    def _any(sets: Iterable[int]) -> int:
        rows = 0
        for marks in sets:
            rows |= marks
        return rows

    @cached_property
    def _dated(self) -> list[int]:
        return sorted(range(len(self.items)), key=lambda n: (self.items[n].issued_on, self.items[n].due_on, n))

    @cached_property
    def _sized(self) -> list[int]:
        return sorted(range(len(self.items)), key=lambda n: (self.items[n].amount.minor, n))

    def by_date(self, among: int) -> list[int]:
        """The positions of a set, the earliest issued first."""
        chosen = set(bits(among))
        return [n for n in self._dated if n in chosen]

    def by_size(self, among: int) -> list[int]:
        """The positions of a set, the smallest amount first."""
        chosen = set(bits(among))
        return [n for n in self._sized if n in chosen]


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
    for n, mark in enumerate(reversed(bin(marks))):
        if mark == "1":
            yield n


def _by_day(days: Iterable[tuple[int, date]]) -> dict[date, int]:
    found: dict[date, int] = defaultdict(int)
    for n, day in days:
        found[day] |= 1 << n
    return dict(found)
