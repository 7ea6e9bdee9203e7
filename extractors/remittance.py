"""Remittance advice as acts: one `payment_notification` per row, from attachments or from the mail itself (guide, "Acts").

Rows of credit notes and rows without payment are no acts. What a row kept back is told to the dispute that is about it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from extractors.dates import Dates
from extractors.joining import CONTEXT
from extractors.lines import Line, split_lines
from extractors.linking import Linker
from extractors.remittance_rows import Found, Place, RowReader
from extractors.remittance_table import Column, cells, delimiter_of
from inbox_agent.domain.act import Act, InvoiceLink, Source
from inbox_agent.domain.ledger import Invoice, InvoiceKind, Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.remittance import RemittanceRow
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.domain.text import MailText

MAX_ROWS = 200
"""Rows read of one mail."""

MAX_READ = 20_000
"""Characters read of each attachment and of the new text."""

_AHEAD = timedelta(days=31)
_BACK = timedelta(days=400)
"""How far from the day of the mail a payment is believed to lie; other dates are something else's."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a mail's remittance rows say: each row, and for each row that was paid its act."""

    rows: tuple[RemittanceRow, ...] = ()
    links: tuple[tuple[InvoiceLink, ...], ...] = ()
    acts: tuple[Act, ...] = ()
    held: tuple[Money | None, ...] = ()
    """Of each row what was kept back: as it tells, else what it leaves open of the ledger's amount."""
    lines: tuple[tuple[int, int], ...] = ()
    slip: bool = False
    """Whether it is no list but a slip of one payment, which the mail itself tells of too."""

    def joined(self, said: Sequence[Act]) -> list[Act]:
        """The acts of the mail with those of the rows: a payment that is in the rows is not said twice, and disputes learn their row."""
        if not self.rows:
            return list(said)
        if self.slip:
            return self._with_slip(said)
        covered = {link.number for links in self.links for link in links}
        repeated = [act for act in said if _repeats(act, covered)]
        day = next((act.date for act in repeated if act.date and not self._on_row(act)), None)
        others = [self._about_row(act) for act in said if act not in repeated]
        return others + [act if act.date else replace(act, date=day) for act in self.acts]

    def _with_slip(self, said: Sequence[Act]) -> list[Act]:
        """Of a slip only what the mail leaves out is taken: the invoice, the amount, the day."""
        slip = self.acts[0]
        numbers = {link.number for link in slip.invoices}
        result: list[Act] = []
        used = False
        for act in said:
            about = {link.number for link in act.invoices}
            if act.intent is Intent.PAYMENT_NOTIFICATION and not used:
                if about == numbers or (not about or all(link.reason in CONTEXT for link in act.invoices)):
                    act = replace(
                        act, invoices=slip.invoices, amount=act.amount or slip.amount, date=act.date or slip.date
                    )
                    used = True
                elif numbers <= about:
                    used = True
            result.append(act)
        return result if used else [*result, slip]

    def _on_row(self, act: Act) -> bool:
        return any(self._at(index, act) for index in range(len(self.rows)))

    def _at(self, index: int, act: Act) -> bool:
        """Whether an act's evidence stands on a row's line."""
        place, where, line = self.rows[index].evidence, act.evidence, self.lines[index]
        return (place.source, place.attachment) == (where.source, where.attachment) and (
            line[0] <= where.start < line[1]
        )

    def _about_row(self, act: Act) -> Act:
        """A dispute with the row that it explains: the row on its line, of its amount, or the only one that kept something back."""
        if act.intent is not Intent.DISPUTE:
            return act
        named = {link.number for link in act.invoices if link.reason not in CONTEXT}
        linked = [index for index in range(len(self.rows)) if self.links[index]]
        held = [index for index in linked if self.held[index]]
        ways = [
            [index for index in linked if self._at(index, act)],
            [index for index in held if {link.number for link in self.links[index]} == named],
        ]
        if len(named) != 1:
            ways += [[index for index in held if act.amount and self.held[index] == act.amount], held]
        for found in ways:
            if len(found) == 1:
                return replace(act, invoices=self.links[found[0]], amount=act.amount or self.held[found[0]])
        return act


