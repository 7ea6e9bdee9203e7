"""Invoices, purchase orders and credit notes that a text names (guide, `entities`).

What the ledger knows decides first. An unknown number counts after a word that announces one ("factuur", "PO"), in the
shape of this ledger's numbers, as an order number where the talk is of order numbers ("the right one is 4500-1712"), or as
a credit note by its prefix or as a negative line. The words are data, `lang/<code>/entities.toml`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from extractors.candidates import MEASURED, MONEY_BEFORE, WORD, Candidate
from extractors.ledger_index import Variation, shape
from extractors.mentions import MentionKind, Page, component
from extractors.numbers import normal
from extractors.tables import read_lists
from inbox_agent.domain.ledger import InvoiceKind

SURE = "sure_numbers"
OTHER = "document_numbers"

_BETWEEN = re.compile(r"(?:[\s:.#(\"'„“”-]|n(?:[°º]|[ro]s?\b)\.?|num[mé]\w*\b){0,6}", re.IGNORECASE)
_LIST = re.compile(
    r"\s?(?:,|;|&|/|\+|and|en|und|et|sowie|plus|resp\.)\s(?:(?:von|of|de|la|le|die|the|nr\.?) )?|\s?[/&+]\s?",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(
    r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|[0-3]?\d[-/.][01]?\d[-/.]\d\d|(?:19|20)\d\d|\d{1,3}(?:[.'’]\d{3})+|\d+\.\d\d(?:/[A-Z]+)?|\d{1,2}[-.:/h]\d{1,2}|.*[a-z]{3}.*",
)
_BREAK = re.compile(r"[.!?](?=\s)|\n[ \t]*\n|\n(?=[ \t]*[-*•])")
_PREFIX = re.compile(r"(?<![\w/.-])([A-Z]{2,4}) $")
_NEGATIVE = re.compile(
    r"^[ \t|>*]{0,20}(?P<number>[A-Z0-9]+(?:[-/][A-Z0-9]+)*)"
    r"(?:[ \t|/]{1,40}(?:CR\b|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}|\d{1,2}-[A-Za-z]{3}-\d\d|\d{7,12})){0,3}"
    r"[ \t|/(]{1,40}(?:EUR |USD |€ ?|\$ ?)?[-−–]\s?\d",
    re.MULTILINE,
)
"""A line of a list with a number and at once a negative amount: a credit note, perhaps with its day or their own number."""

_ORDER_FORM = re.compile(r"(?<![\w/.-])L?PO[-/]?\d{4,}(?:[-/][A-Z0-9]+)*(?![\w-])")
_SURE = 0.95
_NEAR, _FAR = 60, 30
"""Characters from the word to an order number in its sentence; from a word such as "should be" to one further on."""


@component(SURE)
def read_sure(page: Page) -> None:
    """Claims the numbers of the ledger's rows that are surely meant, purchase orders of rows among them."""
    for candidate in page.candidates:
        if candidate.score >= _SURE or candidate.how is Variation.ORDER:
            _claim_row(page, candidate)


@component(OTHER)
def read(page: Page) -> None:
    """Claims what is announced, what varies a number of the ledger, and what is of the form of its numbers."""
    patterns = _patterns()
    for kind in (MentionKind.PO_NUMBER, MentionKind.CREDIT_NOTE):
        for start, end in _announced(page, patterns[kind]):
            _claim(page, kind, start, end, 0.9)
    for start, end in _announced(page, patterns[MentionKind.OTHER_NUMBER]):
        _claim(page, MentionKind.PO_NUMBER, start, end, 0.7)
    customer = page.reading.numbers.index.ledger.customer
    if customer and len(customer.number) >= 3:
        for match in re.finditer(rf"(?<![\w./-]){re.escape(customer.number)}(?![\w/-])", page.text):
            page.claim(MentionKind.CUSTOMER_NUMBER, match.start(), match.end(), normal(match.group()))
    candidates = page.candidates
    for candidate in candidates:
        if candidate.row and candidate.how is not Variation.RANGE and not _is_quantity(page.text, candidate):
            _claim_row(page, candidate)
    for start, end in _announced(page, patterns[MentionKind.INVOICE_NUMBER], brackets=False):
        _claim(page, MentionKind.INVOICE_NUMBER, start, end, 0.8)
    for candidate in candidates:
        if candidate.row is None and _is_telling(candidate.text):
            _claim(page, MentionKind.INVOICE_NUMBER, candidate.start, candidate.end, candidate.score)
    for match in _NEGATIVE.finditer(page.text):
        if _is_number(match["number"], 2):
            _claim(page, MentionKind.CREDIT_NOTE, *match.span("number"), 0.6)
    for match in _credit_form().finditer(page.text):
        _claim(page, MentionKind.CREDIT_NOTE, match.start(), match.end(), 0.7)
    for kind in (MentionKind.PO_NUMBER, MentionKind.OTHER_NUMBER):
        for start, end in _orders(page, patterns[kind]):
            _claim(page, MentionKind.PO_NUMBER, start, end, 0.6)


def _claim_row(page: Page, candidate: Candidate) -> None:
    row = candidate.row
    if row is None:
        return
    kind = MentionKind.CREDIT_NOTE if row.kind is InvoiceKind.CREDIT_NOTE else MentionKind.INVOICE_NUMBER
    if candidate.how is Variation.ORDER:
        kind = MentionKind.PO_NUMBER
    _claim(page, kind, candidate.start, candidate.end, candidate.score)


