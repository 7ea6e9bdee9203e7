"""Lists that tell of each invoice how it stands: "paid 12/3", "rejected", "in the next run". Only the paid ones are payments."""

from collections.abc import Sequence
from dataclasses import replace

from extractors.remittance_days import PaymentDays
from extractors.remittance_rows import Found
from extractors.remittance_table import Column
from extractors.remittance_words import AdviceWords
from inbox_agent.domain.money import Money
from inbox_agent.domain.remittance import RemittanceRow


def by_status(found: Sequence[Found], words: AdviceWords, days: PaymentDays) -> list[Found]:
    """The rows, those that are not paid with nothing paid, where at least half bear a remark and not all remarks say paid.

    A list with a column of its own for what was paid needs no remarks to tell. A remark with a day to come says no payment.
    """
    named = any(item.header and item.header.has(Column.NET) for item in found)
    remarked = [item for item in found if any(char.isalpha() for char in item.remark)]
    paid = [item for item in remarked if _says_paid(item, words, days)]
    if named or not paid or len(paid) == len(found) or 2 * len(remarked) < len(found):
        return list(found)
    return [
        replace(item, row=replace(item.row, date=days.in_remark(item)))
        if item in paid
        else replace(item, row=_unpaid(item))
        for item in found
    ]


def _says_paid(item: Found, words: AdviceWords, days: PaymentDays) -> bool:
    if not words.paid.search(item.remark) or words.is_refused(item.remark) or words.is_rejected(item.remark):
        return False
    return not days.is_ahead(days.in_remark(item))


def _unpaid(item: Found) -> RemittanceRow:
    row = item.row
    return row if row.paid.minor <= 0 else replace(row, paid=Money(0, row.paid.currency), gross=row.gross or row.paid)
