"""Remittance advice: rows that name an invoice and an amount, in an attachment or in the mail (guide, "Acts").

One act per row. The amount is the last of the row, which is what was paid after discount and deductions.
"""

from collections.abc import Iterator
from datetime import date

from extractors.amounts import find_amounts
from extractors.dates import Dates
from extractors.lines import Line, split_lines
from extractors.linking import Linker
from inbox_agent.domain.act import Act, Evidence, Source
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import Intent, Language
from inbox_agent.domain.text import MailText

MAX_ROWS = 200
"""Rows read of one attachment."""


def rows(mail: Mail, text: MailText, ledger: Ledger, linker: Linker, dates: Dates, *, month_first: bool) -> list[Act]:
    """The acts of every remittance row in attachments; of the new text only when it has two such rows or more."""
    acts: list[Act] = []
    for index, attachment in enumerate(mail.attachments):
        lines = split_lines(attachment.text, 0, min(len(attachment.text), 20_000))
        acts += _acts(
            attachment.text,
            lines,
            ledger,
            linker,
            dates,
            mail.received_on,
            text.language,
            month_first,
            Source.ATTACHMENT,
            index,
        )
    if acts:
        return acts
    lines = tuple(
        line for part in text.new for line in split_lines(text.source, part.start, min(part.end, part.start + 20_000))
    )
    short = tuple(line for line in lines if len(line.text) <= 90 and not line.text.endswith((".", "?", "!")))
    acts = _acts(
        text.source, short, ledger, linker, dates, mail.received_on, text.language, month_first, Source.BODY, -1
    )
    return acts if len(acts) >= 2 else []


def _acts(
    content: str,
    lines: tuple[Line, ...],
    ledger: Ledger,
    linker: Linker,
    dates: Dates,
    received_on: date,
    language: Language,
    month_first: bool,
    source: Source,
    attachment: int,
) -> list[Act]:
    found = list(_rows(content, lines[:MAX_ROWS], ledger, linker))
    row_lines = {line.start for line, _ in found}
    paid_on = None
    for line in lines[:MAX_ROWS]:
        if line.start not in row_lines and paid_on is None:
            mentions = dates.find(
                content, line.start, line.end, received_on, language, future=False, month_first=month_first
            )
            paid_on = mentions[0].day if mentions and source is Source.ATTACHMENT else None
    acts = []
    for line, act in found:
        start = content.find(line.text, line.start, line.end)
        if start < 0:
            continue
        evidence = Evidence(line.text, start, start + len(line.text), source, attachment)
        acts.append(Act(Intent.PAYMENT_NOTIFICATION, evidence, act.invoices, None, act.amount, paid_on))
    return acts


def _rows(content: str, lines: tuple[Line, ...], ledger: Ledger, linker: Linker) -> Iterator[tuple[Line, Act]]:
    if not ledger.invoices:
        return
    currency = ledger.invoices[0].amount.currency
    for line in lines:
        links = linker.explicit(content, line.start, line.end, ledger)
        amounts = [mention for mention in find_amounts(content, line.start, line.end, currency) if mention.sure]
        if len(links) == 1 and amounts:
            placeholder = Evidence(line.text, line.start, line.end)
            yield line, Act(Intent.PAYMENT_NOTIFICATION, placeholder, links, None, amounts[-1].amount)
