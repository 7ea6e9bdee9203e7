"""spaCy's blank pipelines: tokens and sentences per language. Nothing is downloaded; loading takes a moment, once."""

import re
from collections.abc import Iterator

import spacy
from spacy.language import Language as Pipeline

from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import Language

_PARAGRAPH = re.compile(r"\n[ \t\r]{0,200}\n|\n(?=[ \t]{0,20}(?:[-*•]|\d{1,2}[.)])\s)")
_RUN = re.compile(r"\S{60,}|[ \t]{60,}")
"""Runs that are no words (rules, base64): blanked before the tokenizer, whose time grows with their square."""

_OPEN_END = re.compile(
    r"(?:\b\d{1,2}\.|\b[A-Za-z]\.|\b(?:nr|no|nrs|inv|ref|fact|fac|rg|ca|incl|excl|jl|dd|bijv|mr|mevr|dhr|st|lt|ev|art|max)\.)\s*$",
    re.IGNORECASE,
)


class Sentences:
    """The sentence splitters of all languages, loaded when made. Raises `ModelError` when spaCy lacks one."""

    def __init__(self) -> None:
        self._pipelines = {language: _pipeline(language) for language in Language}

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
        calm = _RUN.sub(lambda match: "x" * len(match.group()), text[start:end])
        for sentence in self._pipelines[language](calm).sents:
            stop = start + sentence.end_char
            following = text[stop : stop + 3].lstrip()[:1]
            if stop < end and (_OPEN_END.search(text, max(held, stop - 8), stop) or following.islower()):
                continue
            yield held, stop
            held = stop
        if text[held:end].strip():
            yield held, end


def _pipeline(language: Language) -> Pipeline:
    try:
        pipeline = spacy.blank(language.value)
        pipeline.add_pipe("sentencizer")
    except (ImportError, ValueError) as error:
        raise ModelError(f"spaCy has no pipeline for {language.value}: {error}.") from error
    return pipeline
