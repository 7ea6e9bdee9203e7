"""Whether an act's amount is what the ledger has on its items: open, in full, paid, or together with others."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import combinations

from inbox_agent.domain.act import Act
from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.domain.verdict import Policy, Severity, Verdict, VerdictField, VerdictKind, severity

_WHOLE = {Intent.PROMISE_TO_PAY, Intent.PAYMENT_NOTIFICATION, Intent.INVOICE_COPY_REQUEST}
"""Intents whose amount is that of the whole item; in the others a part is as good (guide, "Acts")."""

_MOST_PAIRED = 24
"""Open items that are tried two by two: of more, some pair would fit by chance."""


class OpenItems:
    """What is open in a ledger, for sums: sorted once a mail, and only when an act's own items do not explain its amount."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @cached_property
    def rows(self) -> tuple[Invoice, ...]:
        """Every open item."""
        return tuple(row for row in self._ledger.invoices if row.is_open)

    @cached_property
    def _by_currency(self) -> Mapping[str, tuple[Sequence[Invoice], int]]:
        """Currency -> its items, and what is open on all of them together."""
        found: dict[str, list[Invoice]] = {}
        for row in self.rows:
            found.setdefault(row.open.currency, []).append(row)
        return {currency: (rows, sum(row.open.minor for row in rows)) for currency, rows in found.items()}

    @cached_property
    def _by_open(self) -> Mapping[tuple[str, int], list[Invoice]]:
        """Currency and open amount -> the items on which just that is open."""
        found: dict[tuple[str, int], list[Invoice]] = {}
        for row in self.rows:
            found.setdefault((row.open.currency, row.open.minor), []).append(row)
        return found

    def adding(self, amount: Money, rows: Sequence[Invoice]) -> tuple[str, ...]:
        """The act's `rows` with one or two other open items, or with all of them, on which together `amount` is open.

        Their numbers; () when nothing adds up to the cent, or more than one choice does.
        """
        numbers = tuple(row.number for row in rows)
        missing = amount.minor - sum(row.open.minor for row in rows)
        alone = [row for row in self._by_open.get((amount.currency, missing), ()) if row.number not in numbers]
        if alone:
            return (*numbers, alone[0].number) if len(alone) == 1 else ()
        alike, total = self._by_currency.get(amount.currency, ((), 0))
        if total == amount.minor:
            return tuple(row.number for row in alike)
        if len(alike) > _MOST_PAIRED:
            return ()
        others = [row for row in alike if row.number not in numbers]
        pairs = [pair for pair in combinations(others, 2) if sum(row.open.minor for row in pair) == missing]
        return (*numbers, *(row.number for row in pairs[0])) if len(pairs) == 1 else ()


def amount_verdict(
    act: Act, amount: Money, rows: Sequence[Invoice], said: Iterable[Money], items: OpenItems, policy: Policy
) -> Verdict:
    """The verdict on `amount`, which `act` says about the ledger's `rows` (those of its links that exist).

    `said` are the amounts that other acts of the mail say about the same rows. What the act's own rows come to counts
    within the policy's tolerance; other sums count to the cent. A payment may be of items of which some are booked already.
    """

    def made(kind: VerdictKind, expected: int | None = None, numbers: tuple[str, ...] = ()) -> Verdict:
        by = amount.minor - expected if expected is not None else 0
        guessed = bool(numbers) and set(numbers) != {row.number for row in rows}
        return Verdict(
            VerdictField.AMOUNT, kind, Severity.INFO if guessed else severity(kind, act.intent), numbers=numbers,
            expected=None if expected is None else Money(expected, amount.currency),
            by=Money(by, amount.currency) if by else None,
        )  # fmt: skip

    if not (rows or items.rows):
        return made(VerdictKind.NOT_CHECKED)
    if all(row.open.currency != amount.currency for row in rows or items.rows):
        return made(VerdictKind.CURRENCY_DIFFERS)
    rows = [row for row in rows if row.open.currency == amount.currency]
    if not rows:
        numbers = items.adding(amount, ())
        return made(VerdictKind.AMOUNT_IS_SUM_OF if numbers else VerdictKind.AMOUNT_UNMATCHED, numbers=numbers)

    open_sum, full = abs(sum(row.open.minor for row in rows)), abs(sum(row.amount.minor for row in rows))
    slack = Money.parse(policy.tolerance, amount.currency).minor
    if open_sum and abs(amount.minor - open_sum) <= slack:
        if len(rows) > 1:
            return made(VerdictKind.AMOUNT_IS_SUM_OF, open_sum, tuple(row.number for row in rows))
        return made(VerdictKind.AMOUNT_MATCHES_OPEN, open_sum)
    if abs(amount.minor - full) <= slack:
        return made(VerdictKind.AMOUNT_MATCHES_TOTAL, full)
    if amount.minor == full - open_sum:
        return made(VerdictKind.AMOUNT_MATCHES_PAID, full - open_sum)
    said_paid = sum(row.open.minor if row.is_open else row.amount.minor for row in rows)
    if act.intent is Intent.PAYMENT_NOTIFICATION and amount.minor == said_paid:
        return made(VerdictKind.AMOUNT_IS_SUM_OF, said_paid, tuple(row.number for row in rows))
    beside = sum(one.minor for one in said if one.currency == amount.currency)
    if beside and amount.minor + beside == open_sum:
        return made(VerdictKind.AMOUNT_IS_REST, open_sum)
    if numbers := _among(amount.minor, rows) or items.adding(amount, rows):
        return made(VerdictKind.AMOUNT_IS_SUM_OF, numbers=numbers)
    compared = open_sum or full
    if amount.minor > compared:
        return made(VerdictKind.AMOUNT_ABOVE_OPEN if open_sum else VerdictKind.AMOUNT_DIFFERS, compared)
    return made(VerdictKind.AMOUNT_DIFFERS if act.intent in _WHOLE else VerdictKind.AMOUNT_IS_PART, compared)


def _among(minor: int, rows: Sequence[Invoice]) -> tuple[str, ...]:
    """The one of several `rows` on which exactly this is open; () when none or several."""
    found = [row.number for row in rows if row.open.minor == minor]
    return tuple(found) if len(rows) > 1 and len(found) == 1 else ()
