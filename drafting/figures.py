"""Reads the figures out of a text, as plain values that can be compared: IBANs, dates, amounts, other numbers.

Made for checking, not for understanding: it reads all four languages' ways of writing at once and keeps no positions.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TypeAlias, TypeVar

from babel.dates import get_month_names
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from schwifty.registry import get_iban_spec

from drafting.language import wording
from inbox_agent.domain.taxonomy import Language

Day: TypeAlias = tuple[int | None, int, int]
"""Year (None when not written), month, day."""

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Amount:
    """A written amount; `currency` is ISO 4217, or "" when none or an ambiguous sign is written."""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a text, each with the words it was read from (the first, when it occurs more than once).

    `numbers` are bare: lower case, letters and digits only. Counts below a hundred ("2 invoices") are left out;
    percentages are kept, with their sign.
    """

    ibans: dict[str, str]
    days: dict[Day, str]
    amounts: dict[Amount, str]
    numbers: dict[str, str]


def figures(text: str, known: tuple[str, ...] = ()) -> Figures:
    """The figures of `text`. Exact occurrences of `known` strings (odd invoice numbers, company names) are passed over."""
    text = plain(text)
    text, ibans = _without_ibans(text)
    here = text.casefold()
    present = {
        written for written in (plain(value).strip() for value in known) if written and written.casefold() in here
    }
    for value in sorted(present, key=len, reverse=True):
        text = re.sub(rf"(?<![\w])(?<!\d[.,\-/]){re.escape(value)}(?![\w%])(?![.,\-/]\d)", " ; ", text, flags=re.I)
    days: dict[Day, str] = {}
    for pattern in _day_patterns():
        text, found = _taken(text, pattern, _day)
        days |= found
    text = _CLOCK.sub(" ; ", text)
    text, amounts = _taken(text, _AMOUNT, _amount)
    _, numbers = _taken(text, _NUMBER, _number)
    return Figures(ibans, days, amounts, numbers)


def plain(text: str) -> str:
    """`text` with compatibility characters, odd spaces, odd dashes and hidden marks made plain."""
    text = "".join(ch for ch in unicodedata.normalize("NFKC", text) if unicodedata.category(ch) != "Cf")
    return re.sub(r"[^\S\n]", " ", re.sub(r"[‐‑‒–—−]", "-", text))


def _taken(text: str, pattern: re.Pattern[str], read: Callable[[re.Match[str]], K | None]) -> tuple[str, dict[K, str]]:
    """`text` without the matches that `read` understands, and those."""
    found: dict[K, str] = {}

    def take(match: re.Match[str]) -> str:
        value = read(match)
        if value is None:
            return match[0]
        found.setdefault(value, match[0].strip(" .,;:-"))
        return " ; "

    return pattern.sub(take, text), found


_IBAN = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]{2}[ .-]?\d[ .-]?\d)(?P<run>[A-Za-z0-9](?:[ .-]?[A-Za-z0-9]){14,33})")


def _without_ibans(text: str) -> tuple[str, dict[str, str]]:
    """`text` without its IBANs, and those, compact. Only an IBAN's own characters are taken, not what follows it.

    Wrong check digits count too: a slip in an IBAN is just what must be seen.
    """
    found: dict[str, str] = {}
    position, kept = 0, []
    while match := _IBAN.search(text, position):
        written = _iban_at_start(match["run"], text[match.end() :])
        end = match.start() + (len(written) or 1)
        if written:
            found.setdefault(re.sub(r"[ .-]", "", written).upper(), written)
        kept.append(text[position : match.start()] + (" ; " if written else text[match.start() : end]))
        position = end
    return "".join(kept) + text[position:], found


def _iban_at_start(run: str, after: str) -> str:
    """The stretch at the start of `run` that has the shape of its country's IBAN, or "".

    With small letters in it ("KZ10-557B by 13 March 2025") it only counts when the check digits are right.
    """
    try:
        spec = get_iban_spec(run[:2].upper())
    except SchwiftyException:
        return ""
    places = [place for place, character in enumerate(run) if character.isalnum()][: spec.iban_length]
    written = run[: places[-1] + 1]
    bare = re.sub(r"[ .-]", "", written).upper()
    if len(bare) < spec.iban_length or (run + after)[len(written) :][:1].isalnum():
        return ""
    if written not in {bare, written.upper()} and not IBAN(bare, allow_invalid=True).is_valid:
        return ""
    return written if spec.regex.fullmatch(bare[4:]) else ""


