"""Where a mail names rows by number: new text, subject, quoted mail and attachments, each with what is said around it."""

from dataclasses import dataclass

from extractors.candidates import Candidate, numbers_of
from extractors.ledger_index import Variation
from extractors.linking.rows import Rows
from inbox_agent.domain.act import InvoiceLink, LinkReason

REASONS = {Variation.EXACT: LinkReason.NUMBER, Variation.ORDER: LinkReason.PURCHASE_ORDER}
"""Why a row is meant by how its number is written; every other way is a variant."""


@dataclass(frozen=True, slots=True)
class Named:
    """`text[start:end]` names the set of `rows`; `link` says how. `line` is the stretch that belongs to it alone."""

    rows: int
    start: int
    end: int
    link: InvoiceLink
    line: tuple[int, int]


def find_named(text: str, start: int, end: int, rows: Rows) -> list[Named]:
    """The numbers of rows in `text[start:end]`, in order. A number's line ends where the next one begins."""
    found: list[list[Candidate]] = []
    for candidate in numbers_of(rows.ledger).candidates(text, start, end):
        if candidate.row and candidate.start >= start:
            if found and found[-1][0].start == candidate.start:
                found[-1].append(candidate)
            else:
                found.append([candidate])
    named = []
    for k, same in enumerate(found):
        left, right = same[0].start, same[0].end
        line_start = text.rfind("\n", start, left) + 1 or start
        line_end = text.find("\n", right, end)
        line_end = end if line_end < 0 else line_end
        if k and found[k - 1][0].end > line_start:
            line_start = left
        if k + 1 < len(found) and found[k + 1][0].start < line_end:
            line_end = found[k + 1][0].start
        numbers = [candidate.row.number for candidate in same if candidate.row]
        link = InvoiceLink(numbers[0], REASONS.get(same[0].how, LinkReason.NUMBER_VARIANT), same[0].text)
        named.append(Named(rows.numbered(numbers), left, right, link, (max(line_start, start), line_end)))
    return named


def names_unknown(text: str, start: int, end: int, rows: Rows) -> bool:
    """Whether a number of this ledger's shape stands there that is no row of it."""
    return any(candidate.row is None for candidate in numbers_of(rows.ledger).candidates(text, start, end))


def groups(named: list[Named], text: str) -> list[list[Named]]:
    """Numbers that are listed together ("A, B and C"), in order."""
    result: list[list[Named]] = []
    for item in named:
        between = text[result[-1][-1].end : item.start] if result else ""
        if result and len(between) <= 12 and not any(mark in between for mark in ".:?!\n") and between.count(" ") <= 3:
            result[-1].append(item)
        else:
            result.append([item])
    return result
