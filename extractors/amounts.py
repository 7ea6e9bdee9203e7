"""Amounts in national notations: 1.250,00 · 1,250.00 · 1 250,00 · 4'416.– · 1.689,- · £86.40 · CHF 20.– · 275 euro.

An approximate amount ("about 3k") is none (guide, "Acts"), nor are unit prices, percentages and dates.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from inbox_agent.domain.money import Money

_SYMBOLS = {
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "eurs": "EUR",
    "£": "GBP",
    "gbp": "GBP",
    "pounds": "GBP",
    "quid": "GBP",
    "$": "USD",
    "us$": "USD",
    "usd": "USD",
    "dollars": "USD",
    "chf": "CHF",
    "sfr": "CHF",
    "franken": "CHF",
    "fr.": "CHF",
    "sek": "SEK",
    "nok": "NOK",
    "dkk": "DKK",
    "pln": "PLN",
    "cad": "CAD",
    "aud": "AUD",
    "fcfa": "XOF",
    "inr": "INR",
    "rs.": "INR",
    "sgd": "SGD",
}
_CURRENCY = r"(?:€|£|US\$|\$|(?<!\w)(?:EUR|GBP|USD|CHF|SFr|SEK|NOK|DKK|PLN|CAD|AUD|INR|SGD|Fr\.|Rs\.))"
_AFTER = r"(?:€|£|\$|(?:EUR|GBP|USD|CHF|SEK|NOK|DKK|PLN|CAD|AUD|INR|SGD|FCFA|euros?|pounds|quid|dollars|Franken)(?!\w))"
_NUMBER = r"\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3}){1,4}(?:[.,]\d{2}(?!\d)|[.,]?[-–—]{1,2})?|\d{1,7}[.,](?:\d{2}(?!\d)|[-–—]{1,2})|\d{1,7}"
_AMOUNT = re.compile(
    rf"(?P<before>{_CURRENCY})?\s?(?<![\w.,/'’+-])(?P<number>{_NUMBER})(?:\s?(?P<after>{_AFTER}))?(?![\w])(?![.,/-]\d)",
    re.IGNORECASE,
)
_APPROXIMATE = re.compile(
    r"(?:ongeveer|circa|ca\.?|zo'n|about|around|approx\w*|roughly|etwa|rund|ungefähr|environ|~|à peu près|pushing|plusminus)\s*$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"\s?(?:%|/\s?\w|per\b|p/|pro\b|par\b|k\b|kg|m2|m3|uur|stk|st\b|pcs|hours?|stunden|heures|stuks|km|dagen|days|tagen|jours|°|mm|cm|ml|l\b|x\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AmountMention:
    """A stretch `text[start:end]` that names an amount. `sure`: it bears a currency or decimals, so it is no mere number."""

    amount: Money
    start: int
    end: int
    sure: bool


def find_amounts(text: str, start: int, end: int, currency: str, ledger: Collection[Money] = ()) -> list[AmountMention]:
    """The amounts named in `text[start:end]`, in order; `currency` is assumed where none is written.

    A bare number counts only when it is grouped by thousands or equals a `ledger` amount.
    """
    found = []
    for match in _AMOUNT.finditer(text, start, end):
        value = parse_number(match["number"])
        if value is None or (_UNIT.match(text, match.end(), min(end, match.end() + 12)) and not match["before"]):
            continue
        if _UNIT.match(text, match.end(), min(end, match.end() + 2)) or _APPROXIMATE.search(
            text, max(start, match.start() - 14), match.start()
        ):
            continue
        written = (match["before"] or match["after"] or "").strip().lower()
        try:
            amount = Money.parse(value, _SYMBOLS.get(written, currency))
        except (InvalidOperation, OverflowError):
            continue
        decimals = re.search(r"[.,](?:\d{2}|[-–—]+)$", match["number"])
        grouped = re.fullmatch(r"\d{1,3}([.,'’ ])\d{3}", match["number"])
        if written or decimals or amount in ledger or (grouped and match["number"][0] != "0"):
            found.append(
                AmountMention(
                    amount,
                    match.start("before") if match["before"] else match.start("number"),
                    match.end(),
                    bool(written or decimals),
                )
            )
    return found


def parse_number(written: str) -> Decimal | None:
    """A number in any of the notations; None when it is none. The last mark with two digits or dashes after it is the point."""
    text = re.sub(r"[\s\u00a0\u202f'’]", "", written)
    match = re.fullmatch(r"(?P<whole>[\d.,]*?\d)(?:[.,](?P<cents>\d{2}|[-–—]{1,2})|[-–—]{1,2})?", text)
    if match is None:
        return None
    cents = match["cents"] if match["cents"] and match["cents"].isdigit() else "00"
    whole = re.sub(r"[.,]", "", match["whole"])
    return Decimal(f"{whole}.{cents}") if whole.isdigit() and len(whole) <= 12 else None
