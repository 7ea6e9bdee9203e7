"""The amounts and days of one ledger's rows, indexed once: which rows are worth so much, issued or due on that day."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.money import Money

_REMEMBERED = 8
"""Ledgers whose values are kept: the mails of a busy customer share one."""


class LedgerValues(Container[Money]):
    """Contains every amount of the ledger, open or total, with its sign. Rows are told by their place in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._rows = ledger.invoices

    def __contains__(self, amount: object) -> bool:
        if not isinstance(amount, Money):
            return False
        rows = map(self._rows.__getitem__, self._by_minor.get(abs(amount.minor), ()))
        return any(amount in (row.open, row.amount) for row in rows)

    @cached_property
    def has_amounts(self) -> bool:
        """Whether any row is worth something."""
        return any(self._by_minor)

    @cached_property
    def currency(self) -> str:
        """The currency of the first row; EUR without rows."""
        return self._rows[0].amount.currency if self._rows else "EUR"

    @cached_property
    def currencies(self) -> frozenset[str]:
        """The currencies of all rows."""
        return frozenset([row.amount.currency for row in self._rows])

    def rows(self, numbers: Iterable[str]) -> list[Invoice]:
        """The rows with these numbers, in the order of the ledger."""
        places = sorted({self.places[number] for number in numbers if number in self.places})
        return [self._rows[place] for place in places]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each row in the ledger, by its number."""
        last_first = self._rows[::-1]
        return dict(zip([row.number for row in last_first], range(len(last_first) - 1, -1, -1), strict=True))

    def worth(self, amount: Money) -> list[int]:
        """The rows of which the open or whole amount is this, whatever its sign."""
        return [position for position in self._by_minor.get(abs(amount.minor), ()) if self._is(position, amount)]

    def alike(self) -> Iterator[list[int]]:
        """The rows of each amount that several rows have."""
        for positions in self._by_minor.values():
            if len(positions) > 1:
                by_currency: dict[str, dict[int, None]] = {}
                for position in positions:
                    for one in (self._rows[position].open, self._rows[position].amount):
                        by_currency.setdefault(one.currency, {})[position] = None
                yield from map(list, by_currency.values())

    @cached_property
    def issued(self) -> Mapping[date, Sequence[int]]:
        """The rows of each day of issue."""
        return _by_day([row.issued_on for row in self._rows])

    @cached_property
    def due(self) -> Mapping[date, Sequence[int]]:
        """The rows of each due date."""
        return _by_day([row.due_on for row in self._rows])

    @cached_property
    def _by_minor(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for position, row in enumerate(self._rows):
            total, still = abs(row.amount.minor), abs(row.open.minor)
            found[total].append(position)
            if still != total:
                found[still].append(position)
        return dict(found)

    def _is(self, position: int, amount: Money) -> bool:
        row, minor = self._rows[position], abs(amount.minor)
        return any(one.currency == amount.currency and abs(one.minor) == minor for one in (row.open, row.amount))


_LATEST: list[LedgerValues] = []


def values_of(ledger: Ledger) -> LedgerValues:
    """The values of a ledger, indexed once for each ledger object."""
    for values in _LATEST:
        if values.ledger is ledger:
            return values
    values = LedgerValues(ledger)
    _LATEST[:] = [values, *_LATEST[: _REMEMBERED - 1]]
    return values


def _by_day(days: Sequence[date]) -> dict[date, list[int]]:
    found: dict[date, list[int]] = defaultdict(list)
    for position, day in enumerate(days):
        found[day].append(position)
    return dict(found)
