"""Units: the stretches of the new text that say one thing at most. Sentences, cut at lines, semicolons and joining words."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from extractors.tables import read_lists

_WORDS_EACH = 3
"""A cut within a line leaves at least so many words on either side."""

_AHEAD = 80
"""Characters behind a cut in which these words stand."""

_WRAPPED_FROM = 45
"""A line of so many characters that ends in no punctuation goes on in the next when that begins in lower case."""

_LINE_BREAK = re.compile(r"[ \t\r]{0,40}\n\s{0,40}")


@dataclass(frozen=True, slots=True)
class Unit:
    """Offsets of a unit in the body, and of its sentence."""

    start: int
    end: int
    sentence: tuple[int, int]


class Units:
    """Cuts sentences into units. The joining words are data (`joiners` and `turns` in `lang/<code>/acts.toml`)."""

    def __init__(self) -> None:
        joiners, turns = ("|".join(read_lists("acts", key)) for key in ("joiners", "turns"))
        self._cut = re.compile(
            r";\s+|\s[-–—]\s+"
            rf"|(?<=[^\W_]),\s+(?=(?:{joiners}|{turns})\b)"
            rf"|(?<=\w)\s+(?=(?:{turns})\s)"
            r"|(?<=[^\W\d_]{4}[.!?])\s+(?=[^\W\d_])",
            re.IGNORECASE,
        )

    def cut(self, text: str, sentences: Sequence[tuple[int, int]]) -> list[Unit]:
        """The units of the sentences, in order, without blanks around them; each has a letter or a digit."""
        return [
            Unit(start, end, sentence)
            for sentence in sentences
            for line in _lines(text, *sentence)
            for start, end in (_bare(text, *clause) for clause in self._clauses(text, *line))
            if any(char.isalnum() for char in text[start:end])
        ]

    def _clauses(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        at = start
        for match in self._cut.finditer(text, start, end):
            before, after = text[at : match.start()], text[match.end() : min(end, match.end() + _AHEAD)]
            if len(before.split()) >= _WORDS_EACH and len(after.split()) >= _WORDS_EACH:
                yield at, match.start()
                at = match.end()
        yield at, end


def topics(text: str, units: Sequence[Unit], named: Sequence[Collection[str]]) -> list[int]:
    """For each unit the number of its topic: a new line begins one, and so does another invoice than those `named` so far."""
    numbers: list[int] = []
    so_far: set[str] = set()
    for index, unit in enumerate(units):
        new_line = index > 0 and "\n" in text[units[index - 1].end : unit.start]
        if new_line or (so_far and named[index] and so_far.isdisjoint(named[index])):
            so_far = set()
            numbers.append(numbers[-1] + 1)
        else:
            numbers.append(numbers[-1] if numbers else 0)
        so_far.update(named[index])
    return numbers


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines of a sentence, those that a mail program wrapped as one."""
    at = start
    for match in _LINE_BREAK.finditer(text, start, end):
        line = text[at : match.start()].strip()
        wrapped = (
            len(line) > _WRAPPED_FROM and line[-1] not in ".:;!?" and text[match.end() : match.end() + 1].islower()
        )
        if not wrapped:
            yield at, match.start()
            at = match.end()
    yield at, end


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