def read(mail: Mail, text: MailText, ledger: Ledger, linker: Linker, dates: Dates, *, month_first: bool) -> Advice:
    """The advice in a mail's attachments, else in its new text; of slips of one payment the first. Empty when there is none."""
    reader = _reader()
    days = _Days(mail, text, dates, month_first)
    found: list[tuple[Found, date | None]] = []
    slips: list[tuple[Found, date | None]] = []
    for index, attachment in enumerate(mail.attachments):
        content = attachment.text
        lines = split_lines(content, 0, min(len(content), MAX_READ))
        place = Place(Source.ATTACHMENT, index)
        rows = reader.rows(content, lines, place, ledger, linker, prose=False)
        told = reader.is_payment(f"{attachment.name.replace('_', ' ')}\n{content[:MAX_READ]}")
        if len(rows) > 1 or (rows and rows[0].header):
            day = days.in_lines(content, [line for line in lines if not _holds(rows, line)])
            found += [(row, day) for row in rows if not _twice(row, found)]
        elif told and (slip := reader.whole(content, lines, place, ledger, linker) or (rows[0] if rows else None)):
            slips.append((slip, days.in_lines(content, lines)))
    if not found and not slips:
        found = _in_body(mail, text, ledger, linker, days)
    if found:
        return _advice(
            [(item, day or days.in_mail()) for item, day in found[:MAX_ROWS]], ledger, linker, days, slip=False
        )
    return _advice(slips[:1], ledger, linker, days, slip=True)


def rows(mail: Mail, text: MailText, ledger: Ledger, linker: Linker, dates: Dates, *, month_first: bool) -> list[Act]:
    """The acts of every remittance row in attachments; of the new text only when it holds a table."""
    return list(read(mail, text, ledger, linker, dates, month_first=month_first).acts)


@lru_cache(maxsize=1)
def _reader() -> RowReader:
    return RowReader()


def _in_body(
    mail: Mail, text: MailText, ledger: Ledger, linker: Linker, days: "_Days"
) -> list[tuple[Found, date | None]]:
    lines = tuple(
        line for part in text.new for line in split_lines(text.source, part.start, min(part.end, part.start + MAX_READ))
    )
    found = _reader().rows(text.source, lines, Place(Source.BODY), ledger, linker, prose=True)
    if len(found) < 2 and not (found and found[0].header):
        return []
    return [(item, days.in_prose(text.source, lines, found)) for item in found]


def _advice(
    found: Sequence[tuple[Found, date | None]], ledger: Ledger, linker: Linker, days: "_Days", *, slip: bool
) -> Advice:
    items = [item for item, _ in found]
    links = [linker.explicit(item.row.number, 0, len(item.row.number), ledger) for item in items]
    known = [ledger.invoice(linked[0].number) if len(linked) == 1 else None for linked in links]
    own = days.of_rows(items, known)
    rows = tuple(replace(item.row, date=mine or day) for (item, day), mine in zip(found, own, strict=True))
    acts = tuple(
        Act(Intent.PAYMENT_NOTIFICATION, row.evidence, linked, None, row.paid, row.date)
        for row, linked, invoice in zip(rows, links, known, strict=True)
        if row.paid.minor > 0 and not (invoice and invoice.kind is InvoiceKind.CREDIT_NOTE)
    )
    held = tuple(_held(row, invoice) for row, invoice in zip(rows, known, strict=True))
    lines = tuple((item.line.start, item.line.end) for item in items)
    return Advice(rows, tuple(links), acts, held, lines, slip and bool(acts))


def _held(row: RemittanceRow, invoice: Invoice | None) -> Money | None:
    if row.withheld or row.gross or row.discount or not invoice or invoice.open.currency != row.paid.currency:
        return row.withheld
    left = invoice.open.minor - row.paid.minor
    return Money(left, row.paid.currency) if left > 0 and row.paid.minor > 0 else None


