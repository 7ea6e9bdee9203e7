"""What a mail's own words say about who writes: announced customer numbers, VAT numbers, accounts, the name below. Bounded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from inbox_agent.domain.mail import Mail
from inbox_agent.domain.text import MailText, PartKind
from inbox_agent.ledger.keys import name_key, number_key, word_list

_LONGEST_TEXT, _LONGEST_NAMES, _MOST, _MOST_LINES, _LAST_LINES = 40_000, 10_000, 40, 14, 6
_SHORTEST_NAME = 5
_VAT = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}E?[ .-]?(?:[0-9A-Z][ .-]?){7,12}(?![a-z])")
_VAT_LENGTHS = range(9, 15)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]){11,30}")
_IBAN_LENGTHS = {
    "NL": 18, "BE": 16, "DE": 22, "FR": 27, "GB": 22, "IE": 22, "LU": 20, "CH": 21, "AT": 20, "ES": 24, "IT": 27,
    "PL": 28, "PT": 25, "DK": 18, "SE": 24, "NO": 15, "FI": 18, "CZ": 24, "LT": 20, "LV": 21, "EE": 20,
}  # fmt: skip
"""Characters of an IBAN, per country (ISO 13616 registry)."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Keys (`ledger.keys`) with what is written: VAT numbers and IBANs as key; names as key -> the line."""

    customer_numbers: tuple[str, ...]
    vat_numbers: tuple[str, ...]
    ibans: tuple[str, ...]
    names: dict[str, str]


def mentions(mail: Mail, text: MailText, passed_on: bool) -> Mentions:
    """What stands in the sender's own words: subject, new text, signature, and in a mail that a colleague passed on also that.

    Quoted history is left out: it may be anybody's.
    """
    kinds = {PartKind.NEW, PartKind.SIGNATURE, PartKind.DISCLAIMER} | ({PartKind.FORWARD} if passed_on else set())
    own = "\n".join(text.source[part.start : part.end] for part in text.parts if part.kind in kinds)[:_LONGEST_TEXT]
    return Mentions(
        customer_numbers=_bounded(_customer_numbers(f"{mail.subject}\n{own}")),
        vat_numbers=_bounded(_vat_numbers(own)),
        ibans=_bounded(_ibans(own)),
        names=_names(mail, text, passed_on),
    )


def _customer_numbers(text: str) -> Iterator[str]:
    for found in _announced().finditer(text):
        yield from dict.fromkeys((found[1], found[1].upper()))


def _vat_numbers(text: str) -> Iterator[str]:
    """A match may run into the next word, so each length that a VAT number has is tried."""
    for found in _VAT.finditer(text):
        key = number_key(found[0])
        if sum(one.isdigit() for one in key) >= 7:
            yield from (key[:length] for length in _VAT_LENGTHS if length <= len(key))


def _ibans(text: str) -> Iterator[str]:
    for found in _IBAN.finditer(text):
        key = number_key(found[0])
        length = _IBAN_LENGTHS.get(key[:2], len(key))
        if len(key) >= length:
            yield key[:length]


def _names(mail: Mail, text: MailText, passed_on: bool) -> dict[str, str]:
    """The sender's display name, what the subject and the text name with a legal form ("Smeding B.V."), and the last lines:
    those of the signature, and of the new text, which may hide it."""
    lines: list[str] = [] if passed_on else [mail.sender.name]
    if passed_on and text.forwarded_from is not None:
        lines.append(text.forwarded_from.name)
    for part in text.parts:
        written = [line.strip(" \t-–|*,") for line in text.source[part.start : part.end].splitlines() if line.strip()]
        if part.kind is PartKind.SIGNATURE:
            lines += written[:_MOST_LINES]
        elif part.kind in (PartKind.NEW, *((PartKind.FORWARD,) if passed_on else ())):
            lines += written[-_LAST_LINES:]
    own = "\n".join(text.source[part.start : part.end] for part in text.new)[:_LONGEST_NAMES]
    companies = islice(_companies(f"{mail.subject}\n{own}"), _MOST)
    lines += [mail.subject, *re.split(r"\s[|/–-]\s|:\s", mail.subject)]
    pieces = (piece.strip() for line in lines if len(line) <= 120 for piece in (line, *re.split(r"\s[|–-]\s", line)))
    found = {name_key(piece): piece for piece in (*companies, *islice(pieces, 3 * _MOST))}
    return {key: piece for key, piece in found.items() if len(key) >= _SHORTEST_NAME and not key.isdigit()}


def _companies(text: str) -> Iterator[str]:
    """What stands before or behind a legal form, from each word on: "Faillissement Elektro Smeding B.V." also as the last two."""
    for found in _with_form().finditer(text):
        words = (found[1] or found[2]).split()
        yield from (" ".join(words[start:]) for start in range(len(words)))
        yield from (" ".join(words[:end]) for end in range(1, len(words)) if found[2])


def _bounded(found: Iterator[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(islice(found, 5 * _MOST)), 3 * _MOST))


@cache
def _announced() -> re.Pattern[str]:
    words = "|".join(sorted(word_list("customer_number_words"), key=len, reverse=True))
    return re.compile(
        rf"(?<![A-Za-z])(?:{words})[\s.:#=(-]{{0,6}}(?:(?:nr|no|is|n°)\b[\s.:#-]{{0,3}})?"
        r"([A-Za-z]{0,4}[-.]?\d(?:[A-Za-z0-9./-]{0,20}[A-Za-z0-9])?)(?![A-Za-z0-9])",
        re.IGNORECASE,
    )


@cache
def _with_form() -> re.Pattern[str]:
    forms = "|".join(r"\.? ?".join(form) + r"\.?" for form in sorted(word_list("legal_forms"), key=len, reverse=True))
    word = r"[A-ZÀ-Þ0-9][\w.&'’-]{0,30}"
    between = r"(?:(?:&|en|und|et|and|de|van|der|den|het|la|le|l'|du|des) )"
    return re.compile(
        rf"((?:{word} {between}{{0,2}}){{1,5}})(?i:(?:{forms}))(?![\w])|\b(?i:(?:{forms})) ((?:{word} ?{between}{{0,2}}){{1,5}})"
    )