def _claim(page: Page, kind: MentionKind, start: int, end: int, score: float) -> None:
    """Claims a number in its fullest form: with the capitals before it that belong to it ("KG 23/441")."""
    before = _PREFIX.search(page.text, max(0, start - 6), start) if page.text[start].isdigit() else None
    if before and before[1] not in _no_prefix() and not _shouts(page.text, before.start(1)):
        start = before.start(1)
    page.claim(kind, start, end, normal(page.text[start:end]), score)


def _shouts(text: str, position: int) -> bool:
    """Whether the word before is in capitals too, so that capitals mean nothing."""
    words = text[max(0, position - 25) : position].split()
    return bool(words) and len(words[-1]) >= 3 and words[-1].isalpha() and words[-1].isupper()


def _announced(page: Page, pattern: re.Pattern[str], *, brackets: bool = True) -> Iterator[tuple[int, int]]:
    """Numbers that follow an announcing word directly, also several in a list; `brackets` may open before them."""
    for announcing in pattern.finditer(page.text):
        gap = _BETWEEN.match(page.text, announcing.end())
        position = gap.end() if gap else announcing.end()
        if not brackets and "(" in page.text[announcing.end() : position]:
            continue
        before = ""
        for _ in range(8):
            word = WORD.match(page.text, position)
            if word and word.group().isalpha() and word.group().isupper() and len(word.group()) <= 4:
                word = WORD.match(page.text, word.end() + 1)
            if word is None or not _is_number(word.group(), 3) or MEASURED.match(page.text, word.end()):
                break
            if (
                before
                and shape(word.group()) != before
                and not (word.group().isdigit() and len(word.group()) < len(before))
            ):
                break
            before = shape(word.group())
            yield word.span()
            link = _LIST.match(page.text, word.end())
            if link is None:
                break
            position = link.end()


def _orders(page: Page, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Numbers where order numbers are spoken of: the first in the word's sentence, or one that "should be" up to the next."""
    corrects = _corrects()
    for announcing in pattern.finditer(page.text):
        stop = _sentence_end(page.text, announcing.end())
        beyond = _sentence_end(page.text, stop + 1)
        first = True
        for word in WORD.finditer(page.text, announcing.end(), beyond):
            written = word.group()
            if not _is_number(written, 4 if written.isdigit() else 3) or MEASURED.match(page.text, word.end()):
                continue
            if MONEY_BEFORE.search(page.text, max(0, word.start() - 5), word.start()):
                continue
            near = first and word.end() <= stop and word.start() - announcing.end() <= _NEAR
            near = near and not (written.isdigit() and len(written) < 5)
            first = False
            if near or corrects.search(page.text, max(announcing.end(), word.start() - _FAR), word.start()):
                yield word.span()
    for match in _ORDER_FORM.finditer(page.text):
        yield match.span()


def _sentence_end(text: str, position: int) -> int:
    found = _BREAK.search(text, position, position + 250)
    return found.start() if found else min(len(text), position + 250)


def _is_number(written: str, digits: int) -> bool:
    return sum(char.isdigit() for char in written) >= digits and not _NO_NUMBER.fullmatch(written)


def _is_telling(written: str) -> bool:
    """Whether a number of the ledger's shape is more than any number: with letters, or six digits and no date."""
    return (any(char.isalpha() for char in written) or len(normal(written)) >= 6) and not _NO_NUMBER.fullmatch(written)


def _is_quantity(text: str, candidate: Candidate) -> bool:
    """Whether a short bare number that only ends like a row's number counts things: "340 Kästen", "12 stuks"."""
    if candidate.score > 0.8 or not candidate.text.isdigit() or candidate.text.startswith("0"):
        return False
    after = re.match(r" (?:[A-ZÄÖÜ][a-zäöüß]+(?:en|er|e|n|s)?\b)", text[candidate.end : candidate.end + 20])
    return bool(after) and len(candidate.text) <= 3


@lru_cache(maxsize=1)
def _patterns() -> dict[MentionKind, re.Pattern[str]]:
    kinds = {
        MentionKind.INVOICE_NUMBER: "invoice_numbers",
        MentionKind.PO_NUMBER: "po_numbers",
        MentionKind.CREDIT_NOTE: "credit_notes",
        MentionKind.OTHER_NUMBER: "orders",
    }
    return {
        kind: re.compile(
            rf"(?<![A-Za-z])(?:{'|'.join(read_lists('entities', key))})(?![A-Za-z]|-?[A-Z]*\d)", re.IGNORECASE
        )
        for kind, key in kinds.items()
    }


@lru_cache(maxsize=1)
def _credit_form() -> re.Pattern[str]:
    """A number that is a credit note's by its prefix, in the languages' abbreviations: CN-3301, AV24-031, KO-C-0093."""
    prefixes = "|".join(dict.fromkeys(read_lists("entities", "credit_prefixes")))
    return re.compile(
        rf"(?<![\w/.-])(?:[A-Z]{{1,4}}-)?(?:(?:{prefixes})[-/]?|[A-Z]{{2,4}}-C-?)\d{{2,8}}(?:[-/]\d{{1,6}})?(?![\w-])"
    )


@lru_cache(maxsize=1)
def _no_prefix() -> frozenset[str]:
    return frozenset(read_lists("entities", "no_prefix"))


@lru_cache(maxsize=1)
def _corrects() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![A-Za-z])(?:{'|'.join(read_lists('entities', 'corrects'))})\s+(?:[a-zà-ü']+ ){{0,2}}[(\"'„]?(?:[A-Z]{{2,4}} )?$",
        re.IGNORECASE,
    )
