"""The date phrases of a language as one regular expression, built from `lang/<code>/dates.toml`.

Phrases are written and read in lower case without accents, one character for one, so that "MÄRZ", "mrz" and "fevrier" are read
as they are meant. Long names of days and months are also read with one letter missing, doubled or swapped ("vrijdg", "Firday").
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extractors.pattern_heads import heads
from extractors.tables import read_table
from inbox_agent.domain.taxonomy import Language

_DAY = r"(?P<{name}>0?[1-9]|[12]\d|3[01])(?!\d)"
_YEAR = r"(?:[\s,.'-]{1,2}(?P<year>(?:19|20)\d\d)(?!\d)|[-'](?P<short_year>\d\d)(?![\d.,]))?"
_BLANK, _OPTIONAL_BLANK = r"[ \n]{1,3}", r"[ \n]?"
_SHORTEST_MISSPELT = 6
"""Letters of a name that is read with a typing error; shorter ones become other words too easily."""

_WORD = re.compile(r"[a-z]{5,14}")
_FOLDED = {ord(char): ord(unicodedata.normalize("NFD", char)[0]) for char in "àáâäãçèéêëìíîïñòóôöõùúûüý"}
_FOLDED |= {
    ord("’"): ord("'"),
    ord("‘"): ord("'"),
    ord("`"): ord("'"),
    ord("´"): ord("'"),
    ord("–"): ord("-"),
    ord("—"): ord("-"),
}
_FOLDED |= {ord(blank): ord(" ") for blank in "\t\r\xa0\u202f\u2009\u2007"}
_EMPTY_LINE = re.compile(r"\n(?= *\n)")


def fold(text: str) -> str:
    """Lower case without accents, of the same length; a blank line is no blank between words."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return _EMPTY_LINE.sub("\v", lower.translate(_FOLDED))


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a language's table: its name in `sayings.MEANINGS`, and the pattern with what it names."""

    name: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Grammar:
    """All that a language says about dates. `rules` are kept by the first two characters of what they match, so that at most
    words none is tried."""

    rules: Mapping[str, Sequence[Rule]]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    feasts: Mapping[str, str]
    misspelt: Mapping[str, str]
    between: re.Pattern[str]
    range_link: re.Pattern[str]
    and_link: re.Pattern[str]
    apposition: re.Pattern[str]
    numeric_before: re.Pattern[str]
    numeric_after: re.Pattern[str]
    country: str

    def phrase_at(self, text: str, start: int) -> tuple[Rule, re.Match[str]] | None:
        """The first rule that matches folded `text` from `start`, and its match."""
        for rule in self.rules.get(text[start : start + 2], ()):
            if match := rule.pattern.match(text, start):
                return rule, match
        return None

    def repaired(self, folded: str) -> tuple[str, list[tuple[int, int]]]:
        """The text with misspelt names put right, and where it moved: (position in it, characters that the source has
        more from there on)."""
        if not any(match.group() in self.misspelt for match in _WORD.finditer(folded)):
            return folded, []
        pieces, moves, last, shift, length = [], [], 0, 0, 0
        for match in _WORD.finditer(folded):
            if right := self.misspelt.get(match.group()):
                pieces += [folded[last : match.start()], right]
                length += match.start() - last + len(right)
                shift += len(match.group()) - len(right)
                moves.append((length, shift))
                last = match.end()
        return "".join(pieces) + folded[last:], moves