class _Days:
    """The day of a payment, as an advice tells it."""

    def __init__(self, mail: Mail, text: MailText, dates: Dates, month_first: bool) -> None:
        self._mail, self._text, self._dates, self._month_first = mail, text, dates, month_first

    def in_lines(self, content: str, lines: Sequence[Line]) -> date | None:
        """Of an attachment: the date after a word for it ("Valuta"), else the first."""
        first = None
        for line in lines:
            found = self._found(content, line)
            if found and (word := _reader().value_day.search(content, line.start, line.end)):
                return next((day for day, start in found if start >= word.start()), found[0][0])
            first = first or (found[0][0] if found else None)
        return first

    def in_prose(self, content: str, lines: Sequence[Line], rows: Sequence[Found]) -> date | None:
        """Of new text: "today", said with a payment; else the date after a word for it; else the last before the rows."""
        others = [line for line in lines if not _holds(rows, line)]
        valued = before = None
        for line in others:
            for day, start in self._found(content, line):
                word = _reader().value_day.search(content, line.start, start + 1)
                if day == self._mail.received_on and not content[start : start + 1].isdigit():
                    return day
                if valued is None and word:
                    valued = day
                if line.start < rows[0].line.start and day <= self._mail.received_on:
                    before = day
        return valued or before

    def in_mail(self) -> date | None:
        """Where neither advice nor rows tell it: the day that the new text tells with a payment, else the subject's date."""
        for part in self._text.new:
            for line in split_lines(self._text.source, part.start, min(part.end, part.start + MAX_READ)):
                if _reader().paid.search(self._text.source, line.start, line.end):
                    for day, _ in self._found(self._text.source, line):
                        if day <= self._mail.received_on:
                            return day
        subject = self._mail.subject[:500]
        return next((day for day, _ in self._found(subject, Line(0, len(subject), subject))), None)

    def of_rows(self, items: Sequence[Found], invoices: Sequence[Invoice | None]) -> list[date | None]:
        """The day that each row alone was paid: in its column; without a header, its one date where these are not the invoices'."""
        own: list[date | None] = []
        foreign = False
        for item, invoice in zip(items, invoices, strict=True):
            found = self._found(item.content, item.line)
            if item.header is None:
                own.append(found[0][0] if len(found) == 1 and invoice and found[0][0] > invoice.issued_on else None)
                foreign |= bool(own[-1] and invoice and own[-1] != invoice.due_on)
                continue
            left = next((column[2] for column in item.header.columns if column[0] is Column.PAID_ON), None)
            index = item.header.cell_of(Column.PAID_ON)
            if index is not None:
                shown = cells(item.content, item.line.start, item.line.end, item.header.delimiter)
                cell = shown[index] if index < len(shown) else (0, 0)
                own.append(next((day for day, start in found if cell[0] <= start < cell[1]), None))
            elif left is not None and found:
                near = item.line.start + left
                own.append(min(found, key=lambda pair: abs(pair[1] - near))[0])
            else:
                own.append(None)
        return [day if item.header or foreign else None for item, day in zip(items, own, strict=True)]

    def _found(self, content: str, line: Line) -> list[tuple[date, int]]:
        text = content[line.start : line.end]
        if delimiter_of(text) == ",":
            text = text.replace(",", " ")
        mentions = self._dates.find(
            text,
            0,
            len(text),
            self._mail.received_on,
            self._text.language,
            future=False,
            month_first=self._month_first,
        )
        near = (self._mail.received_on - _BACK, self._mail.received_on + _AHEAD)
        return [(mention.day, line.start + mention.start) for mention in mentions if near[0] <= mention.day <= near[1]]


def _holds(rows: Sequence[Found], line: Line) -> bool:
    return any(item.line.start == line.start for item in rows)


def _twice(item: Found, found: Sequence[tuple[Found, date | None]]) -> bool:
    """Whether another attachment has that row already: an advice is often sent as PDF and as a table."""
    key = re.sub(r"\W", "", item.row.number)
    return any(
        other.row.evidence.attachment != item.row.evidence.attachment
        and re.sub(r"\W", "", other.row.number) == key
        and other.row.paid == item.row.paid
        for other, _ in found
    )


def _repeats(act: Act, covered: set[str]) -> bool:
    return act.intent is Intent.PAYMENT_NOTIFICATION and (
        all(link.reason in CONTEXT or link.number in covered for link in act.invoices)
    )
