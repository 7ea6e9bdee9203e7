"""Signed amounts as tables write them: -120,00 · 120,00- · (120.00) · 120.00 CR.

Which figures are amounts is decided in `amounts`; here the sign is read, which running text hardly ever means.
"""

import re
from collections.abc import Container
from dataclasses import dataclass

from extractors.amounts import AmountMention, find_amounts, parse_number
from inbox_agent.domain.money import Money

_BEFORE = re.compile(r"(?<![\w.,/'’-])(?:[-–−]|\((?=[^()]{1,24}\)))(?=\s?(?:[€£$]|[A-Z]{3}\s?)?\s?\d)")
_AFTER = re.compile(r"-(?![\d-])|\s?(?:CR|Cr|C)\b")
_SMALL = re.compile(r"(?:(?<=\s\s)|(?<=\t)|(?<=\|)|(?<=\| )|^ ?)\d{1,2}\.\d\d(?=\s\s|\s*$|\t|\s?\|)")
"""In a column of its own 12.10 is an amount, where running text would mean a day."""

_CELL = re.compile(r"\(?[-–−]?\s?\(?\d[\d.,'’ \u00a0\u202f]*\)?-?")
_NOTHING = re.compile(r"[-–—]|0|nil|nihil|néant", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount at `text[start:end]`, its sign included. `sure`: it bears a currency or decimals."""

    amount: Money
    start: int
    end: int
    sure: bool = True


def figures(text: str, start: int, end: int, currency: str, known: Container[Money] = ()) -> list[Figure]:
    """The signed amounts in `text[start:end]`, in order. A bare whole number counts only when it is `known`."""
    piece = text[start:end]
    signs = {match.start() for match in _BEFORE.finditer(piece)}
    plain = "".join(" " if index in signs else char for index, char in enumerate(piece))
    mentions = find_amounts(plain, 0, len(plain), currency, known)
    taken = [(mention.start, mention.end) for mention in mentions]
    mentions += [
        AmountMention(Money.parse(match.group().strip(), currency), *match.span(), True)
        for match in _SMALL.finditer(plain)
        if not any(left < match.end() and match.start() < right for left, right in taken)
    ]
    found = []
    for mention in sorted(mentions, key=lambda mention: mention.start):
        digit = next((index for index in range(mention.start, mention.end) if plain[index].isdigit()), mention.start)
        bracket = digit > 0 and "(" in piece[max(0, mention.start - 2) : digit]
        left_signs = [index for index in signs if mention.start - 2 <= index < digit]
        negative = bool(left_signs) and (not bracket or piece[mention.end : mention.end + 1] == ")")
        tail = _AFTER.match(piece, mention.end) if piece[mention.end - 1 : mention.end].isdigit() else None
        amount = mention.amount
        if negative or tail:
            amount = Money(-abs(amount.minor), amount.currency)
        stop = tail.end() if tail else mention.end + (bracket and negative)
        begin = min([mention.start, *left_signs])
        found.append(Figure(amount, start + begin, start + stop, mention.sure or amount in known))
    return found


def cell_figure(text: str, start: int, end: int, currency: str) -> Figure | None:
    """The amount that is all of a table's cell, where also 4900 and 4900.5 are amounts; None when it is something else."""
    cell = text[start:end].strip()
    if _NOTHING.fullmatch(cell):
        return Figure(Money(0, currency), start, end)
    found = figures(text, start, end, currency)
    if len(found) == 1 and found[0].sure:
        return found[0]
    if not _CELL.fullmatch(cell):
        return None
    digits = re.sub(r"[-–−()]", "", cell).strip()
    value = parse_number(f"{digits}0" if re.search(r"(?<![.,]\d)[.,]\d$", digits) else digits)
    if value is None:
        return None
    sign = -1 if re.match(r"[(–−-]", cell) or cell.endswith("-") else 1
    return Figure(Money.parse(value * sign, currency), start, end)
