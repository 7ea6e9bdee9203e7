"""Remittance advice as acts: one `payment_notification` per row, from attachments or from the mail itself (guide, "Acts").

Rows of credit notes and rows without payment are no acts. What a row kept back is told to the dispute that is about it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from extractors.dates import Dates
from extractors.lines import split_lines
from extractors.linking import Linker
from extractors.numbers import normal
from extractors.remittance_advice import Advice
from extractors.remittance_days import PaymentDays
from extractors.remittance_rows import AdviceText, Found, RowReader
from extractors.remittance_slip import slip
from extractors.remittance_status import by_status
from extractors.remittance_table import ColumnNames
from extractors.remittance_words import AdviceWords
from inbox_agent.domain.act import Act, Source
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


def read(mail: Mail, text: MailText, ledger: Ledger, linker: Linker, dates: Dates, *, month_first: bool) -> Advice:
    """The advice in a mail's attachments, else in its new text; of slips of one payment the first. Empty when there is none."""
    names, words = _vocabulary()
    reader, days = RowReader(names, words, linker, ledger), PaymentDays(mail, text, dates, words, month_first)
    found: list[tuple[Found, date | None]] = []
    slips: list[tuple[Found, date | None]] = []
    for index, attachment in enumerate(mail.attachments):
        content = attachment.text
        lines = split_lines(content, 0, min(len(content), MAX_READ))
        place = AdviceText(content, lines, Source.ATTACHMENT, index)
        rows = by_status(reader.rows(place), words, days)
        if len(rows) > 1 or (rows and rows[0].header):
            others = [line for line in lines if not any(item.line is line for item in rows)]
            day = days.in_attachment(content, others)
            found += [(row, day) for row in rows if not _twice(row, found)]
        elif words.is_payment(f"{attachment.name.replace('_', ' ')}\n{content[:MAX_READ]}"):
            single = slip(place, ledger, linker) or (rows[0] if rows else None)
            slips += [(single, days.in_attachment(content, lines))] if single else []
    if not found and not slips:
        found = _in_body(text, reader, words, days)
    advice = _advice(found[:MAX_ROWS] or slips[:1], ledger, linker, days)
    return replace(advice, slip=bool(not found and advice.acts), body=mail.text)


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[ColumnNames, AdviceWords]:
    return ColumnNames(), AdviceWords()


def _in_body(
    text: MailText, reader: RowReader, words: AdviceWords, days: PaymentDays
) -> list[tuple[Found, date | None]]:
    lines = tuple(
        line for part in text.new for line in split_lines(text.source, part.start, min(part.end, part.start + MAX_READ))
    )
    found = by_status(reader.rows(AdviceText(text.source, lines, Source.BODY, prose=True)), words, days)
    if len(found) < 2 and not (found and found[0].header):
        return []
    day = days.in_prose(text.source, lines, found)
    return [(item, day) for item in found]


def _advice(found: Sequence[tuple[Found, date | None]], ledger: Ledger, linker: Linker, days: PaymentDays) -> Advice:
    items = [item for item, _ in found]
    links = [linker.explicit(item.row.number, 0, len(item.row.number), ledger) for item in items]
    known = [ledger.invoice(linked[0].number) if len(linked) == 1 else None for linked in links]
    own = days.of_rows(items, known)
    rows = tuple(
        replace(item.row, date=item.row.date or mine or day) for (item, day), mine in zip(found, own, strict=True)
    )
    acts = tuple(
        Act(Intent.PAYMENT_NOTIFICATION, row.evidence, linked, None, row.paid, row.date)
        for row, linked, invoice in zip(rows, links, known, strict=True)
        if row.paid.minor > 0 and not (invoice and invoice.kind is InvoiceKind.CREDIT_NOTE)
    )
    held = tuple(_held(row, invoice) for row, invoice in zip(rows, known, strict=True))
    lines = tuple((item.line.start, item.line.end) for item in items)
    return Advice(rows, tuple(links), acts, held, lines, days.in_mail() if items else None)


def _held(row: RemittanceRow, invoice: Invoice | None) -> Money | None:
    """What a row kept back, by its own figures; where it tells only what was paid, by what the ledger has open."""
    if row.withheld or row.gross or row.discount or not invoice or invoice.open.currency != row.paid.currency:
        return row.withheld
    left = invoice.open.minor - row.paid.minor
    return Money(left, row.paid.currency) if left > 0 and row.paid.minor > 0 else None


def _twice(item: Found, found: Sequence[tuple[Found, date | None]]) -> bool:
    """Whether another attachment has that row already: an advice is often sent as PDF and as a table."""
    return any(
        other.text.attachment != item.text.attachment
        and other.row.paid == item.row.paid
        and normal(other.row.number) == normal(item.row.number)
        for other, _ in found
    )
