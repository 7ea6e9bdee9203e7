"""Figures of pairs, each worked out by hand; and what must hold for any pairs."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.evaluation import Labels, Pair, Reading, Scores, evaluate
from classifiers.evaluation.confusion import Confusion
from classifiers.evaluation.pairs import labels_of_gold, labels_of_sample, reading_of
from classifiers.evaluation.scores import Measure
from classifiers.sample import Sample
from inbox_agent.domain.act import Act, Evidence
from inbox_agent.domain.guide import Gold, GoldAct
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Language, Tone
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.domain.triage import Classification, Extraction, IntentScore

DISPUTE, PROMISE, COPY, THANKS = (
    Intent.DISPUTE,
    Intent.PROMISE_TO_PAY,
    Intent.INVOICE_COPY_REQUEST,
    Intent.ACKNOWLEDGEMENT,
)
PRICE, QUALITY, OTHER = DisputeReason.PRICE, DisputeReason.QUALITY, DisputeReason.OTHER


def pair(
    gold: set[Intent], read: set[Intent], confidence: float = 0.5, language: Language = Language.NL, **reading: object
) -> Pair:
    return Pair(Labels(language, frozenset(gold)), Reading(frozenset(read), confidence, **reading))  # type: ignore[arg-type]


def disputed(gold: tuple[DisputeReason, ...], read: set[DisputeReason] | None) -> Pair:
    reasons = None if read is None else frozenset(read)
    return Pair(Labels(Language.NL, frozenset({DISPUTE}), gold), Reading(frozenset({DISPUTE}), 0.5, reasons))


def test_intents_by_hand() -> None:
    """Dispute: read 2, right 1, there 2. Promise: read 1, right 1, there 2. Copy: read 1, never there. Thanks: 1 of 1."""
    scores = evaluate(
        [
            pair({DISPUTE, PROMISE}, {DISPUTE}),
            pair({DISPUTE}, {COPY}, language=Language.FR),
            pair({PROMISE}, {PROMISE, DISPUTE}),
            pair({THANKS}, {THANKS}),
        ]
    )
    dispute, promise = scores.whole.intents[DISPUTE], scores.whole.intents[PROMISE]
    assert (dispute.precision, dispute.recall, dispute.f1) == (0.5, 0.5, 0.5)
    assert (promise.precision, promise.recall, promise.f1) == (1.0, 0.5, pytest.approx(2 / 3))
    assert (scores.whole.intents[COPY].recall, scores.whole.intents[COPY].f1) == (None, 0.0)
    assert scores.whole.intents[Intent.UNRELATED].f1 is None
    assert scores.micro.value == pytest.approx(2 * 3 / (5 + 5))
    assert scores.macro.value == pytest.approx((0.5 + 2 / 3 + 1) / 3)
    assert scores.exact.value == 0.25
    assert scores.languages[Language.FR].exact == 0
    assert scores.languages[Language.NL].micro.support == 4
    assert set(scores.languages) == {Language.NL, Language.FR}


def test_dispute_reasons_by_hand() -> None:
    """Acts: 2 of 2 (one reason twice), 1 of 2, 0 of 1: 3 of 5. Sets: right, wrong, wrong, so 1 of 3."""
    scores = evaluate(
        [
            disputed((PRICE, PRICE), {PRICE}),
            disputed((PRICE, QUALITY), {PRICE, OTHER}),
            disputed((OTHER,), set()),
            disputed((), {PRICE}),
            pair({DISPUTE}, {PROMISE}, reasons=frozenset({PRICE})),
            pair({PROMISE}, {DISPUTE}, reasons=frozenset({PRICE})),
        ]
    )
    assert (scores.reason_acts.value, scores.reason_acts.count) == (0.6, 5)
    assert (scores.reason_mails.value, scores.reason_mails.count) == (pytest.approx(1 / 3), 3)


def test_what_a_reader_does_not_read_is_not_measured() -> None:
    scores = evaluate([disputed((PRICE,), None)])
    for measure in (scores.reason_acts, scores.reason_mails, scores.tone, scores.requires_reply, scores.reply_text):
        assert measure == Measure(None)


def test_tone_reply_and_text() -> None:
    labels = Labels(Language.EN, frozenset({PROMISE}), (), Tone.ANGRY, True, "We pay.")
    right = Reading(frozenset({PROMISE}), 1, None, Tone.ANGRY, True, "We pay.")
    wrong = Reading(frozenset({PROMISE}), 1, None, Tone.ANNOYED, True, "We pay")
    scores = evaluate([Pair(labels, right), Pair(labels, wrong)])
    assert (scores.tone.value, scores.requires_reply.value, scores.reply_text.value) == (0.5, 1.0, 0.5)


def test_confusions() -> None:
    scores = evaluate(
        [
            pair({DISPUTE, COPY}, {PROMISE}),
            pair({DISPUTE}, {PROMISE}),
            pair({DISPUTE, PROMISE}, {PROMISE}),
            pair({PROMISE}, {PROMISE, COPY}),
            pair({THANKS}, {THANKS}),
        ]
    )
    assert scores.confusions == (
        Confusion(DISPUTE, PROMISE, 2),
        Confusion(None, COPY, 1),
        Confusion(DISPUTE, None, 1),
        Confusion(COPY, PROMISE, 1),
    )


def test_the_worst_are_the_most_confident_wrong_sets() -> None:
    mails = [pair({DISPUTE}, {COPY}, 0.2), pair({DISPUTE}, {DISPUTE}, 1.0), pair({DISPUTE}, {COPY}, 0.9)]
    assert evaluate(mails).worst == (2, 0)
    assert len(evaluate(mails * 20).worst) == 20


def test_no_mails_and_no_intents() -> None:
    with pytest.raises(ValueError, match="no mails"):
        evaluate([])
    scores = evaluate([pair(set(), set())])
    assert (scores.micro, scores.macro.value, scores.exact.value) == (Measure(None, count=1), None, 1.0)


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_lies_between_0_and_1(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        Reading(frozenset({DISPUTE}), confidence)


def test_labels_and_readings_are_taken_from_records_samples_and_the_chain() -> None:
    acts = (GoldAct(DISPUTE, "x", reason=PRICE), GoldAct(DISPUTE, "y", reason=PRICE), GoldAct(PROMISE, "z"))
    gold = Gold((DISPUTE, PROMISE), acts, {}, "Te duur.", Tone.ANNOYED, True, Language.NL)
    intents = frozenset({DISPUTE, PROMISE})
    assert labels_of_gold(gold) == Labels(Language.NL, intents, (PRICE, PRICE), Tone.ANNOYED, True, "Te duur.")
    sample = Sample("a", Language.NL, "", "Te duur.", "", (), intents, frozenset({PRICE}), Tone.ANNOYED, True)
    assert labels_of_sample(sample) == Labels(Language.NL, intents, (PRICE,), Tone.ANNOYED, True, None)
    text = MailText("Te duur.\n--", (TextPart(PartKind.NEW, 0, 9), TextPart(PartKind.SIGNATURE, 9, 11)), Language.NL)
    classification = Classification((IntentScore(DISPUTE, 0.8),), Tone.NEUTRAL, True, 0.7, "v")
    extraction = Extraction((Act(DISPUTE, Evidence("Te duur", 0, 7), reason=QUALITY),), ())
    assert reading_of(text, classification, extraction) == Reading(
        frozenset({DISPUTE}), 0.7, frozenset({QUALITY}), Tone.NEUTRAL, True, "Te duur."
    )


def test_intervals_are_the_same_for_one_seed_and_hold_what_is_certain() -> None:
    mails = [pair({DISPUTE}, {DISPUTE}, 1.0)] * 30
    scores = evaluate(mails)
    for measure in (scores.micro, scores.macro, scores.exact, scores.coverage):
        assert (measure.value, measure.low, measure.high) == (1, 1, 1)
    assert (scores.ece.value, scores.ece.low, scores.ece.high) == (0, 0, 0)
    mails += [pair({PROMISE}, {DISPUTE}, 0.3)] * 20
    assert evaluate(mails) == evaluate(mails)
    exact = evaluate(mails).exact
    assert exact.low is not None
    assert exact.high is not None
    assert exact.low < 0.6 < exact.high
    assert 0.4 < exact.low < 0.52, "the binomial's 2.5th percentile is 0.46"
    assert evaluate(mails, resamples=0).exact == Measure(0.6, None, None, 50)


INTENTS = st.frozensets(st.sampled_from([DISPUTE, PROMISE, COPY, THANKS]), min_size=1, max_size=3)
REASONS = st.frozensets(st.sampled_from([PRICE, QUALITY, OTHER]))
PAIRS = st.lists(
    st.builds(
        Pair,
        st.builds(
            Labels,
            st.sampled_from(Language),
            INTENTS,
            REASONS.map(lambda reasons: tuple(sorted(reasons))),
            st.sampled_from(Tone),
        ),
        st.builds(Reading, INTENTS, st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.97, 1.0]), REASONS, st.sampled_from(Tone)),
    ),
    min_size=1,
    max_size=40,
)


def figures(scores: Scores) -> list[Measure]:
    return [
        scores.micro, scores.macro, scores.exact, scores.reason_acts, scores.reason_mails, scores.tone, scores.ece,
        scores.coverage,
    ]  # fmt: skip


@settings(deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_any_mails_in_any_order(pairs: list[Pair], chance: random.Random) -> None:
    scores = evaluate(pairs, resamples=20)
    shuffled = chance.sample(pairs, len(pairs))
    again = evaluate(shuffled, resamples=0)
    for measure, other in zip(figures(scores), figures(again), strict=True):
        assert (measure.value is None) == (other.value is None)
        if measure.value is None:
            continue
        assert measure.value == pytest.approx(other.value)
        assert 0 <= measure.value <= 1
        if measure.low is not None and measure.high is not None:
            assert 0 <= measure.low <= measure.high <= 1
    assert scores.confusions == again.confusions
    assert sum(group.mails for group in scores.languages.values()) == len(pairs)
    assert sum(score.support for score in scores.whole.intents.values()) == scores.whole.micro.support
    wrong = [place for place, one in enumerate(pairs) if not one.is_exact]
    assert set(scores.worst) <= set(wrong)
    assert len(scores.worst) == min(20, len(wrong))
    assert (scores.exact.value == 1) == (not scores.confusions)
