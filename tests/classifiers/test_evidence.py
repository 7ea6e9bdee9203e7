"""From token scores to the words of a mail."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from classifiers import evidence
from classifiers.encoder import base
from classifiers.encoder.view import Section, views

TOKENIZER = Tokenizer.from_file(str(base.folder() / "tokenizer.json"))
TEXT = "Goedemorgen, factuur 25-0771 klopt niet. De rest wordt vrijdag betaald."


def _scores(view: object, words: str, height: float = 0.9) -> np.ndarray:
    start = TEXT.index(words)
    return np.array(
        [
            height if section is Section.TEXT and end > begin and begin < start + len(words) and end > start else 0.01
            for section, (begin, end) in zip(view.sections, view.offsets, strict=True)
        ]
    )


def test_the_words_with_high_scores_are_the_place() -> None:
    view = next(views(TOKENIZER, "Re: factuur", TEXT, ""))
    (place,) = evidence.places(view, _scores(view, "wordt vrijdag betaald"), TEXT)
    assert TEXT[place.start : place.end].rstrip(".") == "wordt vrijdag betaald"


def test_two_places_far_apart_are_two() -> None:
    view = next(views(TOKENIZER, "Re: factuur", TEXT, ""))
    both = np.maximum(_scores(view, "klopt niet"), _scores(view, "vrijdag"))
    found = [TEXT[place.start : place.end] for place in evidence.places(view, both, TEXT)]
    assert sorted(word.strip(".") for word in found) == ["klopt niet", "vrijdag"]


def test_the_subject_can_be_the_place() -> None:
    view = next(views(TOKENIZER, "Kopie factuur 7 graag", "", ""))
    place = evidence.places(view, np.full(len(view), 0.8), "")[0]
    assert place.section is Section.SUBJECT
    assert "Kopie factuur 7 graag"[place.start : place.end].startswith("Kopie")


@given(st.lists(st.text("ab \n\r.", max_size=12), max_size=6))
def test_joined_parts_lead_back_to_their_source(pieces: list[str]) -> None:
    source = "|".join(pieces)
    parts, at = [], 0
    for piece in pieces:
        parts.append((at, at + len(piece)))
        at += len(piece) + 1
    text, places = evidence.joined(source, parts)
    assert text == "\n".join(kept for piece in pieces if (kept := piece.strip("\r\n ")))
    for start in range(len(text)):
        if text[start] != "\n":
            ((begin, end),) = places.spans(start, start + 1)
            assert source[begin:end] == text[start]
