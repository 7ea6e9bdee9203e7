"""spaCy's blank pipelines per language: sentences, and the mentions of a text by components of ours, in one pass.

Nothing is downloaded; loading takes a moment, once.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import spacy
from spacy.language import Language as Pipeline
from spacy.tokens import Doc
from spacy.util import registry

from extractors import accounts, amounts, document_numbers, number_words, other_numbers
from extractors.mentions import Mention, Page, ReadingOf
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import Language

PIPELINE = (
    accounts.NAME,
    document_numbers.SURE,
    other_numbers.NAME,
    amounts.NAME,
    number_words.NAME,
    document_numbers.OTHER,
)
"""The components that read mentions, in the order in which they claim text; each is in the module of its subject."""

_PARAGRAPH = re.compile(r"\n[ \t\r]{0,200}\n|\n(?=[ \t]{0,20}(?:[-*•]|\d{1,2}[.)])\s)")
_RUN = re.compile(r"\S{60,}")
"""Runs that are no words (rules, base64): blanked before the tokenizer, whose time grows with their square."""

_OPEN_END = re.compile(
    r"(?:\b\d{1,2}\.|\b[A-Za-z]\.|\b(?:nr|no|nrs|inv|ref|fact|fac|rg|ca|incl|excl|jl|dd|bijv|mr|mevr|dhr|st|lt|ev|art|max)\.)\s*$",
    re.IGNORECASE,
)


@registry.languages(Language.FR.value)
class French(Pipeline):  # type: ignore[no-untyped-call]
    """French without spaCy's list of hyphenated words: loading it takes seconds, and no sentence hangs on it."""

    lang = Language.FR.value


class Sentences:
    """The sentence splitters of all languages, loaded when made. Raises `ModelError` when spaCy lacks one."""

    def __init__(self) -> None:
        self._pipelines = {language: _pipeline(language, ("sentencizer",)) for language in Language}

    def split(self, text: str, start: int, end: int, language: Language) -> Iterator[tuple[int, int]]:
        """Offsets of the sentences of `text[start:end]`; blank lines and list items end a sentence too."""
        begin = start
        for match in _PARAGRAPH.finditer(text, start, end):
            yield from self._paragraph(text, begin, match.start(), language)
            begin = match.end()
        yield from self._paragraph(text, begin, end, language)

    def _paragraph(self, text: str, start: int, end: int, language: Language) -> Iterator[tuple[int, int]]:
        if not text[start:end].strip():
            return
        held = start
        calm = _calm(text[start:end])
        for sentence in self._pipelines[language](calm).sents:
            stop = start + sentence.end_char
            following = text[stop : stop + 3].lstrip()[:1]
            if stop < end and (_OPEN_END.search(text, max(held, stop - 8), stop) or following.islower()):
                continue
            yield held, stop
            held = stop
        if text[held:end].strip():
            yield held, end


class Mentions:
    """The readers of mentions of all languages, loaded when made. Raises `ModelError` when spaCy lacks one."""

    def __init__(self) -> None:
        self._pipelines = {language: _pipeline(language, PIPELINE) for language in Language}

    def read(self, text: str, start: int, end: int, language: Language, reading: ReadingOf) -> tuple[Mention, ...]:
        """What `text[start:end]` mentions, in the order of the text; offsets are those of `text`."""
        pipeline = self._pipelines[language]
        doc = Doc(pipeline.vocab)
        doc._.page = page = _page(text, start, end, language, reading)
        pipeline(doc)
        return tuple(mention.moved(start) for mention in sorted(page.mentions, key=lambda mention: mention.start))


def _page(text: str, start: int, end: int, language: Language, reading: ReadingOf) -> Page:
    """A page of `text[start:end]`. The numbers in it are those of the whole text, which others ask for too."""
    written = text[start:end]
    calm = _calm(written)
    if calm != written:
        return Page(calm, language, reading, tuple(reading.numbers.candidates(calm, 0, len(calm))))
    found = reading.numbers.candidates(text, start, end)
    inside = [one for one in found if start <= one.start and one.end <= end]
    return Page(
        calm, language, reading, tuple(replace(one, start=one.start - start, end=one.end - start) for one in inside)
    )


def _calm(text: str) -> str:
    return _RUN.sub(lambda match: "x" * len(match.group()), text)


def _pipeline(language: Language, components: tuple[str, ...]) -> Pipeline:
    try:
        pipeline = spacy.blank(language.value)
        for name in components:
            pipeline.add_pipe(name)
    except (ImportError, ValueError) as error:
        raise ModelError(f"spaCy has no pipeline for {language.value}: {error}.") from error
    return pipeline
