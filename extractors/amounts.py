"""Amounts in national notations: 1.250,00 · 1,250.00 · 1 250,00 · 4'416.– · 1.689,- · £86.40 · CHF 20.– · ₹1,25,000 · 275 euro.

An approximate amount ("about 3k") is none (guide, "Acts"), nor are unit prices, percentages and dates. A minus before or
after makes a credit, an amount below zero.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from extractors.mentions import MentionKind, Page, component
from inbox_agent.domain.money import Money

NAME = "amounts"

_SYMBOLS = {
    "EUR": ("€", "eur", "euro", "euros", "eurs"),
    "GBP": ("£", "gbp", "pounds", "quid", "stg"),
    "USD": ("$", "us$", "usd", "dollars"),
    "CHF": ("chf", "sfr", "sfr.", "franken", "fr."),
    "SEK": ("sek",),
    "NOK": ("nok",),
    "DKK": ("dkk",),
    "PLN": ("pln", "zł", "zl"),
    "CZK": ("czk", "kč"),
    "HUF": ("huf", "ft"),
    "RON": ("ron", "lei"),
    "CAD": ("cad", "c$", "ca$"),
    "AUD": ("aud", "a$", "au$"),
    "NZD": ("nzd", "nz$"),
    "SGD": ("sgd", "s$"),
    "INR": ("inr", "rs.", "rs", "₹"),
    "ZAR": ("zar", "r"),
    "XOF": ("fcfa", "f cfa", "xof"),
    "MAD": ("mad", "dh", "dhs"),
    "AED": ("aed",),
    "JPY": ("jpy", "¥"),
    "TRY": ("try", "₺"),
}
"""How a currency is written; ISO 4217 code by itself and by its signs."""

_CODES = {written: code for code, signs in _SYMBOLS.items() for written in signs}
_ONLY_BEFORE, _ONLY_AFTER = {"us$", "c$", "ca$", "a$", "au$", "nz$", "s$", "rs", "rs.", "₹", "r", "fr.", "sfr", "sfr."}, {
    "euro", "euros", "eurs", "pounds", "quid", "stg", "dollars", "franken", "zł", "zl", "kč", "ft", "lei", "fcfa", "f cfa", "dh", "dhs"
}  # fmt: skip
_WORD_BEFORE = "|".join(re.escape(sign) for sign in sorted(_CODES, key=len, reverse=True) if sign not in _ONLY_AFTER)
_WORD_AFTER = "|".join(re.escape(sign) for sign in sorted(_CODES, key=len, reverse=True) if sign not in _ONLY_BEFORE)
_GROUP = "[.,'’ \u00a0\u202f\u2009]"
_NUMBER = (
    rf"\d{{1,3}}(?:{_GROUP}\d{{3}}){{1,4}}(?!\d)(?:[.,]\d{{2}}(?!\d)|[.,]?[-–—=]{{1,2}}(?!\d))?"
    r"|\d{1,2}(?:,\d{2}){1,3},\d{3}(?!\d)(?:\.\d{2}(?!\d))?"
    r"|\d{1,9}[.,](?:\d{2}(?!\d)|[-–—=]{1,2}(?!\d))|\d{1,9}(?![.,]?\d)"
)
_AMOUNT = re.compile(
    r"(?=[-−\d]|(?<!\w).{1,9}?\d)"
    rf"(?:(?P<lead>(?<![\w.,)-])[-−](?=[€£$A-Z]))?(?<![\w])(?P<before>{_WORD_BEFORE})(?:[ \u00a0\u202f]?|\.?[ \u00a0]))?(?P<minus>(?<![\w.,/'’)-])[-−](?=\d))?"
    rf"(?<![.,/'’])(?P<number>{_NUMBER})(?P<credit>-(?![\w]))?(?:[ \u00a0\u202f]?(?P<after>{_WORD_AFTER})(?!\w))?(?![\w])(?![.,/-]\d)",
    re.IGNORECASE,
)
_GLUED = re.compile(r"[\w+–-]$")
_APPROXIMATE = re.compile(
    r"(?:ongeveer|plusminus|circa|ca\.?|zo'n|rond de|tegen de|about|around|approx\w*\.?|roughly|some|nearly|almost|etwa|rund|"
    r"ungefähr|knapp|gut|environ|autour de|quelque|~|≈|à peu près|pushing|bijna|ruim|\+/-|±)[ \u00a0]?(?:de |the |die )?$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[ \u00a0]?(?:%|/[ ]?\w|per\b|p/|p\.p\.|pro\b|par\b|k\b|mio\b|million|kg|m2|m3|uur|stk|st\b|pcs|hours?|stunden|heures|stuks|stück|"
    r"pièces|km|dagen|days|tage|jours|°|mm|cm|ml|l\b|x\b|each\b|apiece|de l'heure|weken|weeks|wochen|semaines|maanden|months|"
    r"monate|mois)",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?:[012]?\d|3[01])\.(?:0\d|1[0-2])")
"""Without a currency rather a day and month: "seit 09.01. bezahlt"."""

_INSTALMENT = re.compile(
    r"[ \u00a0]?(?:per|p/|par|pro|a|/)[ \u00a0]?(?:maand|week|month|mnd|monat|woche|mois|semaine|termijn|rate|instalment)",
    re.IGNORECASE,
)
"""So much a month is an instalment, not the price of a unit."""

_SHARE = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[.,]\d{1,2})?)[ \u00a0]?(?:%|(?:procent|percent|Prozent|pour ?cent)(?!\w))", re.IGNORECASE
)
_LONE = re.compile(r"(?!(?:19|20)\d\d$)[1-9]\d{1,4}")
_LOOK = 16


@dataclass(frozen=True, slots=True)
class AmountMention:
    """A stretch `text[start:end]` that names an amount. `sure`: it bears a currency or decimals, so it is no mere number;
    `bare`: nothing at all says that it is an amount."""

    amount: Money
    start: int
    end: int
    sure: bool
    bare: bool = False


@component(NAME)
def read(page: Page) -> None:
    """Claims the amounts that are surely some, and percentages."""
    for match in _SHARE.finditer(page.text):
        page.claim(MentionKind.PERCENTAGE, match.start(), match.end(), Decimal(match[1].replace(",", ".")))
    for mention in find_amounts(page.text, 0, len(page.text), page.reading.currency):
        if mention.sure:
            page.claim(MentionKind.AMOUNT, mention.start, mention.end, mention.amount)


def find_amounts(
    text: str, start: int, end: int, currency: str, ledger: Container[Money] = (), *, bare: bool = False
) -> list[AmountMention]:
    """The amounts named in `text[start:end]`, in order; `currency` is assumed where none is written.

    A bare number counts only when it is grouped by thousands or equals a `ledger` amount; with `bare` any of two to five
    digits that is no year.
    """
    found = []
    for match in _AMOUNT.finditer(text, start, end):
        value = parse_number(match["number"])
        left = match.start()
        if value is None or (not match["before"] and _GLUED.search(text, max(start, left - 1), left)):
            continue
        unit = _UNIT.match(text, match.end(), min(end, match.end() + 12))
        unit = None if unit and _INSTALMENT.match(text, match.end(), min(end, match.end() + 20)) else unit
        if (unit and (not match["before"] or unit.group()[0] in "/k")) or _APPROXIMATE.search(
            text, max(start, left - _LOOK), left
        ):
            continue
        written = (match["before"] or match["after"] or "").lower()
        if match["lead"] or match["minus"] or match["credit"]:
            value = -value
        try:
            amount = Money.parse(value, _CODES.get(written, currency))
        except (InvalidOperation, OverflowError):
            continue
        decimals = re.search(r"[.,](?:\d{2}|[-–—=]+)$", match["number"])
        grouped = re.fullmatch(rf"\d{{1,3}}{_GROUP}\d{{3}}", match["number"]) and match["number"][0] != "0"
        day = not written and _DAY.fullmatch(match["number"])
        if day and amount not in ledger:
            continue
        lone = bare and _LONE.fullmatch(match["number"])
        if sure := bool(written or decimals):
            found.append(AmountMention(amount, left, match.end(), sure=True))
        elif lone or grouped or amount in ledger:
            found.append(AmountMention(amount, left, match.end(), sure, bare=not (grouped or amount in ledger)))
    return found


def currency_of(written: str) -> str:
    """The ISO 4217 code of a currency's sign, code or word; "" for anything else."""
    return _CODES.get(written.lower(), "") if len(written) > 1 or not written.isalpha() else ""


def parse_number(written: str) -> Decimal | None:
    """A number in any of the notations; None when it is none. The last mark with two digits or dashes after it is the point."""
    text = re.sub(r"[\s\u00a0\u202f'’]", "", written)
    match = re.fullmatch(r"(?P<whole>[0-9.,]*?[0-9])(?:[.,](?P<cents>[0-9]{2}|[-–—=]{1,2})|[-–—=]{1,2})?", text)
    if match is None:
        return None
    cents = match["cents"] if match["cents"] and match["cents"].isdigit() else "00"
    whole = re.sub(r"[.,]", "", match["whole"])
    return Decimal(f"{whole}.{cents}") if whole.isdigit() and len(whole) <= 12 else None
