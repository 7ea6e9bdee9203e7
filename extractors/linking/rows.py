"""The rows of a ledger as bits: a set of rows is one integer, so that sets of thousands compare at once."""

from collections.abc import Iterable, Iterator
from datetime import date

from inbox_agent.domain.ledger import InvoiceKind, Ledger


class Rows:
    """A ledger on the day a mail arrived. Bit `n` of a set stands for `ledger.invoices[n]`."""

    def __init__(self, ledger: Ledger, received_on: date) -> None:
        self.ledger = ledger
        self.items = ledger.invoices
        self._at = {row.number: n for n, row in reversed(list(enumerate(self.items)))}
        self.open = self.where(n for n, row in enumerate(self.items) if row.is_open and row.kind is InvoiceKind.INVOICE)
        self.credit = self.where(n for n, row in enumerate(self.items) if row.kind is InvoiceKind.CREDIT_NOTE)
        self.overdue = self.where(n for n in bits(self.open) if self.items[n].is_overdue(received_on))
        self.all = (1 << len(self.items)) - 1
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

    def by_date(self, among: int) -> list[int]:
        """The positions of a set, the earliest issued first."""
        return sorted(bits(among), key=lambda n: (self.items[n].issued_on, self.items[n].due_on, n))

    def by_size(self, among: int) -> list[int]:
        """The positions of a set, the smallest amount first."""
        return sorted(bits(among), key=lambda n: (self.items[n].amount.minor, n))


def bits(marks: int) -> Iterator[int]:
    """The positions of a set, ascending."""
    while marks:
        low = marks & -marks
        yield low.bit_length() - 1
        marks ^= low
