"""The columns of a remittance table: its header, the cells of its lines, and which figure stands in which column.

What columns are called is data, `lang/<code>/remittance.toml`, of all languages together: advices mix them freely.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from extractors.figures import Figure, cell_figure, figures
from extractors.tables import read_lists

MAX_HEADER = 250
"""Characters of a line that can be a header."""


class Column(StrEnum):
    """What a column tells. The order is that of trust where two names fit the same words."""

    PAID_ON = "paid_on"
    DATE = "date"
    NET = "net"
    DISCOUNT = "discount"
    DEDUCTION = "deduction"
    GROSS = "gross"
    OPEN = "open"
    AMOUNT = "amount"
    OWN = "own"
    ORDER = "order"
    NUMBER = "number"
    REMARK = "remark"


MONEY = frozenset({Column.NET, Column.DISCOUNT, Column.DEDUCTION, Column.GROSS, Column.OPEN, Column.AMOUNT})

_FAR = 15
"""Characters that a figure may stand away from its column's name where only its place tells the column."""

_CURRENCY = re.compile(r"(?<![A-Z])(EUR|GBP|USD|CHF|SEK|NOK|DKK|PLN|CAD|AUD|INR|SGD|XOF)(?![A-Z])")


@dataclass(frozen=True, slots=True)
class Header:
    """A table's header: of every named column its kind, its cell's index, and where it stands on the line."""

    delimiter: str
    columns: tuple[tuple[Column, int, int, int], ...]
    currency: str = ""

    def has(self, kind: Column) -> bool:
        """Whether a column of that kind is named."""
        return any(column[0] is kind for column in self.columns)

    def cell_of(self, kind: Column) -> int | None:
        """The cell of the first such column, None when lines have no cells that can be counted."""
        return next((index for name, index, _, _ in self.columns if name is kind), None) if self.delimiter else None


class ColumnNames:
    """The names of columns, loaded when made."""

    def __init__(self) -> None:
        self._kinds = [
            (
                kind,
                re.compile(rf"(?<![\w@])(?:{'|'.join(read_lists('remittance', f'column_{kind.value}'))})(?!\w)", re.I),
            )
            for kind in Column
        ]

    def header(self, text: str, start: int, end: int) -> Header | None:
        """The header that a line is, None when it is none: it names two kinds of column, money among them, and no amount."""
        line = text[start:end].replace("_", " ")
        if not 6 <= len(line.strip()) <= MAX_HEADER or line.rstrip().endswith((".", ":", "?")):
            return None
        if not any(pattern.search(line) for kind, pattern in self._kinds if kind in MONEY):
            return None
        names = self._names(line)
        kinds = {kind for kind, _, _ in names}
        if len(kinds) < 2 or not kinds & MONEY or any(figure.sure for figure in figures(line, 0, len(line), "EUR")):
            return None
        letters = sum(char.isalpha() for char in _CURRENCY.sub("", line))
        covered = sum(char.isalpha() for _, left, right in names for char in line[left:right])
        if covered * 2 < letters:
            return None
        delimiter = delimiter_of(line)
        spans = cells(line, 0, len(line), delimiter) if delimiter else []
        columns = tuple(
            (kind, next((i for i, (a, b) in enumerate(spans) if a <= left < max(b, a + 1)), -1), left, right)
            for kind, left, right in names
        )
        currency = _CURRENCY.search(line)
        return Header(delimiter, columns, currency.group(1) if currency else "")

    def label(self, text: str, start: int, end: int) -> Column | None:
        """The kind of money that the words `text[start:end]` announce, the last named; None when they name none."""
        return next((kind for kind, _, _ in reversed(self._names(text[start:end])) if kind in MONEY), None)

    def _names(self, line: str) -> list[tuple[Column, int, int]]:
        """Names of columns from left to right, the longest first where several fit."""
        found = [
            (match.start(), match.start() - match.end(), rank, kind, match.end())
            for rank, (kind, pattern) in enumerate(self._kinds)
            for match in pattern.finditer(line)
        ]
        names: list[tuple[Column, int, int]] = []
        for left, _, _, kind, right in sorted(found):
            if not names or left >= names[-1][2]:
                names.append((kind, left, right))
        return names


def delimiter_of(line: str) -> str:
    """What separates the cells of a line, "" when only its place on the line does."""
    for mark, least in (("\t", 1), ("|", 1), (";", 2), (",", 2), (" / ", 2)):
        if line.count(mark) >= least and not (mark == "," and re.search(r", ", line)):
            return mark
    return ""


def cells(text: str, start: int, end: int, delimiter: str) -> list[tuple[int, int]]:
    """The cells of a line as trimmed spans, empty ones too. Quotes around a cell keep delimiters inside it."""
    spans: list[tuple[int, int]] = []
    left, position, quoted = start, start, False
    while position <= end:
        if position < end and text[position] == '"' and delimiter in ",;\t":
            quoted = not quoted
        if position == end or (not quoted and text.startswith(delimiter, position)):
            spans.append(_trimmed(text, left, position))
            position += len(delimiter)
            left = position
        else:
            position += 1
    return spans


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip(' \t\r\n"'))
    return (
        (start + left, start + max(left, len(piece.rstrip(' \t\r\n"')))) if piece.strip(' \t\r\n"') else (start, start)
    )


def by_column(
    header: Header, text: str, start: int, end: int, found: Sequence[Figure], currency: str
) -> dict[Column, Figure]:
    """The figures of the line `text[start:end]` by the column that they stand in.

    Cells are counted where a delimiter separates them; else figures are taken in order when there is one for each money
    column, and by the nearest right edge when there is not.
    """
    money = [column for column in header.columns if column[0] in MONEY]
    result: dict[Column, Figure] = {}
    distances: dict[Column, int] = {}
    if header.delimiter:
        spans = cells(text, start, end, header.delimiter)
        for kind, index, _, _ in money:
            if 0 <= index < len(spans) and (figure := cell_figure(text, *spans[index], currency)):
                result.setdefault(kind, figure)
        return result
    if len(found) == len(money):
        return {column[0]: figure for column, figure in zip(reversed(money), reversed(found), strict=True)}
    if found and header.columns[-1][0] in MONEY:
        result[header.columns[-1][0]] = found[-1]
        found, money = found[:-1], money[:-1]
    for figure in found if money else ():
        apart = {
            column: min(abs(figure.end - start - column[3]), abs(figure.start - start - column[2])) for column in money
        }
        nearest = min(money, key=lambda column: apart[column])
        if apart[nearest] <= _FAR and (nearest[0] not in result or apart[nearest] < distances[nearest[0]]):
            result[nearest[0]], distances[nearest[0]] = figure, apart[nearest]
    return result
