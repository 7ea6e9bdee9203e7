"""Where quoted and forwarded history stands in a body: header blocks, "On … wrote:", `>` quotes, separators.

Forms seen: Outlook (From/Sent/To/Subject, also bold), Gmail and Apple Mail ("On …, X wrote:", also wrapped over lines),
Thunderbird (`>`), "-----Original Message-----", and the copy that a mail server returns.
"""

import re
from collections.abc import Sequence

from extractors.lines import Line
from extractors.tables import read_lists
from inbox_agent.domain.text import PartKind

_LOOKAHEAD = 5
"""Lines of a header block that are looked at for a second header."""

_WROTE_LINES = 4
"""Lines over which "On … wrote:" may be wrapped."""

_HEADER = re.compile(r"[^\W\d_]{1,14}(?: [^\W\d_]{1,14}){0,2}\s?: ")
"""Any header of a language that has no data here; four in a row with an address and a date make a block."""


def _any(words: Sequence[str]) -> str:
    return "|".join(words)


class History:
    """Recognises the starts of history in all languages."""

    def __init__(self) -> None:
        flags = re.IGNORECASE
        lists = {
            key: read_lists("reading", key)
            for key in ("header_from", "header_other", "wrote_start", "wrote", "original", "forwarded")
        }
        self._from = re.compile(rf"(?:{_any(lists['header_from'])})\s?:\*?\s*\S", flags)
        self._other = re.compile(rf"(?:{_any(lists['header_other'])})\s?:\*?(?:\s|$)", flags)
        self._wrote_start = re.compile(rf"(?:{_any(lists['wrote_start'])})\b.{{0,200}}", flags)
        self._wrote = re.compile(rf".{{0,400}}\b(?:{_any(lists['wrote'])})\b.{{0,80}}:$", flags)
        self._separator = re.compile(rf"\W{{0,12}}(?:{_any(lists['original'])})\b", flags)
        self._forwarded = re.compile(rf"\W{{0,20}}(?:{_any(lists['forwarded'])})\b.{{0,20}}$", flags)

    def starts(self, lines: Sequence[Line], index: int) -> tuple[PartKind, int] | None:
        """The kind of history that starts at this line and how many lines its introduction takes; None if none does."""
        text = lines[index].text
        if not text or len(text) > 400:
            return None
        if self._forwarded.match(text):
            return PartKind.FORWARD, 1
        if self._is_separator(text) or self._is_header_block(lines, index):
            return PartKind.QUOTE, 1
        length = self._wrote_length(lines, index)
        return (PartKind.QUOTE, length) if length else None

    def _is_separator(self, text: str) -> bool:
        return len(text) <= 120 and bool(self._separator.match(text))

    def _is_header_block(self, lines: Sequence[Line], index: int) -> bool:
        foreign = [line.text for line in lines[index : index + 4] if _HEADER.match(line.text)]
        if len(foreign) == 4 and "@" in foreign[0] and any(char.isdigit() for char in foreign[1]):
            return True
        if not self._from.match(lines[index].text):
            return False
        return any(self._other.match(line.text) for line in lines[index + 1 : index + 1 + _LOOKAHEAD])

    def _wrote_length(self, lines: Sequence[Line], index: int) -> int:
        """Lines taken by "On … wrote:" from this line on, 0 when it is none."""
        if not self._wrote_start.match(lines[index].text):
            return 0
        joined = ""
        for length, line in enumerate(lines[index : index + _WROTE_LINES], start=1):
            if line.is_blank or line.is_quoted:
                return 0
            joined = f"{joined} {line.text}".strip()
            if self._wrote.match(joined) and (any(char.isdigit() for char in joined) or "@" in joined):
                return length
        return 0