def read_grammar(language: Language) -> Grammar:
    """The grammar of a language. Raises `ModelError` when its table is missing."""
    table = read_table(language, "dates")
    weekdays, months = _positions(table["weekdays"]), _positions(table["months"])
    short = _positions(table["weekdays_short"])
    macros = {
        "weekday": rf"(?P<weekday>{_any(weekdays)})(?:{_any(table['weekday_endings'])})?",
        "wd": rf"(?P<weekday>{_any(weekdays)}|(?:{_any(short)})(?![a-z]))(?:{_any(table['weekday_endings'])})?",
        "short": rf"(?P<weekday>{_any(short)})",
        "month": rf"(?P<month>{_any(months)})(?![a-z])",
        "day": _DAY.format(name="day"),
        "day2": _DAY.format(name="second_day"),
        "th": table["th"],
        "yr": _YEAR,
        "n": rf"(?P<n>\d{{1,3}}|{_any(table['numbers'])})",
        "ord": rf"(?P<ordinal>{_any(table['ordinals'])})",
        "feast": rf"(?P<feast>{_any(table['feasts'])})",
        "links": "|".join(table["links"]),
    }
    rules = [
        Rule(name, re.compile(rf"(?:{_expanded(pattern, macros)})(?!\w)"))
        for name, patterns in table["rules"].items()
        for pattern in patterns
    ]
    return Grammar(
        _by_head(rules),
        weekdays | short,
        months,
        table["numbers"],
        table["ordinals"],
        table["feasts"],
        _misspellings(table["misspelt"]),
        re.compile(rf"(?<!\w)(?:{_any(table['between'])})[ \n]+(?:\w{{1,4}}[ \n]+)?$"),
        _link(["-", *table["range_links"]], table["articles"]),
        _link(["-", *table["links"]], table["articles"]),
        re.compile(rf"[\s,(:]*(?:(?:{'|'.join(table['articles'])})[ \n]*)?"),
        re.compile(rf"(?<!\w)(?:{'|'.join(table['numeric_before'])})[ :]{{1,3}}$"),
        re.compile(rf"[ ]?(?:{'|'.join(table['numeric_after'])})(?!\w)"),
        table["country"],
    )


def _by_head(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for head in heads(rule.pattern.pattern):
            found.setdefault(head, []).append(rule)
    return found


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", _BLANK) for word in sorted(words, key=len, reverse=True))


def _positions(names: Sequence[str]) -> dict[str, int]:
    return {name: index for index, entry in enumerate(names) for name in entry.split("|")}


def _link(links: Iterable[str], articles: Iterable[str]) -> re.Pattern[str]:
    return re.compile(
        rf"[ \n]*(?:{'|'.join(re.escape(link) for link in links)})[ \n]*(?:(?:{'|'.join(articles)})[ \n]*)?"
    )


def _expanded(pattern: str, macros: Mapping[str, str]) -> str:
    """With `{weekday}` and the like put in, named once, and blanks that also match a line's end."""
    expanded = ""
    for piece in re.split(r"(\{[a-z]\w*\})", _with_blanks(pattern)):
        value = macros.get(piece[1:-1]) if piece.startswith("{") else None
        if value is not None and any(group in expanded for group in re.findall(r"[(][?]P<\w+>", value)):
            value = re.sub(r"[(][?]P<\w+>", "(?:", value)
        expanded += (
            piece if value is None else value if value.startswith("(?P") and value.endswith(")") else f"(?:{value})"
        )
    return expanded


def _with_blanks(pattern: str) -> str:
    written, inside = "", False
    for index, char in enumerate(pattern):
        escaped = index > 0 and pattern[index - 1] == "\\"
        if char in "[]" and not escaped:
            inside = char == "["
        following = pattern[index + 1 : index + 2]
        if char == " " and not inside:
            written += "[ \\n]" if following and following in "?*+{" else _BLANK
        else:
            written += char
    return written


def _misspellings(names: Iterable[str]) -> dict[str, str]:
    """Each long name with one letter missing, doubled or swapped with its neighbour (never the first), to the name."""
    found: dict[str, str] = {}
    for name in names:
        if len(name) < _SHORTEST_MISSPELT:
            continue
        for index in range(1, len(name)):
            found.setdefault(name[:index] + name[index + 1 :], name)
            found.setdefault(name[:index] + name[index] + name[index:], name)
            if index < len(name) - 1:
                found.setdefault(name[:index] + name[index + 1] + name[index] + name[index + 2 :], name)
    return {wrong: right for wrong, right in found.items() if wrong not in set(names)}


def number_of(table: Mapping[str, Any], word: str) -> int | None:
    """A number in digits or in words; None when it is neither."""
    plain = re.sub(r"\s+", " ", word)
    return int(plain) if plain.isdigit() else table.get(plain)