@cache
def _months() -> Mapping[str, int]:
    """Month names and their abbreviations in every language, in lower case, without a final point."""
    return {
        name.casefold().rstrip("."): month
        for language in Language
        for width in ("wide", "abbreviated")
        for month, name in get_month_names(width, locale=wording(language).locale).items()
    }


_D = r"(?<![\w])(?P<day>\d{1,2})"
_ORDINAL = r"(?:st|nd|rd|th|e|er|ste|de|\.)?"


def _day(match: re.Match[str]) -> Day | None:
    parts = match.groupdict()
    month, number = _months().get(parts["month"].casefold(), 0) or int(parts["month"]), int(parts["day"])
    written = parts.get("year")
    year = None if not written else int(written) + (2000 if len(written) == 2 else 0)
    if month > 12 >= number:
        month, number = number, month
    try:
        date(year or 2000, month, number)
    except ValueError:
        return None
    return year, month, number


@cache
def _day_patterns() -> tuple[re.Pattern[str], ...]:
    """How days are written, the most telling way first; made at the first use, since it reads every language's months."""
    month = "(?P<month>" + "|".join(sorted(map(re.escape, _months()), key=len, reverse=True)) + r")\b\.?"
    written = (
        r"(?<![\w-])(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\w-])",
        rf"{_D}(?P<mark>[-./]) ?(?P<month>\d{{1,2}})(?P=mark) ?(?P<year>\d{{4}}|\d{{2}})(?![\w-])",
        rf"{_D}{_ORDINAL} (?:of )?{month}(?:,? (?P<year>\d{{4}})\b)?",
        rf"\b{month} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>\d{{4}})\b)?",
        r"(?<![\w.,/-])(?P<day>\d{2})[-/](?P<month>\d{2})(?![\w/-])",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in written)


_CLOCK = re.compile(r"(?<!\d)\d{1,2}(?::\d{2}|[.h]\d{2} ?(?:uur|uhr|am|pm)|h\d{2})(?!\d)", re.IGNORECASE)

_SIGNS = {"€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "£gb": "GBP", "$": "USD", "us$": "USD", "$us": "USD"}
_CODES = "EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|JPY|CNY|CAD|AUD|NZD|TRY|ZAR|AED|SGD|HKD"
_CURRENCY = rf"(?:(?:\b[A-Z]{{2}})?[€$£¥](?:[A-Z]{{2}}\b)?|\b(?:{_CODES}|euros?)\b)"
_PLAIN = r"(?:\d{1,3}(?:[.,'’ ]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d{1,2}(?!\d))?)"
_AMOUNT = re.compile(
    rf"(?P<before>{_CURRENCY})? ?(?<![\w.,/-])-?(?P<plain>{_PLAIN})(?P<flat>[.,]-{{1,2}})?(?![\w/-]|[.,]\d)"
    rf"(?: ?(?P<after>{_CURRENCY}|%))?",
    re.IGNORECASE,
)


def _amount(match: re.Match[str]) -> Amount | None:
    """An amount has a currency, or two decimals, or ends on ",-"; a percentage is none."""
    before, after = match["before"] or "", match["after"] or ""
    if after == "%" or not (before or after or match["flat"] or re.search(r"[.,]\d{2}$", match["plain"])):
        return None
    sign = (before or after).casefold()
    return Amount(decimal(match["plain"]), _SIGNS.get(sign, sign.upper() if sign.upper() in _CODES.split("|") else ""))


def decimal(written: str) -> Decimal:
    """A number as any of the languages writes it: a last group of one or two digits is the decimals."""
    decimals = re.search(r"[.,](\d{1,2})$", written)
    whole = re.sub(r"\D", "", written[: decimals.start()] if decimals else written)
    return Decimal(f"{whole}.{decimals[1]}" if decimals else whole)


_NUMBER = re.compile(r"(?<![\w])\w*\d\w*(?:[-./_]\w*\d\w*)*(?:[.,]\d+)?(?: ?%)?")


def _number(match: re.Match[str]) -> str | None:
    bare = "".join(ch for ch in match[0].casefold() if ch.isalnum() or ch == "%")
    return bare if bare.endswith("%") or sum(ch.isdigit() for ch in bare) > 2 else None
