"""The rows of a remittance advice in plain text: one invoice a line, with or without a header over it.

A row names one invoice and what was paid for it. Totals, headings, rows that the advice says were not paid, and running text
are none.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractors.figures import figures
from extractors.ledger_values import values_of
from extractors.lines import Line
from extractors.linking import Linker
from extractors.numbers import TOKEN
from extractors.remittance_amounts import DAY, row_amounts
from extractors.remittance_blocks import blocks
from extractors.remittance_table import Column, ColumnNames, Header, cells, delimiter_of
from extractors.remittance_words import AdviceWords
from inbox_agent.domain.act import Evidence, LinkReason, Source
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.money import Money
from inbox_agent.domain.remittance import RemittanceRow

MAX_LINES = 400
"""Lines read of one text."""

MAX_LINE = 1_000
"""Characters of a line that can be a row."""

_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{2,}")
_GAP = re.compile(r"\s{2,}|\t|\||;")
_CURRENCY = re.compile(r"(?<!\w)(?:EUR|GBP|USD|CHF|euros?|eur)(?!\w)|[€£$]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AdviceText:
    """A text that may hold an advice. `prose`: running text stands between its rows, so a row must look like one."""

    content: str
    lines: Sequence[Line]
    source: Source
    attachment: int = -1
    prose: bool = False

    def evidence(self, start: int, end: int) -> Evidence:
        """A stretch of this text as evidence."""
        return Evidence(self.content[start:end], start, end, self.source, self.attachment)

    def span(self, line: Line) -> tuple[int, int]:
        """Where a line's own text stands, without the blanks around it; empty for a line too long to be a row."""
        fits = line.text and len(line.text) <= MAX_LINE
        start = self.content.find(line.text, line.start, line.end) if fits else -1
        return (start, start + len(line.text)) if start >= 0 else (line.start, line.start)


@dataclass(frozen=True, slots=True)
class Found:
    """A row, the line of `text` that it stands on, the header over it, and whether the ledger knows its number."""

    row: RemittanceRow
    text: AdviceText
    line: Line
    header: Header | None = None
    known: bool = True

    @property
    def remark(self) -> str:
        """What the line says after its amounts."""
        return self.text.content[self.row.evidence.end : self.line.end].strip(" \t|;,\n")


class RowReader:
    """Finds the rows of one text with one ledger."""

    def __init__(self, names: ColumnNames, words: AdviceWords, linker: Linker, ledger: Ledger) -> None:
        self._names, self._words, self._linker, self._ledger = names, words, linker, ledger
        self._amounts = values_of(ledger)
        self._currency = self._amounts.currency

    def rows(self, text: AdviceText) -> list[Found]:
        """The rows of the text, in its order.

        A number that the ledger does not know makes a row under a header that names such a column, and beside rows that the
        ledger knows when it is written as theirs are.
        """
        header: Header | None = None
        refused = False
        found: list[Found] = []
        others: list[tuple[int, Line, Header | None]] = []
        for line in text.lines[:MAX_LINES]:
            start, end = text.span(line)
            written = text.content[start:end]
            if not written:
                refused = False
            elif read := self._names.header(text.content, start, end):
                header, refused = read, False
            elif self._words.is_heading(written):
                refused = self._words.is_refused(written)
            elif not _DIGIT.search(written) or self._words.total.match(written):
                continue
            elif number := self.number(text, start, end, header):
                rows = self._row(text, line, number, header)
                found += [item for item in rows if not refused or item.row.paid.minor < 0]
            elif not refused:
                others.append((len(found), line, header))
        for position, line, above in reversed(others):
            near = found[max(0, position - 1) : position + 1]
            found[position:position] = self._unknown(text, line, above, near)
        return sorted([*found, *self._blocks(text, found)], key=lambda item: item.line.start)

    def number(self, text: AdviceText, start: int, end: int, header: Header | None = None) -> tuple[int, int] | None:
        """Where the line names the one invoice that it is about: in its column; an exact number before another spelling."""
        exact: list[tuple[int, int]] = []
        variants: list[tuple[int, int]] = []
        for span in tokens(text.content, start, end):
            written = text.content[slice(*span)]
            links = self._linker.explicit(written, 0, len(written), self._ledger)
            if len(links) != 1 or links[0].reason is LinkReason.PURCHASE_ORDER:
                continue
            if links[0].reason is LinkReason.NUMBER:
                exact.append(span)
            elif not _is_figure(written):
                variants.append(span)
        spans = exact or variants
        column = header.cell_of(Column.NUMBER) if header else None
        if header and column is not None:
            shown = cells(text.content, start, end, header.delimiter)
            if column < len(shown) and (told := _number_in(text.content, *shown[column], spans)):
                return told
        if not spans or (len(spans) > 1 and _is_list(text.content, spans, end)):
            return None
        return spans[0]

    def _row(
        self, text: AdviceText, line: Line, number: tuple[int, int], header: Header | None, *, known: bool = True
    ) -> list[Found]:
        """The row that a line is, as a list of one; empty when it is none."""
        start, end = text.span(line)
        currency = (header.currency if header else "") or self._currency
        amounts = row_amounts(
            self._names, text.content, (start, end), number, header, currency, self._amounts if known else ()
        )
        written = text.content[start:end]
        if amounts is None:
            return []
        rejected = self._words.is_rejected(written)
        if amounts.paid.minor > 0 and not amounts.named and (rejected or self._words.is_refused(written)):
            kept = amounts.deduction or (amounts.paid if rejected else None)
            amounts = replace(amounts, paid=Money(0, amounts.paid.currency), gross=amounts.paid, deduction=kept)
        row = RemittanceRow(
            text.content[slice(*number)],
            amounts.paid,
            text.evidence(start, amounts.end),
            amounts.gross,
            amounts.discount,
            amounts.deduction,
        )
        if text.prose and not _looks_like_row(text.content[amounts.end : end], row, header):
            return []
        return [Found(row, text, line, header, known)]

    def _unknown(self, text: AdviceText, line: Line, header: Header | None, near: Sequence[Found]) -> list[Found]:
        """A row whose number the ledger does not know."""
        start, end = text.span(line)
        shapes = {_shape(item.row.number) for item in near if item.known}
        headed = header is not None and header.has(Column.NUMBER) and not text.prose
        if self._words.is_refused(text.content[start:end]) or (header and header.cell_of(Column.NUMBER) is not None):
            return []
        for span in tokens(text.content, start, end):
            written = text.content[slice(*span)]
            if len(re.findall(r"\d", written)) < 3 or _is_figure(written):
                continue
            if _shape(written) in shapes or (headed and len(_WORD.findall(text.content[start : span[0]])) < 2):
                return self._row(text, line, span, header, known=False)
        return []

    def _blocks(self, text: AdviceText, found: Sequence[Found]) -> list[Found]:
        """Rows told in blocks, of invoices that no line tells by itself."""

        def numbered(start: int, end: int) -> tuple[int, int] | None:
            written = text.content[start:end]
            return (
                self.number(text, start, end)
                if _DIGIT.search(written) and not self._words.is_refused(written)
                else None
            )

        known = {_bare(item.row.number) for item in found}
        lines = [line for line in text.lines[:MAX_LINES] if len(line.text) <= MAX_LINE]
        told = blocks(text.content, lines, numbered, self._names, self._words.parts, self._currency)
        return [
            Found(replace(row, evidence=text.evidence(row.evidence.start, row.evidence.end)), text, line)
            for row, line in told
            if _bare(row.number) not in known
        ]


