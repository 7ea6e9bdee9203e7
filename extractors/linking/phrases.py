"""The words by which mail means rows without their number; data in `lang/<code>/linking.toml`."""

import re
from dataclasses import dataclass

from extractors.tables import read_table
from inbox_agent.domain.taxonomy import Language

KEYS = (
    "everything",
    "both",
    "others",
    "plural",
    "singular",
    "first",
    "second",
    "third",
    "last",
    "newer",
    "older",
    "larger",
    "smaller",
    "other_one",
    "except",
    "overdue",
    "credit",
    "last_week",
    "this_week",
    "last_month",
    "this_month",
)

_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 5
"""Letters by which two words count as the same: inflection and compounds differ behind them."""


@dataclass(frozen=True, slots=True)
class NamedMonth:
    """`words == text[start:end]` names a month (1 to 12): an invoice by it, or `bare`, the month alone."""

    month: int
    bare: bool
    start: int
    end: int
    words: str


class Phrases:
    """The phrases of one language, compiled."""

    def __init__(self, language: Language) -> None:
        table = read_table(language, "linking")
        dates = read_table(language, "dates")
        self._patterns = {key: re.compile("|".join(table[key]), re.IGNORECASE) for key in KEYS}
        self._patterns["compared"] = re.compile(
            r"(?<!\w)(?:" + "|".join(table["compared"]) + r")\W{1,3}$", re.IGNORECASE
        )
        self._patterns["except"] = re.compile(r"(?:" + "|".join(table["except"]) + r")[^.,;:!?]{0,18}$", re.IGNORECASE)
        self._months = [
            (
                re.compile(
                    "|".join(entry.replace("{month}", f"(?:{_long(names)})") for entry in table["of_month"]),
                    re.IGNORECASE,
                ),
                re.compile(rf"(?<![^\W\d_])(?:{_long(names)})(?![a-zà-ÿ])", re.IGNORECASE),
            )
            for names in dates["months"]
        ]
        names = "|".join(f"({_long(names)})" for names in dates["months"])
        self._some_month = re.compile(names, re.IGNORECASE)
        counts = {str(word): int(n) for word, n in dates["numbers"].items() if 2 <= int(n) <= 12}
        self._counts = counts
        self._count = re.compile(rf"\b(?:{'|'.join(sorted(counts, key=len, reverse=True))})\b", re.IGNORECASE)
        self._dull = set(read_table(language, "words")["words"].split())

    def find(self, key: str, text: str, start: int, end: int) -> re.Match[str] | None:
        """The first phrase of that kind in `text[start:end]`."""
        return self._patterns[key].search(text, start, end)

    def months(self, text: str, start: int, end: int) -> list[NamedMonth]:
        """Every month that `text[start:end]` names, in order of the months; `bare`, but those by which an invoice is named."""
        there = {match.lastindex for match in self._some_month.finditer(text, start, end)}
        return [
            NamedMonth(month, bare, *match.span(), match.group())
            for month, patterns in enumerate(self._months, start=1)
            if month in there
            for bare, pattern in zip((False, True), patterns, strict=True)
            for match in pattern.finditer(text, start, end)
        ]

    def count(self, text: str, start: int, end: int) -> int:
        """How many are said there in a word, 0 when not."""
        match = self._count.search(text, start, end)
        return self._counts[match.group().lower()] if match else 0

    def stems(self, text: str, start: int, end: int) -> frozenset[str]:
        """What the words there begin with, but for function words and everyday words of such mail."""
        words = [word for word in map(str.lower, _WORD.findall(text, start, end)) if word not in self._dull]
        return frozenset([word[:_STEM] for word in words] + [word[-_STEM:] for word in words if len(word) >= 9])


def _long(names: str) -> str:
    """A month's names without abbreviations, which are words too often; "may" stays."""
    long = [name for name in names.split("|") if len(name.rstrip("?")) > 3]
    return "|".join(long) or names
