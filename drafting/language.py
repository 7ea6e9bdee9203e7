"""How one language writes amounts, dates and lists. The words and patterns are data: `templates/<code>/_language.toml`."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency

from inbox_agent.domain.ledger import Invoice, InvoiceKind
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Language

TEMPLATES = Path(__file__).parent / "templates"

_LISTED = 8
"""More numbers than this are not read in a sentence; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The data of one language.

    `locale` is Babel's; `day` and `first_day` are CLDR date patterns (French writes the first of a month differently).
    `reply_prefixes` are what mail programs of this language put before an answered subject, without the colon.
    `closings` are closing formulas, `particles` the small words inside names ("van der"), `titles` what stands before one,
    `not_names` words that no person is called; all in lower case.
    """

    locale: str
    day: str
    first_day: str
    no_subject: str
    invoice: str
    invoices: str
    credit_note: str
    credit_notes: str
    others: str
    reply_prefixes: tuple[str, ...]
    closings: tuple[str, ...]
    particles: tuple[str, ...]
    titles: tuple[str, ...]
    not_names: tuple[str, ...]


@cache
def wording(language: Language) -> Wording:
    """The data of `language`. Raises `FileNotFoundError` or `TypeError` when its file is missing or incomplete."""
    rows: dict[str, Any] = tomllib.loads((TEMPLATES / language.value / "_language.toml").read_text(encoding="utf-8"))
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in rows.items()}
    return Wording(**values)


def money(amount: Money, language: Language) -> str:
    """An amount as a letter in `language` writes it, with plain spaces: "€ 1.250,00", "€1,250.00", "1 250,00 €"."""
    text = format_currency(amount.decimal, amount.currency, locale=wording(language).locale)
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def day(on: date, language: Language) -> str:
    """A date with its month in words: "12 november 2026", "12. November 2026", "1er décembre 2026"."""
    words = wording(language)
    return format_date(on, words.first_day if on.day == 1 else words.day, locale=words.locale)


def joined(parts: Iterable[str], language: Language) -> str:
    """A list in a sentence: "A, B en C"."""
    return format_list(list(parts), locale=wording(language).locale)


def named(invoices: Iterable[Invoice], language: Language) -> str:
    """Ledger items by number in a sentence: "de facturen A en B en creditnota C"; "" for none."""
    words = wording(language)
    items = list(invoices)
    bills = [item.number for item in items if item.kind is InvoiceKind.INVOICE]
    credits = [item.number for item in items if item.kind is InvoiceKind.CREDIT_NOTE]
    parts = [
        (one if len(numbers) == 1 else many).format(joined(_shortened(numbers, words), language))
        for numbers, one, many in (
            (bills, words.invoice, words.invoices),
            (credits, words.credit_note, words.credit_notes),
        )
        if numbers
    ]
    return joined(parts, language) if parts else ""


def table(invoices: Iterable[Invoice], language: Language) -> str:
    """Ledger items as an aligned list, a line each: number, due date, open amount (right-aligned)."""
    rows = [(item.number, day(item.due_on, language), money(item.open, language)) for item in invoices]
    first, second, third = (max((len(row[column]) for row in rows), default=0) for column in range(3))
    return "\n".join(f"- {row[0]:<{first}}  {row[1]:<{second}}  {row[2]:>{third}}" for row in rows)


def _shortened(numbers: list[str], words: Wording) -> list[str]:
    if len(numbers) <= _LISTED + 1:
        return numbers
    return [*numbers[:_LISTED], words.others.format(len(numbers) - _LISTED)]
