"""The phrase files: `phrases/<code>.toml` compiled to patterns, and how a pattern is written.

A pattern is a regular expression that starts at a word, read within one sentence and without regard to case. A blank
stands for any white space, ` .. ` for a gap of at most 60 characters, `{name}` for an entry of the file's `[words]`.
Every repetition is bounded by the sentence (`MAX_SENTENCE`) or the gap, so that reading is linear in the text.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import Intent, Language

FOLDER = Path(__file__).parent / "phrases"

MAX_SENTENCE = 500
"""Characters; a longer sentence is read in pieces."""

_GAP = r"\W(?:.{0,60}?\W)??"
_BOUNDARY = re.compile(
    r"(?:(?<=[^\W\d_]{2}[.!?])|(?<=[^\W\d_]\)[.!?])|(?<=\d{3}[.!?])|[!?]+|(?<=\.\.))\s+(?=\S)|\n\s{0,200}\n|\n"
)
_ITEM = re.compile(r"[ \t]{0,20}(?:[-*•]|\d{1,2}[.)]|[A-Z]{0,4}[-/]?\d{3,})\s")
_CUT = re.compile(r"[,;:(]\s|\s[-–]\s|\n|\s(?:en|maar|dus|want|and|but|so|und|aber|et|mais|donc|car)\s", re.IGNORECASE)
_ABBREVIATION = re.compile(
    r"(?:\b(?:nr|no|nrs|ref|inv|fact|fac|incl|excl|ca|bijv|bv|mr|mevr|dr|ing|drs|st|evtl|zzgl|inkl|bzw|ggf|jl|tel|art|resp|max|min|approx|mrs|ms|ltd|co|gem|abt|abs|rg|str|afd|dhr|bzgl|lt|ev|mme|jan|feb|apr|aug|sept|oct|nov|dec|okt))\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrases:
    """What one language says for one intent.

    `says` are phrases that say it; `hints` are weaker, and two different ones are needed.
    `unless` voids it anywhere in the sentence, `unless_near` within its clause; `subject` is read in the subject only.
    """

    language: Language
    intent: Intent
    says: tuple[re.Pattern[str], ...]
    hints: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    unless_near: tuple[re.Pattern[str], ...]
    subject: tuple[re.Pattern[str], ...]

    def find(self, text: str, start: int, end: int) -> Iterator[tuple[tuple[int, int], bool]]:
        """Spans in the sentence `text[start:end]` that say it, and whether each is sure; none when a guard stands there."""
        spans = [
            (match.span(), sure)
            for phrases, sure in ((self.says, True), (self.hints, False))
            for pattern in phrases
            if (match := pattern.search(text, start, end))
        ]
        if not spans or any(pattern.search(text, start, end) for pattern in self.unless):
            return
        for span, sure in spans:
            left, right = clause(text, span, start, end)
            if not any(pattern.search(text, left, right) for pattern in self.unless_near):
                yield span, sure


def clause(text: str, span: tuple[int, int], start: int, end: int) -> tuple[int, int]:
    """The clause around a span of the sentence `text[start:end]`, to the nearest comma or conjunction on either side."""
    before = [match.end() for match in _CUT.finditer(text, start, span[0])]
    after = _CUT.search(text, span[1], end)
    return before[-1] if before else start, after.start() if after else end


def read_phrases(folder: Path = FOLDER) -> tuple[Phrases, ...]:
    """The phrases of every language. Raises `ModelError` when a file is missing or a pattern is broken."""
    return tuple(phrases for language in Language for phrases in _read_language(folder, language))


def version(folder: Path = FOLDER) -> str:
    """`phrases-` and eight hexadecimal digits of the hash of all phrase files."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.toml")):
        digest.update(path.read_bytes())
    return f"phrases-{digest.hexdigest()[:8]}"


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets of the sentences of `text[start:end]`, each at most `MAX_SENTENCE` long."""
    begin = start
    for match in _BOUNDARY.finditer(text, start, end):
        if _ABBREVIATION.search(text, max(begin, match.start() - 8), match.start()):
            continue
        if match.group() == "\n" and _is_wrapped(text, match.start(), end):
            continue
        yield from _pieces(begin, match.start())
        begin = match.end()
    yield from _pieces(begin, end)


def _is_wrapped(text: str, position: int, end: int) -> bool:
    """Whether the line break at `position` only wraps a sentence: a long line, and no list item or number after it."""
    line = position - (text.rfind("\n", max(0, position - 200), position) + 1)
    return line >= 55 and not _ITEM.match(text, position + 1, end)


def _pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    for piece in range(start, end, MAX_SENTENCE):
        yield piece, min(piece + MAX_SENTENCE, end)


def _read_language(folder: Path, language: Language) -> Iterator[Phrases]:
    path = folder / f"{language.value}.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"The phrase file {path} is missing; install the program again.") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"The phrase file {path} cannot be read: {error}.") from error
    words = table.pop("words", {})
    for name, entry in table.items():
        try:
            intent = Intent(name)
        except ValueError as error:
            raise ModelError(f"The phrase file {path} names an unknown intent: {name}.") from error
        lists = {
            key: tuple(_compile(raw, words, path) for raw in entry.get(key, ()))
            for key in ("says", "hints", "unless", "unless_near", "subject")
        }
        yield Phrases(language, intent, **lists)


def _compile(raw: str, words: dict[str, str], path: Path) -> re.Pattern[str]:
    pattern = raw
    for _ in range(3):
        for name, value in words.items():
            pattern = pattern.replace(f"{{{name}}}", value)
    pattern = pattern.replace(" .. ", "\0").replace(" ", r"\s+").replace("\0", _GAP)
    try:
        return re.compile(rf"(?<!\w)(?:{pattern})", re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise ModelError(f"The phrase file {path} holds a broken pattern, {raw!r}: {error}.") from error
