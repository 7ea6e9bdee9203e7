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
from inbox_agent.domain.act import Act, InvoiceLink, Source
from inbox_agent.domain.ledger import InvoiceKind, Ledger
from inbox_agent.domain.mail import Mail
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
        day = next((act.date for act in repeated if act.date and not self._row_at(act)), None)
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

    def _row_at(self, act: Act) -> int | None:
        """The row on whose line an act's evidence stands, as an index."""
        where = act.evidence
        for index, row in enumerate(self.rows):
            place = row.evidence
            if (place.source, place.attachment) == (where.source, where.attachment) and (
                place.start < where.end and where.start < place.end + 120 and self._same_line(index, act)
            ):
                return index
        return None

    def _same_line(self, index: int, act: Act) -> bool:
        after = [row.evidence.start for row in self.rows[index + 1 : index + 2]]
        return act.evidence.start < self.rows[index].evidence.end or not after or act.evidence.start < after[0]

    def _about_row(self, act: Act) -> Act:
        """A dispute with the row that it explains: the row on its line, of its amount, or the only one that kept something back."""
        if act.intent is not Intent.DISPUTE:
            return act
        named = [link.number for link in act.invoices if link.reason not in CONTEXT]
        held = [index for index, row in enumerate(self.rows) if row.withheld and self.links[index]]
        mine = [index for index in held if {link.number for link in self.links[index]} == set(named)]
        inside = [index for index in held if self._overlaps(index, act)]
        by_amount = [index for index in held if act.amount and self.rows[index].withheld == act.amount]
        several = len(named) != 1
        for found in (inside, mine, by_amount if several else [], held if several else []):
            if len(found) == 1:
                row = self.rows[found[0]]
                return replace(act, invoices=self.links[found[0]], amount=act.amount or row.withheld)
        return act

    def _overlaps(self, index: int, act: Act) -> bool:
        place, where = self.rows[index].evidence, act.evidence
        return (place.source, place.attachment) == (where.source, where.attachment) and (
            place.start < where.end and where.start < place.end
        )


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
        return _advice([(item, day or days.in_subject()) for item, day in found[:MAX_ROWS]], ledger, linker, slip=False)
    return _advice(slips[:1], ledger, linker, slip=True)


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


def _advice(found: Sequence[tuple[Found, date | None]], ledger: Ledger, linker: Linker, *, slip: bool) -> Advice:
    rows, links, acts = [], [], []
    for item, day in found:
        row = item.row
        linked = linker.explicit(row.number, 0, len(row.number), ledger)
        rows.append(row)
        links.append(linked)
        credit = any(
            invoice.kind is InvoiceKind.CREDIT_NOTE for link in linked if (invoice := ledger.invoice(link.number))
        )
        if row.paid.minor > 0 and not credit:
            acts.append(Act(Intent.PAYMENT_NOTIFICATION, row.evidence, linked, None, row.paid, row.date or day))
    return Advice(tuple(rows), tuple(links), tuple(acts), slip and bool(acts))


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
                if line.start < rows[0].line.start:
                    before = day
        return valued or before

    def in_subject(self) -> date | None:
        """Of the subject: its first date."""
        subject = self._mail.subject[:500]
        return next((day for day, _ in self._found(subject, Line(0, len(subject), subject))), None)

    def _found(self, content: str, line: Line) -> list[tuple[date, int]]:
        mentions = self._dates.find(
            content,
            line.start,
            line.end,
            self._mail.received_on,
            self._text.language,
            future=False,
            month_first=self._month_first,
        )
        near = (self._mail.received_on - _BACK, self._mail.received_on + _AHEAD)
        return [(mention.day, mention.start) for mention in mentions if near[0] <= mention.day <= near[1]]


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
