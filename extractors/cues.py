"""Cues: the words by which a unit of text says an intent, with weights learnt from the training mails.

They find the place of an intent that is told without one, and stand beside the network's scores where it has some. A cue is a
word, two or three words in a row, five letters within a long word (`~fgeke`), or where the unit stands (`@first0`). Numbers
are told apart by form alone: `#d` a day and month, `#a` an amount, `#4` four digits or more, `#2` fewer.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise, repeat

from extractors.tables import read_table
from inbox_agent.domain.taxonomy import Intent, Language

MAX_UNIT = 600
"""Characters of a unit that are read for cues."""

_LONG = 6
_PIECE = 5
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d(?:[\d.,:/\-]{0,30}\d)?|[?€$£%!:]")
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?")
_CENTS = re.compile(r"[.,]\d\d$")

Weights = Mapping[str, Mapping[Intent, float]]


def cues(text: str, index: int, count: int) -> set[str]:
    """The cues of a unit, the `index`th of `count` in its mail."""
    words = [_form(match.group()) for match in _TOKEN.finditer(text[:MAX_UNIT].lower())]
    found = {*words, *map(" ".join, pairwise(words))}
    found.update(map(" ".join, zip(words, words[1:], words[2:], strict=False)))
    for word in set(words):
        if len(word) >= _LONG:
            found.update("~" + word[at : at + _PIECE] for at in range(len(word) - _PIECE + 1))
    found.update(_standing(len(text.split()), index, count))
    return found


def _form(token: str) -> str:
    if not token[0].isdigit():
        return token.replace("’", "'")
    if _DAY.fullmatch(token):
        return "#d"
    if _CENTS.search(token):
        return "#a"
    return "#4" if sum(char.isdigit() for char in token) >= 4 else "#2"


def _standing(words: int, index: int, count: int) -> Iterator[str]:
    yield f"@first{min(index, 2)}"
    yield f"@last{min(count - 1 - index, 2)}"
    yield f"@words{min(words // 4, 5)}"


class Cues:
    """The weights of all languages together, loaded when made: mail mixes languages freely."""

    def __init__(self) -> None:
        self._weights: dict[Intent, dict[str, float]] = {intent: {} for intent in Intent}
        for language in Language:
            for name, lines in read_table(language, "cues").items():
                for line in str(lines).strip().splitlines():
                    weight, cue = line.split(" ", 1)
                    self._weights[Intent(name)][cue] = float(weight)

    def scores(self, text: str, index: int, count: int, intents: Iterable[Intent] = Intent) -> dict[Intent, float]:
        """How much a unit sounds like each intent; comparable between the units of one mail and one intent."""
        heard = cues(text, index, count)
        return {intent: sum(map(self._weights[intent].get, heard, repeat(0.0))) for intent in intents}
