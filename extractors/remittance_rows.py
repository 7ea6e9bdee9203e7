"""The rows of a remittance advice in plain text: one invoice a line, with or without a header over it.

A row names one invoice and what was paid for it. Totals, headings, rows that the advice says were not paid, and running text
are none. What an advice calls things is data, `lang/<code>/remittance.toml`.
"""

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from extractors.figures import Figure, figures
from extractors.lines import Line
from extractors.linking import Linker
from extractors.numbers import TOKEN
from extractors.remittance_blocks import blocks
from extractors.remittance_table import Column, ColumnNames, Header, by_column, cells
from extractors.tables import read_lists
from inbox_agent.domain.act import Evidence, LinkReason, Source
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.money import Money
from inbox_agent.domain.remittance import RemittanceRow

MAX_LINES = 400
"""Lines read of one text."""

_DAY = re.compile(
    r"(?<![\w.,/-])(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[- ][A-Za-zéû]{3,9}\.?[- ]\d{2,4})(?![\w/-])"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_GAP = re.compile(r"\s{2,}|\t|\||;")
_CURRENCY = re.compile(r"(?<!\w)(?:EUR|GBP|USD|CHF|euros?|eur)(?!\w)|[€£$]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """The text that evidence offsets refer to."""

    source: Source
    attachment: int = -1


@dataclass(frozen=True, slots=True)
class Found:
    """A row, the line of `content` that it stands on, the header over it, and whether the ledger knows its number."""

    row: RemittanceRow
    content: str
    line: Line
    header: Header | None
    known: bool


class RowReader:
    """Finds rows. The words are loaded when made."""

    def __init__(self) -> None:
        self._names = ColumnNames()
        self._total, self.refused, self.paid, self.invoice_itself, self.value_day, self._parts = (
            words(name) for name in ("total", "refused", "paid", "invoice_itself", "value_day", "parts")
        )

    def rows(
        self, content: str, lines: Sequence[Line], place: Place, ledger: Ledger, linker: Linker, *, prose: bool
    ) -> list[Found]:
        """The rows among the lines, in their order. `prose`: running text stands between them, so a row must look like one.

        A number that the ledger does not know makes a row where a header says so or where it is written as its neighbours are.
        """
        currency = ledger.invoices[0].amount.currency if ledger.invoices else "EUR"
        known = {row.open for row in ledger.invoices} | {row.amount for row in ledger.invoices}
        header: Header | None = None
        refused = False
        found: list[Found] = []
        others: list[tuple[int, Line, Header | None]] = []
        for line in lines[:MAX_LINES]:
            start, end = _span(content, line)
            if start == end:
                refused = False
            elif read := self._names.header(content, start, end):
                header, refused, currency = read, False, read.currency or currency
            elif self._is_heading(content[start:end]):
                refused = bool(self.refused.search(content, start, end))
            elif refused or self._total.match(content, start, end):
                continue
            elif number := self._number(content, start, end, header, ledger, linker):
                row = self._row(content, start, end, number, header, place, currency, known)
                if row and (not prose or self._looks_like_row(content, start, end, row, header)):
                    found.append(Found(row, content, line, header, True))
            else:
                others.append((len(found), line, header))
        found += self._blocks(content, lines, place, ledger, linker, currency, found)
        for position, line, above in reversed(others):
            if unknown := self._unknown(content, line, position, above, found, place, currency, prose=prose):
                found.insert(position, unknown)
        return found

    def _blocks(
        self,
        content: str,
        lines: Sequence[Line],
        place: Place,
        ledger: Ledger,
        linker: Linker,
        currency: str,
        found: Sequence[Found],
    ) -> list[Found]:
        """Rows told in blocks, of invoices that no line tells by itself."""

        def numbered(start: int, end: int) -> tuple[int, int] | None:
            refused = self.refused.search(content, start, end)
            return None if refused else self._number(content, start, end, None, ledger, linker)

        known = {re.sub(r"\W", "", item.row.number) for item in found}
        told = blocks(content, lines[:MAX_LINES], numbered, self._names, self._parts, currency)
        return [
            Found(
                replace(row, evidence=replace(row.evidence, source=place.source, attachment=place.attachment)),
                content,
                line,
                None,
                True,
            )
            for row, line in told
            if re.sub(r"\W", "", row.number) not in known
        ]

    def whole(self, content: str, lines: Sequence[Line], place: Place, ledger: Ledger, linker: Linker) -> Found | None:
        """The one payment that a short text as a whole tells of (a transfer slip, a bank line), None when it is not one.

        It names one invoice of the ledger, somewhere, and one amount or one that is called what was paid.
        """
        currency = ledger.invoices[0].amount.currency if ledger.invoices else "EUR"
        numbers: dict[str, tuple[int, int]] = {}
        amounts: list[Figure] = []
        for line in lines[:40]:
            start, end = _span(content, line)
            for match in TOKEN.finditer(content, start, end):
                links = linker.explicit(content, *match.span(), ledger)
                if (
                    len(links) == 1
                    and not _DAY.fullmatch(match.group())
                    and links[0].reason is not LinkReason.PURCHASE_ORDER
                ):
                    numbers.setdefault(links[0].number, match.span())
            amounts += [
                figure
                for figure in figures(content, start, end, currency)
                if not any(left < figure.end and figure.start < right for left, right in numbers.values())
            ]
        sizes = {abs(figure.amount.minor) for figure in amounts if figure.amount.minor}
        if len(numbers) != 1 or len(sizes) != 1:
            return None
        figure = next(figure for figure in amounts if figure.amount.minor)
        line = next(line for line in lines if line.start <= figure.start < line.end)
        start, end = _span(content, line)
        evidence = Evidence(content[start:end], start, end, place.source, place.attachment)
        (left, right), paid = next(iter(numbers.values())), Money(abs(figure.amount.minor), figure.amount.currency)
        return Found(RemittanceRow(content[left:right], paid, evidence), content, line, None, True)

    def is_payment(self, text: str) -> bool:
        """Whether a text tells of a payment, and is not itself the bill or the reminder."""
        told, bill = self.paid.search(text), self.invoice_itself.search(text)
        return told is not None and (bill is None or told.start() < bill.start())

    def _is_heading(self, text: str) -> bool:
        """A short line without figures that says what the lines under it are ("Not included:")."""
        if len(text) > 60 or any(char.isdigit() for char in text):
            return False
        return text.endswith(":") or text.isupper() or len(text.split()) <= 3

    def _number(
        self, content: str, start: int, end: int, header: Header | None, ledger: Ledger, linker: Linker
    ) -> tuple[int, int] | None:
        """Where the line names the one invoice that it is about: an exact number before a variant, one before the figures first."""
        exact: list[tuple[int, int]] = []
        variants: list[tuple[int, int]] = []
        for match in TOKEN.finditer(content, start, end):
            links = linker.explicit(content, *match.span(), ledger)
            if len(links) != 1:
                continue
            if links[0].reason is LinkReason.NUMBER:
                exact.append(match.span())
            elif links[0].reason is not LinkReason.PURCHASE_ORDER and not _is_figure(content, *match.span()):
                variants.append(match.span())
        spans = exact or variants
        column = header.cell_of(Column.NUMBER) if header else None
        if header and column is not None:
            shown = cells(content, start, end, header.delimiter)
            if column < len(shown) and any(char.isdigit() for char in content[slice(*shown[column])]):
                inside = [span for span in spans if shown[column][0] <= span[0] < shown[column][1]]
                return inside[0] if inside else shown[column]
        if not spans:
            return None
        if len(spans) > 1 and _listed(content, spans, end):
            return None
        return spans[0]

    def _row(
        self,
        content: str,
        start: int,
        end: int,
        number: tuple[int, int],
        header: Header | None,
        place: Place,
        currency: str,
        known: Collection[Money],
    ) -> RemittanceRow | None:
        found = [
            figure
            for left, right in ((start, number[0]), (number[1], end))
            for figure in figures(content, left, right, currency, known)
            if figure.sure and not _DAY.search(content, figure.start - 6, figure.end + 6)
        ]
        shown = [figure for figure in found if not _in_brackets(content, start, figure)]
        told = self._told(content, start, end, header, shown, number, currency)
        paid = _paid(told, shown)
        if paid is None or self._is_refused(content, start, end, told):
            return None
        last = max([number[1], paid.end, *(figure.end for figure in told.values())])
        evidence = Evidence(content[start:last], start, last, place.source, place.attachment)
        gross = told.get(Column.GROSS) or (told.get(Column.AMOUNT) if Column.NET in told else None)
        if gross is None and len(shown) > 1 and paid is shown[-1] and shown[0].amount.minor > paid.amount.minor:
            gross = shown[0]
        return RemittanceRow(
            content[slice(*number)],
            paid.amount,
            evidence,
            gross.amount if gross else None,
            _unsigned(told.get(Column.DISCOUNT)),
            _unsigned(told.get(Column.DEDUCTION)),
        )

    def _told(
        self,
        content: str,
        start: int,
        end: int,
        header: Header | None,
        shown: Sequence[Figure],
        number: tuple[int, int],
        currency: str,
    ) -> dict[Column, Figure]:
        """What the row's figures are, by the header's columns; without one, by the words before each figure."""
        if header and (told := by_column(header, content, start, end, shown, currency)):
            return told
        told = {}
        before = start
        for figure in shown:
            if label := self._names.label(
                content, max(before, number[1] if figure.start > number[1] else start), figure.start
            ):
                told[label] = figure
            before = figure.end
        if Column.GROSS not in told and told and shown[0] not in told.values():
            told[Column.GROSS] = shown[0]
        return told

    def _is_refused(self, content: str, start: int, end: int, told: dict[Column, Figure]) -> bool:
        """Whether the row itself says that it was not paid."""
        outside = re.sub(r"\([^()]*\)", " ", content[start:end])
        return Column.NET not in told and bool(self.refused.search(outside))

    def _looks_like_row(self, content: str, start: int, end: int, row: RemittanceRow, header: Header | None) -> bool:
        """Whether a line of running text is a table's: few words before the amount, and no sentence after it."""
        text = _CURRENCY.sub(" ", content[start : row.evidence.end].replace(row.number, " ", 1))
        before = len(_WORD.findall(_DAY.sub(" ", text)))
        after = re.sub(r"\([^()]*\)?", "", content[row.evidence.end : end]).strip()
        if before > (5 if header or _GAP.search(content, start, row.evidence.end) else 2):
            return False
        gap = header or _GAP.match(content, row.evidence.end, end)
        return len(_WORD.findall(after)) <= 3 or bool(gap and not after.endswith((".", "!", "?")))

    def _unknown(
        self,
        content: str,
        line: Line,
        position: int,
        header: Header | None,
        found: Sequence[Found],
        place: Place,
        currency: str,
        *,
        prose: bool,
    ) -> Found | None:
        """A row whose number the ledger does not know: beside rows it does, written alike; or under a header that names numbers."""
        start, end = _span(content, line)
        near = found[max(0, position - 1) : position + 1]
        shapes = {_shape(item.row.number) for item in near if item.known}
        headed = header is not None and header.has(Column.NUMBER) and not prose
        for match in TOKEN.finditer(content, start, end):
            if _is_figure(content, *match.span()) or len(re.findall(r"\d", match.group())) < 3:
                continue
            if not headed and _shape(match.group()) not in shapes:
                continue
            row = self._row(content, start, end, match.span(), header, place, currency, ())
            if row and (not prose or self._looks_like_row(content, start, end, row, header)):
                return Found(row, content, line, header, False)
            return None
        return None


def words(name: str) -> re.Pattern[str]:
    """The expressions of a list, of all languages, as one that matches whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(read_lists('remittance', name))})(?!\w)", re.IGNORECASE)


def _span(content: str, line: Line) -> tuple[int, int]:
    start = content.find(line.text, line.start, line.end) if line.text else line.start
    return (start, start + len(line.text)) if start >= 0 else (line.start, line.start)


def _is_figure(content: str, start: int, end: int) -> bool:
    """Whether a token is an amount with decimals or a date rather than a number."""
    text = content[start:end]
    return bool(re.fullmatch(r"\d+[.,]\d\d", text) or _DAY.fullmatch(text))


def _in_brackets(content: str, start: int, figure: Figure) -> bool:
    before = content[start : figure.start]
    return before.count("(") > before.count(")")


def _listed(content: str, spans: Sequence[tuple[int, int]], end: int) -> bool:
    """Whether a line names several invoices with an amount each, as a sentence does and a row does not."""
    for (_, left), (right, last) in itertools.pairwise(spans):
        between, after = figures(content, left, right, "EUR"), figures(content, last, end, "EUR")
        if "(" not in content[left:right] and any(f.sure for f in between) and any(f.sure for f in after):
            return True
    return False


def _paid(told: dict[Column, Figure], shown: Sequence[Figure]) -> Figure | None:
    """What was paid: the net column; else the amount less discount and deduction; else the last figure of the row."""
    if Column.NET in told:
        return told[Column.NET]
    whole = told.get(Column.AMOUNT) or told.get(Column.GROSS)
    less = [told[kind] for kind in (Column.DISCOUNT, Column.DEDUCTION) if kind in told]
    if whole and (less or len(told) > 1 or Column.AMOUNT in told):
        minor = whole.amount.minor - sum(abs(figure.amount.minor) for figure in less)
        last = shown[-1] if shown else whole
        if less and last not in (*less, whole) and last not in told.values():
            return last
        return replace(whole, amount=Money(minor, whole.amount.currency))
    return shown[-1] if shown else whole


def _unsigned(figure: Figure | None) -> Money | None:
    return Money(abs(figure.amount.minor), figure.amount.currency) if figure else None


def _shape(number: str) -> str:
    return re.sub(r"[A-Za-z]+", "A", re.sub(r"\d+", lambda match: "9" * min(len(match.group()), 8), number))
