"""A slip of one payment: a transfer order, a bank line, a picture of a banking app. One invoice, one amount."""

from extractors.figures import Figure, figures
from extractors.linking import Linker
from extractors.remittance_amounts import DAY
from extractors.remittance_rows import AdviceText, Found, tokens
from inbox_agent.domain.act import LinkReason
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.money import Money
from inbox_agent.domain.remittance import RemittanceRow

MAX_LINES = 40
"""Lines of a text that can be a slip."""


def slip(text: AdviceText, ledger: Ledger, linker: Linker) -> Found | None:
    """The payment that a short text as a whole tells of: the one invoice that it names and the one amount. None otherwise."""
    currency = ledger.invoices[0].amount.currency if ledger.invoices else "EUR"
    numbers: dict[str, tuple[int, int]] = {}
    amounts: list[Figure] = []
    for line in text.lines[:MAX_LINES]:
        start, end = text.span(line)
        days = [match.span() for match in DAY.finditer(text.content, start, end)]
        for span in tokens(text.content, start, end):
            written = text.content[slice(*span)]
            links = linker.explicit(written, 0, len(written), ledger)
            if len(links) == 1 and span not in days and links[0].reason is not LinkReason.PURCHASE_ORDER:
                numbers.setdefault(links[0].number, span)
        taken = [*days, *numbers.values()]
        amounts += [
            figure
            for figure in figures(text.content, start, end, currency)
            if figure.sure and figure.amount.minor and not any(a < figure.end and figure.start < b for a, b in taken)
        ]
    if len(numbers) != 1 or len({abs(figure.amount.minor) for figure in amounts}) != 1:
        return None
    (left, right), figure = next(iter(numbers.values())), amounts[0]
    line = next(line for line in text.lines if line.start <= figure.start < line.end)
    paid = Money(abs(figure.amount.minor), figure.amount.currency)
    return Found(RemittanceRow(text.content[left:right], paid, text.evidence(*text.span(line))), text, line)
