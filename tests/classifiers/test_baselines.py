"""Baselines learn from labelled mail and read the rest; the rule of stand-alone intents holds for them too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.baselines import Majority, TfIdf, chosen_of
from classifiers.evaluation import Reading
from classifiers.sample import Sample
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, Intent, Language, Tone

DISPUTE, PROMISE, THANKS = Intent.DISPUTE, Intent.PROMISE_TO_PAY, Intent.ACKNOWLEDGEMENT


def a_sample(text: str, *intents: Intent, tone: Tone = Tone.NEUTRAL) -> Sample:
    reasons = frozenset({DisputeReason.PRICE}) if DISPUTE in intents else frozenset()
    return Sample("x", Language.NL, "Factuur", text, "", (), frozenset(intents), reasons, tone, DISPUTE in intents)


TRAINING = [
    *[a_sample(f"Wij betalen factuur {number} vrijdag.", PROMISE) for number in range(8)],
    *[a_sample(f"Factuur {number} klopt niet, te duur.", DISPUTE, tone=Tone.ANNOYED) for number in range(6)],
    *[a_sample("Te duur, klopt niet. De rest betalen wij vrijdag.", DISPUTE, PROMISE) for _ in range(4)],
    *[a_sample("Dank u wel.", THANKS) for _ in range(4)],
]


def test_majority() -> None:
    assert (
        Majority().fit(TRAINING).read(TRAINING[:2])
        == [Reading(frozenset({PROMISE}), 8 / 22, frozenset({DisputeReason.PRICE}), Tone.NEUTRAL, False)] * 2
    )


def test_tf_idf_reads_what_it_learned() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn comes with the train extra")
    reader = TfIdf().fit(TRAINING)
    mails = [a_sample("Wij betalen vrijdag."), a_sample("Dit klopt niet, veel te duur."), a_sample("Dank u.")]
    assert [reading.intents for reading in reader.read(mails)] == [{PROMISE}, {DISPUTE}, {THANKS}]
    assert reader.probabilities(mails).shape == (3, len(Intent))
    assert reader.probabilities(mails)[0, list(Intent).index(Intent.UNRELATED)] == 0, "never seen in training"
    assert reader.read([]) == []


def test_nothing_to_learn_from() -> None:
    for reader in (Majority(), TfIdf()):
        with pytest.raises(ModelError, match="no training mail left"):
            reader.fit([])
    with pytest.raises(ModelError, match="call fit first"):
        TfIdf().read([a_sample("Dank.")])
    pytest.importorskip("sklearn", reason="scikit-learn comes with the train extra")
    with pytest.raises(ModelError, match="no words"):
        TfIdf().fit([Sample("x", Language.NL, "", "", "", (), frozenset({THANKS}), frozenset(), Tone.NEUTRAL, False)])


def chances(**known: float) -> list[float]:
    return [known.get(intent.value, 0.0) for intent in Intent]


def test_threshold_best_guess_and_standing_alone() -> None:
    assert chosen_of(chances(dispute=0.5, promise_to_pay=0.7)) == {DISPUTE, PROMISE}
    assert chosen_of(chances(dispute=0.2, promise_to_pay=0.1)) == {DISPUTE}
    assert chosen_of(chances(dispute=0.8, acknowledgement=0.9)) == {THANKS}
    assert chosen_of(chances(dispute=0.9, acknowledgement=0.8)) == {DISPUTE}


@given(st.lists(st.floats(0, 1), min_size=len(Intent), max_size=len(Intent)))
def test_any_probabilities_make_a_lawful_set(row: list[float]) -> None:
    chosen = chosen_of(row)
    assert chosen
    assert len(chosen) == 1 or not any(INTENTS[intent].stands_alone for intent in chosen)
    assert max(row) == max(row[list(Intent).index(intent)] for intent in chosen)
