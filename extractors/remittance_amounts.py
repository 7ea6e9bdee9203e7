"""What the figures of one remittance row are: what was billed, what was taken off, and what was paid."""

import itertools
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from extractors.figures import Figure, figures
from extractors.remittance_table import Column, ColumnNames, Header, by_column
from inbox_agent.domain.money import Money

DAY = re.compile(
    r"(?<![\w.,/-])(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[- ][A-Za-zéû]{3,9}\.?[- ]\d{2,4}"
    r"|0\d\.\d\d|\d{1,2}\.(?:0[1-9]|1[0-2])\.)(?![\w/-])"
)
"""A date as tables write it, also 04.05 and 22.05. without a year: its digits are no amount and no number."""


@dataclass(frozen=True, slots=True)
class RowAmounts:
    """The amounts of a row; `end` is where the last of them ends. `named`: a column or a word says that it was paid."""

    paid: Money
    end: int
    named: bool
    gross: Money | None = None
    discount: Money | None = None
    deduction: Money | None = None


def row_amounts(
    names: ColumnNames,
    content: str,
    line: tuple[int, int],
    number: tuple[int, int],
    header: Header | None,
    currency: str,
    known: Container[Money] = (),
) -> RowAmounts | None:
    """The amounts on a line that names an invoice at `number`, None when it has none.

    Columns tell what they are where there is a header, else the words before each; an unnamed last figure is what was paid.
    What stands in brackets explains the row and is not of it.
    """
    start, end = line
    days = [match.span() for match in DAY.finditer(content, start, end)]
    found = [
        figure
        for left, right in ((start, number[0]), (number[1], end))
        for figure in figures(content, left, right, currency, known)
        if figure.sure and not any(a < figure.end and figure.start < b for a, b in days)
    ]
    shown = [figure for figure in found if not _in_brackets(content, start, figure)]
    told = by_column(header, content, start, end, shown, currency) if header else {}
    told = told or _by_words(names, content, start, number, shown)
    if header and header.has(Column.OPEN) and not header.has(Column.NET):
        return None  # a statement: what is open, not what was paid
    paid = _paid(told, shown)
    if paid is None:
        return None
    gross = told.get(Column.GROSS) or (told.get(Column.AMOUNT) if Column.NET in told else None)
    if gross is None and len(shown) > 1 and paid is shown[-1] and shown[0].amount.minor > paid.amount.minor:
        gross = shown[0]
    deduction = told.get(Column.DEDUCTION)
    if deduction is None:
        after = [figure for figure in found if figure.start >= paid.end and figure not in told.values()]
        deduction = next((figure for figure in after if _is_difference(names, content, figure)), None)
    if gross is None and deduction is None:
        gross, deduction = _explained(paid, [figure for figure in found if figure not in shown])
    return RowAmounts(
        paid.amount,
        max([number[1], paid.end, *(figure.end for figure in told.values())]),
        Column.NET in told,
        gross.amount if gross else None,
        _unsigned(told.get(Column.DISCOUNT)),
        _unsigned(deduction),
    )


def _by_words(
    names: ColumnNames, content: str, start: int, number: tuple[int, int], shown: Sequence[Figure]
) -> dict[Column, Figure]:
    told: dict[Column, Figure] = {}
    before = start
    for figure in shown:
        since = max(before, number[1]) if figure.start > number[1] else before
        if label := names.label(content, since, figure.start):
            told[label] = figure
        before = figure.end
    if told and Column.GROSS not in told and shown[0] not in told.values():
        told[Column.GROSS] = shown[0]
    return told


def _paid(told: dict[Column, Figure], shown: Sequence[Figure]) -> Figure | None:
    """What was paid: what is called so; else the amount less discount and deduction; else the last figure of the row."""
    if Column.NET in told:
        return told[Column.NET]
    whole = told.get(Column.AMOUNT) or told.get(Column.GROSS)
    less = [told[kind] for kind in (Column.DISCOUNT, Column.DEDUCTION) if kind in told]
    if whole and (less or len(told) > 1 or Column.AMOUNT in told):
        if less and shown and shown[-1] not in told.values():
            return shown[-1]
        minor = whole.amount.minor - sum(abs(figure.amount.minor) for figure in less)
        return replace(whole, amount=Money(minor, whole.amount.currency))
    return shown[-1] if shown else whole


def _is_difference(names: ColumnNames, content: str, figure: Figure) -> bool:
    """Whether the words before a figure call it a difference ("verschil € 145,20")."""
    return names.label(content, max(0, figure.start - 30), figure.start) is Column.DEDUCTION


def _explained(paid: Figure, bracketed: Sequence[Figure]) -> tuple[Figure | None, Figure | None]:
    """Gross and deduction as brackets tell them ("your 962.00 less 17.85"): the two figures that differ by what was paid."""
    for gross, deduction in itertools.permutations(bracketed[:4], 2):
        if gross.amount.minor - abs(deduction.amount.minor) == paid.amount.minor:
            return gross, deduction
    return None, None


def _in_brackets(content: str, start: int, figure: Figure) -> bool:
    before = content[start : figure.start]
    return before.count("(") > before.count(")")


def _unsigned(figure: Figure | None) -> Money | None:
    return Money(abs(figure.amount.minor), figure.amount.currency) if figure else None
