"""The lines of a body with their offsets."""

import re
from dataclasses import dataclass

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Line:
    """`source[start:end]`, line break included; `text` is it without surrounding blanks and bold markers."""

    start: int
    end: int
    text: str

    @property
    def is_blank(self) -> bool:
        return not self.text

    @property
    def is_quoted(self) -> bool:
        """Whether it bears the `>` of a quoting mail program."""
        return self.text.startswith(">")


def split_lines(source: str, start: int = 0, end: int | None = None) -> tuple[Line, ...]:
    """The lines of `source[start:end]`, in order and without gaps."""
    stop = len(source) if end is None else end
    return tuple(
        Line(match.start(), match.end(), match.group().strip().strip("*\u200b\ufeff").strip())
        for match in _LINE.finditer(source, start, stop)
    )
