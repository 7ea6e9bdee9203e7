"""Altered samples: words of an evidence stay its words, and labels change only with the sentences that carry them."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import augment, corpus, sample
from classifiers.sample import Sample, Span
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, Intent, Language, Tone

TEXT = "Beste,\n\nFactuur 250712 klopt niet, de prijs is 10% te hoog. De rest betalen we vrijdag. Groeten uit Assen."


def _span(words: str, intent: Intent, reason: DisputeReason | None = None) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words), intent, reason)


MIXED = Sample(
    "x/1",
    Language.NL,
    "Re: factuur 250712",
    TEXT,
    "Op 3 maart schreef u",
    (
        _span("de prijs is 10% te hoog", Intent.DISPUTE, DisputeReason.PRICE),
        _span("betalen we vrijdag", Intent.PROMISE_TO_PAY),
    ),
    frozenset({Intent.DISPUTE, Intent.PROMISE_TO_PAY}),
    frozenset({DisputeReason.PRICE}),
    Tone.NEUTRAL,
    True,
)


@given(st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 6), st.text(max_size=5)), max_size=8))
def test_edits_keep_the_text_outside_and_the_spans_inside(wanted: list[tuple[int, int, str]]) -> None:
    edits, at = [], 0
    for start, length, new in sorted(wanted):
        if start >= at and start + length <= len(TEXT):
            edits.append((start, start + length, new))
            at = start + max(length, 1)
    edited = augment.edited(MIXED, edits)
    expected = TEXT
    for start, end, new in reversed(edits):
        expected = expected[:start] + new + expected[end:]
    assert edited.text == expected
    assert all(span.start < span.end for span in edited.spans)


def test_a_span_moves_with_its_words() -> None:
    edited = augment.edited(MIXED, [(0, 8, "Hallo allemaal,\n")])
    assert [edited.text[span.start : span.end] for span in edited.spans] == [
        "de prijs is 10% te hoog",
        "betalen we vrijdag",
    ]


def test_taking_a_sentence_out_takes_its_intent_and_reason_out() -> None:
    seen = {frozenset(augment._without_one(MIXED, [MIXED], random.Random(seed)).intents) for seed in range(20)}
    assert seen == {frozenset({Intent.DISPUTE}), frozenset({Intent.PROMISE_TO_PAY})}
    for seed in range(20):
        less = augment._without_one(MIXED, [MIXED], random.Random(seed))
        assert ("vrijdag" in less.text) == (Intent.PROMISE_TO_PAY in less.intents)
        assert ("prijs" in less.text) == (DisputeReason.PRICE in less.reasons)


def test_a_borrowed_sentence_brings_its_intent() -> None:
    alone = replace(
        MIXED, text="Factuur 250712 is gezien.", spans=(), intents=frozenset({Intent.OTHER_QUERY}), reasons=frozenset()
    )
    wider = augment._borrowed(alone, [MIXED], random.Random(1))
    assert Intent.OTHER_QUERY in wider.intents
    assert wider.intents & {Intent.DISPUTE, Intent.PROMISE_TO_PAY}
    for span in wider.spans:
        assert wider.text[span.start : span.end] in TEXT


def test_the_same_number_stays_the_same_number() -> None:
    other = augment._numbers(MIXED, [], random.Random(5))
    number = other.text.split("Factuur ")[1].split()[0]
    assert number in other.subject
    assert number != "250712"


@pytest.mark.parametrize("seed", range(3))
def test_every_corpus_mail_survives_every_change(seed: int) -> None:
    rng = random.Random(seed)
    samples = [sample.of(record) for record in corpus.shipped()[seed::9]]
    for one in samples:
        varied = augment.varied(one, samples, rng)
        assert varied.intents
        assert len(varied.intents) == 1 or not any(INTENTS[intent].stands_alone for intent in varied.intents)
        assert {span.intent for span in varied.spans} <= varied.intents
        for span in varied.spans:
            assert 0 <= span.start < span.end <= len(varied.subject if span.in_subject else varied.text)
