"""What the network sees of a mail: `query: subject`, the new text, and what stands below, as token ids with offsets."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from tokenizers import Tokenizer

from classifiers.encoder.tokenizer import END, START

MAX_SUBJECT = 40
MAX_TEXT = 288
MAX_CONTEXT = 40
MAX_WINDOWS = 4
"""Windows of `MAX_TEXT` tokens; a longer new text is read in so many, the rest is not read."""

_MAX_CHARACTERS = 12_000


class Section(IntEnum):
    """Which part of the mail a token belongs to. Context is read, but nothing is said there."""

    SUBJECT = 0
    TEXT = 1
    CONTEXT = 2


@dataclass(frozen=True, slots=True)
class View:
    """Token ids with, for each, its section and its place in that section's own text ((0, 0) for marks)."""

    ids: list[int]
    sections: list[Section]
    offsets: list[tuple[int, int]]

    def __len__(self) -> int:
        return len(self.ids)


def views(tokenizer: Tokenizer, subject: str, text: str, context: str) -> Iterator[View]:
    """One view a window of the text, at least one."""
    head = tokenizer.encode(f"query: {subject[:300]}", add_special_tokens=False)
    body = tokenizer.encode(text[:_MAX_CHARACTERS], add_special_tokens=False)
    tail = tokenizer.encode(context, add_special_tokens=False)
    prefix = len("query: ")
    windows = max(1, min(MAX_WINDOWS, -(-len(body.ids) // MAX_TEXT)))
    for window in range(windows):
        begin, end = window * MAX_TEXT, (window + 1) * MAX_TEXT
        parts = (
            (Section.SUBJECT, head.ids[:MAX_SUBJECT], [_moved(pair, prefix) for pair in head.offsets[:MAX_SUBJECT]]),
            (Section.TEXT, body.ids[begin:end], body.offsets[begin:end]),
            (Section.CONTEXT, tail.ids[:MAX_CONTEXT], tail.offsets[:MAX_CONTEXT]),
        )
        ids, sections, offsets = [START], [Section.SUBJECT], [(0, 0)]
        for section, part, places in parts:
            ids += [*part, END]
            sections += [section] * (len(part) + 1)
            offsets += [*places, (0, 0)]
        yield View(ids, sections, offsets)


def _moved(pair: tuple[int, int], by: int) -> tuple[int, int]:
    return max(0, pair[0] - by), max(0, pair[1] - by)
