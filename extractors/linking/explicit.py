"""Rows that a mail names by number: invoice number or purchase order, as written or with a slip of the pen."""

from extractors.candidates import numbers_of
from extractors.linking.numbers import REASONS
from inbox_agent.domain.act import InvoiceLink, LinkReason
from inbox_agent.domain.ledger import Ledger


class Linker:
    """Links numbers to rows. What is meant without a number is `Linking`'s."""

    def explicit(self, text: str, start: int, end: int, ledger: Ledger) -> tuple[InvoiceLink, ...]:
        """Rows that `text[start:end]` names by invoice number or purchase order, in the order of the text."""
        links: dict[str, InvoiceLink] = {}
        for found in numbers_of(ledger).candidates(text, start, end):
            if found.row:
                link = InvoiceLink(found.row.number, REASONS.get(found.how, LinkReason.NUMBER_VARIANT), found.text)
                links.setdefault(link.number, link)
        numbered = [link for link in links.values() if link.reason is not LinkReason.PURCHASE_ORDER]
        return tuple(numbered or links.values())
