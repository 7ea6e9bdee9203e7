"""From what a sentence mentions to the ledger rows that are meant, each with the reason (guide, "Acts": ledger numbers).

Order of trust: exact number, a variant of it (spacing, prefix, leading zeros, last digits), purchase order, "all open
invoices", the month of issue, an amount; only then subject, quoted text and the only open invoice.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extractors.amounts import find_amounts
from extractors.candidates import numbers_of
from extractors.ledger_index import Variation
from extractors.tables import read_lists, read_table
from inbox_agent.domain.act import InvoiceLink, LinkReason
from inbox_agent.domain.ledger import Invoice, InvoiceKind, Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.text import MailText, PartKind

MAX_QUOTED = 4_000
"""Characters of quoted history that are read for numbers."""

MAX_SUBJECT = 500
"""Characters of a subject that are read for numbers."""


_REASONS = {Variation.EXACT: LinkReason.NUMBER, Variation.ORDER: LinkReason.PURCHASE_ORDER}
"""Why a row is meant by how its number is written; every other way is a variant."""


@dataclass(frozen=True, slots=True)
class _Words:
    everything: re.Pattern[str]
    both: re.Pattern[str]
    others: re.Pattern[str]
    months: tuple[re.Pattern[str], ...]


class Linker:
    """Links mentions to rows. The words for "all open", "the others" and months are data, `lang/<code>/linking.toml`."""

    def __init__(self) -> None:
        self._words = {language: _words(language) for language in Language}
        self._compared = re.compile(
            "(?<!\\w)(?:" + "|".join(read_lists("linking", "compared")) + r")\W{1,3}$", re.IGNORECASE
        )

    def explicit(self, text: str, start: int, end: int, ledger: Ledger) -> tuple[InvoiceLink, ...]:
        """Rows that `text[start:end]` names by invoice number or purchase order, in the order of the text."""
        links: dict[str, InvoiceLink] = {}
        for found in numbers_of(ledger).candidates(text, start, end):
            if found.row:
                link = InvoiceLink(found.row.number, _REASONS.get(found.how, LinkReason.NUMBER_VARIANT), found.text)
                links.setdefault(link.number, link)
        numbered = [link for link in links.values() if link.reason is not LinkReason.PURCHASE_ORDER]
        return tuple(numbered or links.values())

    def second(
        self, text: str, start: int, end: int, links: tuple[InvoiceLink, ...], ledger: Ledger
    ) -> tuple[InvoiceLink, ...]:
        """Of two invoices said to bill the same, the one contested: not that after "as", "als", "wie"; else the later."""
        if len(links) != 2:
            return links
        for link, other in (links, links[::-1]):
            position = text.find(link.mention, start, end) if link.mention else -1
            if position >= 0 and self._compared.search(text, max(start, position - 25), position):
                return (other,)
        rows = [ledger.invoice(link.number) for link in links]
        days = [row.issued_on for row in rows if row]
        if len(days) == 2 and days[0] != days[1]:
            return (links[days.index(max(days))],)
        return links

    def described(self, text: str, start: int, end: int, ledger: Ledger, language: Language) -> tuple[InvoiceLink, ...]:
        """Rows that `text[start:end]` means without their number: all open ones, a month's, one of that amount."""
        words = self._words[language]
        if match := words.everything.search(text, start, end):
            return tuple(InvoiceLink(row.number, LinkReason.ALL_OPEN, match.group()) for row in _open(ledger))
        links: list[InvoiceLink] = []
        for month, pattern in enumerate(words.months, start=1):
            if match := pattern.search(text, start, end):
                rows = [row for row in ledger.invoices if row.issued_on.month == month]
                rows = [row for row in rows if row.is_open] or rows
                links += [InvoiceLink(row.number, LinkReason.PERIOD, match.group()) for row in rows]
        return tuple(links) or tuple(_by_amount(text, start, end, ledger))

    def others(
        self,
        text: str,
        start: int,
        end: int,
        ledger: Ledger,
        language: Language,
        named: Iterable[str],
        among: Iterable[str],
    ) -> tuple[InvoiceLink, ...]:
        """Rows meant by "the others": of those `among` (subject, quoted text), else of the open ones, all but the `named`."""
        match = self._words[language].others.search(text, start, end)
        if match is None:
            return ()
        without, wider = set(named), list(among)
        rows = wider if len(wider) > 1 and set(wider) - without else [row.number for row in _open(ledger)]
        return tuple(
            InvoiceLink(number, LinkReason.ALL_OPEN, match.group()) for number in rows if number not in without
        )

    def both(
        self, text: str, start: int, end: int, ledger: Ledger, language: Language, groups: Iterable[Sequence[str]]
    ) -> tuple[InvoiceLink, ...]:
        """Rows meant by "both": the first of the `groups` that has two, else the open ones when they are two."""
        match = self._words[language].both.search(text, start, end)
        for group in (*groups, [row.number for row in _open(ledger)]) if match else ():
            if match and len(group) == 2:
                return tuple(InvoiceLink(number, LinkReason.ALL_OPEN, match.group()) for number in group)
        return ()

    def context(self, mail: Mail, text: MailText, ledger: Ledger) -> tuple[InvoiceLink, ...]:
        """What "this invoice" means when the new text names none: subject, quoted text, the only open invoice."""
        subject = self.explicit(mail.subject, 0, min(len(mail.subject), MAX_SUBJECT), ledger)
        if subject:
            return tuple(InvoiceLink(link.number, LinkReason.SUBJECT, link.mention) for link in subject)
        for part in text.parts:
            if part.kind in (PartKind.QUOTE, PartKind.FORWARD):
                quoted = self.explicit(text.source, part.start, min(part.end, part.start + MAX_QUOTED), ledger)
                if quoted:
                    return tuple(InvoiceLink(link.number, LinkReason.QUOTED, link.mention) for link in quoted)
        rows = _open(ledger)
        return (InvoiceLink(rows[0].number, LinkReason.ONLY_OPEN),) if len(rows) == 1 else ()


def _open(ledger: Ledger) -> list[Invoice]:
    return [row for row in ledger.invoices if row.is_open and row.kind is InvoiceKind.INVOICE]


def _by_amount(text: str, start: int, end: int, ledger: Ledger) -> Iterator[InvoiceLink]:
    """Rows of exactly that open amount or total, when only one has it."""
    if not ledger.invoices:
        return
    known = {row.open for row in ledger.invoices} | {row.amount for row in ledger.invoices}
    for mention in find_amounts(text, start, end, ledger.invoices[0].amount.currency, known):
        rows = [row for row in ledger.invoices if mention.amount in (row.open, row.amount) and mention.amount.minor]
        rows = rows if len(rows) < 2 else [row for row in rows if row.is_open]
        if len(rows) == 1:
            yield InvoiceLink(rows[0].number, LinkReason.AMOUNT, text[mention.start : mention.end])


def _words(language: Language) -> _Words:
    table = read_table(language, "linking")
    months = [
        names.split("|")[0] if len(names.split("|")[0]) > 3 else names
        for names in read_table(language, "dates")["months"]
    ]
    return _Words(
        re.compile("|".join(table["everything"]), re.IGNORECASE),
        re.compile("|".join(table["both"]), re.IGNORECASE),
        re.compile("|".join(table["others"]), re.IGNORECASE),
        tuple(
            re.compile("|".join(entry.replace("{month}", month) for entry in table["of_month"]), re.IGNORECASE)
            for month in months
        ),
    )
