"""Remittance told in blocks: a line that names the invoice, and under it lines that say what was paid.

Either each line is called something ("Gross: …", "Paid: …"), which makes one row, or the payment went in parts, which makes
one row each (a Dutch g-rekening, the account blocked for wage tax, gets its own part: art. 34 Invorderingswet).
"""

import re
from collections.abc import Callable, Sequence

from extractors.figures import Figure, figures
from extractors.lines import Line
from extractors.remittance_table import Column, ColumnNames
from inbox_agent.domain.act import Evidence
from inbox_agent.domain.money import Money
from inbox_agent.domain.remittance import RemittanceRow

MAX_LINES = 8
"""Lines of one block after its first."""

_ITEM = re.compile(r"\s+\S|[-•*–·]|[€£$]")
_WORD = re.compile(r"[^\W\d_]{2,}")

Numbered = Callable[[int, int], tuple[int, int] | None]
"""Where a line names its one invoice, None when it names none or several."""


def blocks(
    content: str, lines: Sequence[Line], numbered: Numbered, names: ColumnNames, parts: re.Pattern[str], currency: str
) -> list[tuple[RemittanceRow, Line]]:
    """The rows told in blocks, each with the line that tells the amount. Evidence bears no source yet.

    `parts` names the accounts that a payment is split over.
    """
    rows: list[tuple[RemittanceRow, Line]] = []
    number: tuple[int, int] | None = None
    under: list[tuple[Line, Figure]] = []
    left = 0
    for line in [*lines, Line(len(content), len(content), "")]:
        span = numbered(line.start, line.end) if line.text else None
        wanted = span is not None or (number is not None and left > 0)
        found = [figure for figure in figures(content, line.start, line.end, currency) if figure.sure] if wanted else []
        if not line.text or span or left == 0:
            rows += _rows(content, number, under, names, parts)
            number, under, left = (span, [], MAX_LINES) if span and not found else (None, [], 0)
        elif number and len(found) == 1:
            under.append((line, found[0]))
            left -= 1
        else:
            left = max(0, left - 1)
    return rows


def _rows(
    content: str,
    number: tuple[int, int] | None,
    under: Sequence[tuple[Line, Figure]],
    names: ColumnNames,
    parts: re.Pattern[str],
) -> list[tuple[RemittanceRow, Line]]:
    if not number or not under:
        return []
    written = content[slice(*number)]
    told: dict[Column, tuple[Line, Figure]] = {}
    for line, figure in under:
        if label := names.label(content, line.start, figure.start):
            told.setdefault(label, (line, figure))
    paid = told.get(Column.NET) or (told.get(Column.AMOUNT) if len(told) > 1 or len(under) == 1 else None)
    if paid:
        gross = told.get(Column.GROSS) or (told.get(Column.AMOUNT) if Column.NET in told else None)
        return [(_row(content, written, paid, gross, told), paid[0])]
    items = [(line, figure) for line, figure in under if _is_item(content, line)]
    if len(items) < 2 or not any(parts.search(content, line.start, line.end) for line, _ in items):
        return []
    return [(_row(content, written, item, None, {}), item[0]) for item in items]


def _is_item(content: str, line: Line) -> bool:
    return bool(_ITEM.match(content, line.start)) and len(_WORD.findall(line.text)) <= 8


def _row(
    content: str,
    number: str,
    paid: tuple[Line, Figure],
    gross: tuple[Line, Figure] | None,
    told: dict[Column, tuple[Line, Figure]],
) -> RemittanceRow:
    line, figure = paid
    start = content.find(line.text, line.start, line.end)
    evidence = Evidence(content[start : start + len(line.text)], start, start + len(line.text))

    def kept(kind: Column) -> Money | None:
        return Money(abs(told[kind][1].amount.minor), figure.amount.currency) if kind in told else None

    whole = gross[1].amount if gross else None
    return RemittanceRow(number, figure.amount, evidence, whole, kept(Column.DISCOUNT), kept(Column.DEDUCTION))
