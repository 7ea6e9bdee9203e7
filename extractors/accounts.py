"""Bank accounts and payment references, each with its checksum: IBAN, RIB, SEPA creditor reference (RF), betalingskenmerk.

Sources: ISO 13616 (IBAN) and ISO 11649 (RF), both modulo 97 as ISO 7064; Betaalvereniging Nederland, betalingskenmerk of
16 digits, the first a check digit modulo 11 with weights 2 4 8 5 10 9 7 3 6 1 from the right.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from schwifty import registry
from schwifty.exceptions import InvalidCountryCode

from extractors.mentions import MentionKind, Page, component

NAME = "accounts"

_HEAD = re.compile(r"(?<![\w-])[A-Z]{2} ?\d{2}(?=[ .-]?[A-Z0-9])", re.IGNORECASE)
_TAIL = re.compile(r"[A-Z0-9]+(?:[ .-][A-Z0-9]+)*", re.IGNORECASE)
_LONGEST = 46
"""Characters of an IBAN written out: 34, in groups of three or four with a mark between."""

_RIB = re.compile(r"\bRIB\b[^\w\n]{1,4}(\d[\d ]{19,28}\d)\b", re.IGNORECASE)
_KENMERK = re.compile(r"(?<![\w-])\d{4}(?:[ .]?\d{4}){3}(?![\w-])")
_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)


@component(NAME)
def read(page: Page) -> None:
    """Claims accounts and payment references; an IBAN of the right form with wrong check digits has score 0.5."""
    for head in _HEAD.finditer(page.text):
        if head.group()[:2].upper() == "RF" and (end := _reference_end(page.text, head.start())):
            page.claim(MentionKind.PAYMENT_REFERENCE, head.start(), end, compact(page.text[head.start() : end]))
    for start, end, value in ibans(page.text):
        page.claim(MentionKind.IBAN, start, end, value, 1.0 if checks(value) else 0.5)
    for match in _RIB.finditer(page.text):
        page.claim(MentionKind.IBAN, *match.span(1), compact(match[1]), 0.7)
    for match in _KENMERK.finditer(page.text):
        if is_betalingskenmerk(value := compact(match.group())):
            page.claim(MentionKind.PAYMENT_REFERENCE, match.start(), match.end(), value, 0.9)


def ibans(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, compact value) of each stretch that has the form of an IBAN; the check digits may be wrong."""
    for head in _HEAD.finditer(text):
        country = head.group()[:2].upper()
        if country != "RF" and (end := _iban_end(text, head.start(), country)):
            yield head.start(), end, compact(text[head.start() : end])


def compact(written: str) -> str:
    """Without blanks, points and dashes, in capitals."""
    return re.sub(r"[^0-9A-Z]", "", written.upper())


def checks(value: str) -> bool:
    """Whether the check digits of a compact IBAN or RF reference hold (ISO 7064, modulo 97)."""
    return int("".join(str(int(char, 36)) for char in value[4:] + value[:4])) % 97 == 1


def is_betalingskenmerk(value: str) -> bool:
    """Whether 16 digits are a Dutch payment reference: the first is the check digit of the other fifteen."""
    if not re.fullmatch(r"[0-9]{16}", value):
        return False
    total = sum(int(digit) * _WEIGHTS[place % 10] for place, digit in enumerate(reversed(value[1:])))
    return int(value[0]) == {10: 1, 11: 0}.get(11 - total % 11, 11 - total % 11)


def _iban_end(text: str, start: int, country: str) -> int:
    """Where the account that begins at `start` ends: of its country's length and form; 0 when there is none."""
    length, form = _form(country)
    tail = _TAIL.match(text, start, start + _LONGEST) if form else None
    if form is None or tail is None or len(compact(tail.group())) < length:
        return 0
    end, left = start, length
    while left:
        left -= text[end].isalnum()
        end += 1
    return end if form.match(compact(text[start:end])[4:]) and not text[end : end + 1].isalnum() else 0


def _reference_end(text: str, start: int) -> int:
    """Where the longest RF reference with right check digits ends, 0 when there is none."""
    tail = _TAIL.match(text, start, start + 32)
    for end in range(tail.end() if tail else 0, start + 4, -1):
        value = compact(text[start:end])
        if text[end - 1].isalnum() and not text[end : end + 1].isalnum() and len(value) <= 25 and checks(value):
            return end
    return 0


@lru_cache(maxsize=1_000)
def _form(country: str) -> tuple[int, re.Pattern[str] | None]:
    """Length of a country's IBAN and the form of what follows its check digits; none for no country."""
    try:
        spec = registry.get_iban_spec(country)
    except (InvalidCountryCode, KeyError):
        return 0, None
    return spec.iban_length, spec.regex
