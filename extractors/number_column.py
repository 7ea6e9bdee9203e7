"""The numbers of a ledger in one spelling each, as one column of text: looked up whole, by their end and by their beginning.

A ledger of thousands of rows is asked about the few numbers of one mail. Making and searching one long text costs far
less than looking at each row's number.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property


class _Kept(dict[int, int | None]):
    """For `str.translate`: these characters stay, every other is left out."""

    def __missing__(self, char: int) -> None:
        return None


_ALPHANUMERIC = _Kept({ord(char): ord(char) for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\n"})
_NUMERIC = _Kept({ord(char): ord(char) for char in "0123456789\n"})
_EDGE = 3
"""Characters at each end of a spelling that are kept to tell at once that no row has a longer one there."""


class Column:
    """One spelling a row, in the order of the ledger; none has a line's end in it. There is one row at least."""

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def of(cls, spellings: Sequence[str]) -> "Column":
        """The column of these spellings, in capitals."""
        text = "\n".join(spellings)
        if text.count("\n") >= len(spellings):
            text = "\n".join([spelling.replace("\n", " ") for spelling in spellings])
        return cls(text.upper())

    def alphanumeric(self) -> "Column":
        """Letters and digits alone, as `numbers.normal`."""
        return Column(self.text.translate(_ALPHANUMERIC))

    def numeric(self) -> "Column":
        """Digits alone."""
        return Column(self.text.translate(_NUMERIC))

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _framed(self) -> str:
        return f"\n{self.text}\n"

    @cached_property
    def _heads(self) -> set[str]:
        return {line[:_EDGE] for line in self._lines}

    @cached_property
    def _tails(self) -> set[str]:
        return {line[-_EDGE:] for line in self._lines}

    @cached_property
    def _last(self) -> dict[str, int]:
        return dict(zip(self._lines, range(len(self._lines)), strict=True))

    @cached_property
    def _is_unique(self) -> bool:
        return len(self._last) == len(self._lines)

    def only(self, spelling: str) -> int | None:
        """The row so written; None when there is none or several."""
        row = self._last.get(spelling)
        if row is None or self._is_unique:
            return row
        return row if next(self.all(spelling)) == row else None

    def all(self, spelling: str) -> Iterator[int]:
        """The rows so written, in order."""
        if spelling in self._last:
            yield from self._found(f"\n{spelling}\n", 1, len(spelling))

    def ending(self, spelling: str) -> Iterator[int]:
        """The rows whose spelling ends so, in order."""
        if len(spelling) < _EDGE or spelling[-_EDGE:] in self._tails:
            yield from self._found(f"{spelling}\n", 0, len(spelling))

    def beginning(self, spelling: str) -> Iterator[int]:
        """The rows whose spelling begins so, in order."""
        if len(spelling) < _EDGE or spelling[:_EDGE] in self._heads:
            yield from self._found(f"\n{spelling}", 1, len(spelling))

    def having(self, spelling: str) -> Iterator[int]:
        """The rows that have this in their spelling, perhaps more than once each, in order."""
        return self._found(spelling, 0, len(spelling))

    def _found(self, wanted: str, offset: int, step: int) -> Iterator[int]:
        row, counted = -1, 0
        at = self._framed.find(wanted)
        while at >= 0:
            row += self._framed.count("\n", counted, at + offset)
            counted = at + offset
            yield row
            at = self._framed.find(wanted, at + max(step, 1))
