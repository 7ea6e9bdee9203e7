"""The day of a payment, as an advice tells it: "Valuta 30.04.2025", "payment of today", a column of its own."""

from collections.abc import Sequence
from datetime import date, timedelta

from extractors.dates import Dates
from extractors.lines import Line, split_lines
from extractors.remittance_rows import Found
from extractors.remittance_table import Column, cells, delimiter_of
from extractors.remittance_words import AdviceWords
from inbox_agent.domain.ledger import Invoice
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.text import MailText

MAX_READ = 20_000
"""Characters of new text that are read for a date."""

AHEAD, BACK = timedelta(days=31), timedelta(days=400)
"""How far from the day of the mail a payment is believed to lie; other dates are something else's."""


class PaymentDays:
    """Finds the day in one mail's texts."""

    def __init__(self, mail: Mail, text: MailText, dates: Dates, words: AdviceWords, month_first: bool) -> None:
        self._mail, self._text, self._dates, self._words, self._month_first = mail, text, dates, words, month_first

    def in_attachment(self, content: str, lines: Sequence[Line]) -> date | None:
        """The date after a word for it ("Valuta"), else the first."""
        first = None
        for line in lines:
            found = self._found(content, line)
            if found and (word := self._words.value_day.search(content, line.start, line.end)):
                return next((day for day, start in found if start >= word.start()), found[0][0])
            first = first or (found[0][0] if found else None)
        return first

    def in_prose(self, content: str, lines: Sequence[Line], rows: Sequence[Found]) -> date | None:
        """Of new text: "today"; else the date after a word for it; else the last before the rows."""
        valued = before = None
        for line in lines:
            if any(item.line.start == line.start for item in rows):
                continue
            for day, start in self._found(content, line):
                if day == self._mail.received_on and not content[start : start + 1].isdigit():
                    return day
                if valued is None and self._words.value_day.search(content, line.start, start + 1):
                    valued = day
                if line.start < rows[0].line.start and day <= self._mail.received_on:
                    before = day
        return valued or before

    def in_mail(self) -> date | None:
        """Where neither advice nor rows tell it: the day that the new text tells with a payment, else the subject's date."""
        source = self._text.source
        for part in self._text.new:
            for line in split_lines(source, part.start, min(part.end, part.start + MAX_READ)):
                if self._words.paid.search(source, line.start, line.end):
                    for day, _ in self._found(source, line):
                        if day <= self._mail.received_on:
                            return day
        subject = self._mail.subject[:500]
        return next((day for day, _ in self._found(subject, Line(0, len(subject), subject))), None)

    def in_remark(self, item: Found) -> date | None:
        """The day in what a row says after its amounts."""
        found = self._found(item.text.content, item.line)
        return next((day for day, start in found if start >= item.row.evidence.end), None)

    def is_ahead(self, day: date | None) -> bool:
        """Whether a day is after the mail."""
        return day is not None and day > self._mail.received_on

    def of_rows(self, items: Sequence[Found], invoices: Sequence[Invoice | None]) -> list[date | None]:
        """The day that each row alone was paid: in its column; without a header its one date, where these are not the invoices'."""
        own: list[date | None] = []
        foreign = False
        for item, invoice in zip(items, invoices, strict=True):
            if item.header is None:
                found = [pair for pair in self._found(item.text.content, item.line) if pair[1] < item.row.evidence.end]
                own.append(found[0][0] if len(found) == 1 and invoice and found[0][0] > invoice.issued_on else None)
                foreign |= bool(own[-1] and invoice and own[-1] != invoice.due_on)
            else:
                own.append(self._in_column(item))
        return [day if item.header or foreign else None for item, day in zip(items, own, strict=True)]

    def _in_column(self, item: Found) -> date | None:
        header, content, line = item.header, item.text.content, item.line
        left = next((column[2] for column in header.columns if column[0] is Column.PAID_ON), None) if header else None
        found = self._found(content, line) if left is not None else []
        if not found or header is None or left is None:
            return None
        index = header.cell_of(Column.PAID_ON)
        if index is None:
            return min(found, key=lambda pair: abs(pair[1] - line.start - left))[0]
        shown = cells(content, line.start, line.end, header.delimiter)
        cell = shown[index] if index < len(shown) else (0, 0)
        return next((day for day, start in found if cell[0] <= start < cell[1]), None)

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
        near = (self._mail.received_on - BACK, self._mail.received_on + AHEAD)
        return [(mention.day, line.start + mention.start) for mention in mentions if near[0] <= mention.day <= near[1]]
