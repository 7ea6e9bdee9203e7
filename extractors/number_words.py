"""Numbers in words where mail uses them: "twee facturen", "tweeduizend euro", "fifteen hundred pounds", "deux mille €".

The words and their values are data, `lang/<code>/numbers.toml`. One and a ("een", "un") are no numbers here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from extractors.amounts import AmountMention, currency_of
from extractors.mentions import MentionKind, Page, component
from extractors.tables import read_table
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Language

NAME = "number_words"

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LONGEST = 60
"""Letters of a number in words; German writes it as one word."""

_LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class _Words:
    values: dict[str, int]
    glue: frozenset[str]
    counted: re.Pattern[str]


@component(NAME)
def read(page: Page) -> None:
    """Claims amounts in words, and counts of invoices or instalments."""
    for mention in worded_amounts(page.text, 0, len(page.text), page.language):
        page.claim(MentionKind.AMOUNT, mention.start, mention.end, mention.amount, 0.9)
    counted = _words(page.language).counted
    for start, end, value in _numbers(page.text, 0, len(page.text), page.language):
        if value <= 99 and counted.match(page.text, end):
            page.claim(MentionKind.COUNT, start, end, value)


def worded_amounts(text: str, start: int, end: int, language: Language) -> list[AmountMention]:
    """Amounts whose number is in words and is followed by a currency."""
    found = []
    for left, right, value in _numbers(text, start, end, language):
        after = re.compile(r" ?([€£$]|[A-Za-z]+)").match(text, right, end)
        if after and (currency := currency_of(after[1])):
            found.append(AmountMention(Money.parse(str(value), currency), left, after.end(), sure=True))
    return found


def _numbers(text: str, start: int, end: int, language: Language) -> Iterator[tuple[int, int, int]]:
    """Start, end and value of each number in words."""
    run: list[tuple[int, int, tuple[int, ...]]] = []
    for match in _WORD.finditer(text, start, end):
        parts = _parts(match.group().lower(), language)
        adjacent = run and text[run[-1][1] : match.start()] == " "
        if run and (parts is None or not adjacent):
            yield from _closed(run)
            run = []
        if parts is not None and (parts or run):
            run.append((*match.span(), parts))
    yield from _closed(run)


def _closed(run: list[tuple[int, int, tuple[int, ...]]]) -> Iterator[tuple[int, int, int]]:
    while run and not run[-1][2]:  # a trailing "and"
        run.pop()
    parts = [part for _, _, found in run for part in found]
    if parts and (value := _value(parts)) >= 2:
        yield run[0][0], run[-1][1], value


def _value(parts: list[int]) -> int:
    total = current = 0
    for part in parts:
        if part >= 1000:
            total, current = total + max(1, current) * part, 0
        elif part == 100:
            current = max(1, current) * 100
        else:
            current += part
        if total + current > _LARGEST:
            return 0
    return total + current


@lru_cache(maxsize=10_000)
def _parts(word: str, language: Language) -> tuple[int, ...] | None:
    """The values in a word: (2, 1000) of "tweeduizend", () of "and"; None when it is no number."""
    words = _words(language)
    if word in words.glue:
        return ()
    if len(word) > _LONGEST:
        return None
    best: list[tuple[int, ...] | None] = [(), *([None] * len(word))]
    for stop in range(1, len(word) + 1):
        for begin in range(max(0, stop - 16), stop):
            before, piece = best[begin], word[begin:stop]
            if before is None or best[stop] is not None:
                continue
            if piece in words.values:
                best[stop] = (*before, words.values[piece])
            elif before and piece in words.glue | {"-"}:
                best[stop] = before
    return best[len(word)]


@lru_cache(maxsize=len(Language))
def _words(language: Language) -> _Words:
    table = read_table(language, "numbers")
    counted = "|".join(table["counted"])
    return _Words(
        {word: int(value) for word, value in table["values"].items()},
        frozenset(table["glue"]),
        re.compile(rf" (?:[^\W\d_]+ )?(?:{counted})(?!\w)", re.IGNORECASE),
    )
