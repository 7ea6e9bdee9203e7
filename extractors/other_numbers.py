"""Numbers that are no document of the ledger: phones, tax and register numbers, customer numbers, postcodes.

They are read first so that none is taken for an invoice. The words that announce them are data, `lang/<code>/entities.toml`.
"""

import re
from functools import lru_cache

from extractors.accounts import compact
from extractors.mentions import MentionKind, Page, component
from extractors.tables import read_lists

NAME = "other_numbers"

_PHONE = re.compile(
    r"(?<![\w/.-])(?:(?:\+|00)\d{2}[ ./-]?)(?:\(0\)[ ]?)?\d(?:[ ./-]?\d){6,12}(?![\w-])|(?<![\w/.-])(?!\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?!\d))\(?0\d{1,4}\)?[ /-]\d(?:[ .-]?\d){5,9}(?![\w-])"
)
_VAT = re.compile(
    r"(?<![\w-])(?:NL ?\d{9} ?B ?\d\d|BE ?[01][\d.]{9,11}|DE ?\d{9}|ATU ?\d{8}|FR ?[A-Z0-9]{2} ?\d{9}|GB ?\d{9}|CHE[- ]?\d{3}\.\d{3}\.\d{3})(?![\w-])"
)
_POSTCODE = re.compile(
    r"(?<![\w-])(?:\d{4} ?(?-i:[A-Z]{2})(?= +(?-i:[A-Z][A-Za-zé'-]))|(?:D|CH|A|B|F|L|NL)-\d{4,5}(?= +[A-Z]))"
)
_TICKET = re.compile(r"\[[^\[\]\n]{0,20}#[^\[\]\n]{1,30}\]")
_BETWEEN = r"(?:[\s:.#(\"'„“-]|n(?:[°º]|[ro]s?\b)\.?|num[mé]\w*){0,6}"
_NUMBER = r"(?P<number>[A-Z0-9]+(?:[-/. ]?[A-Z0-9]*\d[A-Z0-9]*){0,6})"
_KEYS = {
    MentionKind.CUSTOMER_NUMBER: "customer_numbers",
    MentionKind.PHONE: "phones",
    MentionKind.OTHER_NUMBER: "other_numbers",
}


@component(NAME)
def read(page: Page) -> None:
    """Claims phones, tax numbers, postcodes by form, the others by the word that announces them."""
    for match in _TICKET.finditer(page.text):
        page.claim(MentionKind.OTHER_NUMBER, match.start(), match.end(), compact(match.group()), 0.8)
    forms = ((MentionKind.PHONE, _PHONE), (MentionKind.OTHER_NUMBER, _VAT), (MentionKind.OTHER_NUMBER, _POSTCODE))
    for kind, pattern in forms:
        for match in pattern.finditer(page.text):
            if not (kind is MentionKind.PHONE and _is_list(page, match.start(), match.end())):
                page.claim(kind, match.start(), match.end(), compact(match.group()), 0.9)
    for kind, pattern in _announced().items():
        for match in pattern.finditer(page.text):
            if any(char.isdigit() for char in match["number"]):
                page.claim(kind, *match.span("number"), compact(match["number"]), 0.9)


def _is_list(page: Page, start: int, end: int) -> bool:
    """Whether what could be a phone is rather a list of the ledger's numbers: "0311 0312"."""
    near = (found for found in page.candidates if found.start < end and start < found.end)
    return any(found.row and found.score > 0.7 for found in near)


@lru_cache(maxsize=1)
def _announced() -> dict[MentionKind, re.Pattern[str]]:
    patterns = {}
    for kind, key in _KEYS.items():
        words = "|".join(read_lists("entities", key))
        patterns[kind] = re.compile(
            rf"(?<![A-Za-z])(?:{words})(?![A-Za-z]|-?[A-Z]*\d){_BETWEEN}{_NUMBER}", re.IGNORECASE
        )
    return patterns
