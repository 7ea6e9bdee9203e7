"""Choosing a set of intents: what the guide allows, and the likeliest of it."""

from hypothesis import given
from hypothesis import strategies as st

from classifiers.labels import INTENT_ORDER, LABEL_ORDER, choose, mapping
from inbox_agent.domain.taxonomy import INTENTS, Intent

HALF = dict.fromkeys(INTENT_ORDER, 0.5)


def _probability(**values: float) -> dict[Intent, float]:
    return {intent: values.get(intent.value, 0.02) for intent in INTENT_ORDER}


def test_several_said_intents_come_likeliest_first() -> None:
    chosen, _ = choose(_probability(dispute=0.8, promise_to_pay=0.9), HALF)
    assert chosen == (Intent.PROMISE_TO_PAY, Intent.DISPUTE)


def test_a_stand_alone_intent_is_alone() -> None:
    chosen, likelihood = choose(_probability(out_of_office=0.97, promise_to_pay=0.55), HALF)
    assert chosen == (Intent.OUT_OF_OFFICE,)
    assert 0 < likelihood < 0.55


def test_nothing_said_gives_the_likeliest() -> None:
    assert choose(_probability(other_query=0.3), HALF)[0] == (Intent.OTHER_QUERY,)


def test_a_threshold_moves_the_border() -> None:
    probability = _probability(dispute=0.9, other_query=0.4)
    assert choose(probability, HALF)[0] == (Intent.DISPUTE,)
    assert set(choose(probability, HALF | {Intent.OTHER_QUERY: 0.3})[0]) == {Intent.DISPUTE, Intent.OTHER_QUERY}


@given(st.lists(st.floats(0, 1), min_size=14, max_size=14), st.lists(st.floats(0.1, 0.9), min_size=14, max_size=14))
def test_every_set_is_one_that_a_mail_can_have(values: list[float], borders: list[float]) -> None:
    chosen, likelihood = choose(mapping(values), mapping(borders))
    assert chosen
    assert len(chosen) == 1 or not any(INTENTS[intent].stands_alone for intent in chosen)
    assert 0 <= likelihood <= 1


def test_the_order_of_labels_is_that_of_shipped_models() -> None:
    assert LABEL_ORDER[0] == Intent.DISPUTE.value
    assert len(LABEL_ORDER) == 23
