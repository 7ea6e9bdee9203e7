"""The lines of a body with their offsets, and how deep each is quoted."""

import re
from dataclasses import dataclass

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MARKS = re.compile(r"(?:>[ \t\xa0]?){1,40}")
_BLANK = " \t\r\n\f\v\xa0\u200b\u200e\u200f\ufeff"


@dataclass(frozen=True, slots=True)
class Line:
    """`source[start:end]`, line break included; `text` is it without surrounding blanks and bold markers.

    `depth` counts the `>` marks of quoting mail programs before it; `content` is the text behind them.
    """

    start: int
    end: int
    text: str
    depth: int = 0
    content: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.text

    @property
    def is_quoted(self) -> bool:
        """Whether it bears the `>` of a quoting mail program."""
        return self.depth > 0


def split_lines(source: str, start: int = 0, end: int | None = None) -> tuple[Line, ...]:
    """The lines of `source[start:end]`, in order and without gaps."""
    stop = len(source) if end is None else end
    return tuple(_line(match) for match in _LINE.finditer(source, start, stop))


def _line(match: re.Match[str]) -> Line:
    text = _bare(match.group())
    marks = _MARKS.match(text)
    if marks is None:
        return Line(match.start(), match.end(), text, 0, text)
    return Line(match.start(), match.end(), text, marks.group().count(">"), _bare(text[marks.end() :]))


def _bare(text: str) -> str:
    return text.strip(_BLANK).strip("*").strip(_BLANK)