def tokens(content: str, start: int, end: int) -> list[tuple[int, int]]:
    """What looks like a number on a line, each cell read by itself where a delimiter separates them."""
    delimiter = delimiter_of(content[start:end])
    spans = cells(content, start, end, delimiter) if delimiter else [(start, end)]
    return [
        (left + match.start(), left + match.end())
        for left, right in spans
        for match in TOKEN.finditer(content[left:right])
    ]


def _number_in(content: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The number that a cell of the numbers' column holds: the ledger's, else the first that looks like one."""
    inside = [span for span in spans if start <= span[0] < end]
    if inside:
        return inside[0] if len(inside) == 1 else None
    return next(
        (span for span in tokens(content, start, end) if len(re.findall(r"\d", content[slice(*span)])) > 2), None
    )


def _looks_like_row(after: str, row: RemittanceRow, header: Header | None) -> bool:
    """Whether a line of running text is a table's: few words before the amount, and no sentence `after` it."""
    written = row.evidence.text
    text = DAY.sub(" ", _CURRENCY.sub(" ", written.replace(row.number, " ", 1)))
    most = 8 if header and row.paid.minor < 0 else 5 if header or _GAP.search(written) else 2
    if len(_WORD.findall(text)) > most:
        return False
    rest = re.sub(r"\([^()]*\)?", "", after).strip()
    apart = header or _GAP.match(after)
    return len(_WORD.findall(rest)) <= 3 or bool(apart and not rest.endswith((".", "!", "?")))


def _is_figure(token: str) -> bool:
    """Whether a token is an amount with decimals or a date rather than a number."""
    return bool(re.fullmatch(r"\d+[.,]\d\d", token) or DAY.fullmatch(token))


def _is_list(content: str, spans: Sequence[tuple[int, int]], end: int) -> bool:
    """Whether a line names several invoices with an amount each, as a sentence does and a row does not."""
    for (_, left), (right, last) in itertools.pairwise(spans):
        between, after = figures(content, left, right, "EUR"), figures(content, last, end, "EUR")
        if "(" not in content[left:right] and any(f.sure for f in between) and any(f.sure for f in after):
            return True
    return False


def _shape(number: str) -> str:
    return re.sub(r"[A-Za-z]+", "A", re.sub(r"\d+", lambda match: "9" * min(len(match.group()), 8), number))


def _bare(number: str) -> str:
    return re.sub(r"\W", "", number)
