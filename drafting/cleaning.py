"""Makes text that others wrote harmless inside a letter: one line, visible characters only, of bounded length."""

import unicodedata

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
"""Unicode categories that a letter never needs: controls, zero-width and direction marks, private use, line separators."""


def one_line(text: str, longest: int = 120) -> str:
    """`text` as one line: line breaks and controls become a space, hidden marks vanish, runs of spaces shrink to one.

    Longer than `longest` characters, it is cut, with an ellipsis.
    """
    kept = "".join(" " if _breaks(character) else character for character in text if not _vanishes(character))
    line = " ".join(kept.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def grouped(iban: str) -> str:
    """An IBAN as people write it: compact, then in groups of four."""
    bare = "".join(one_line(iban).upper().split())
    return " ".join(bare[start : start + 4] for start in range(0, len(bare), 4))


def _breaks(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Zl", "Zp"}


def _vanishes(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN and not _breaks(character)
