"""The labels in the order of the network's outputs, and choosing a set of intents from their probabilities."""

import math
from collections.abc import Collection, Iterable, Mapping

from inbox_agent.domain.mail import Automatic
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, Intent, Tone

INTENT_ORDER: tuple[Intent, ...] = tuple(Intent)
REASON_ORDER: tuple[DisputeReason, ...] = tuple(DisputeReason)
TONE_ORDER: tuple[Tone, ...] = tuple(Tone)

LABEL_ORDER: tuple[str, ...] = (*(intent.value for intent in INTENT_ORDER), *(reason.value for reason in REASON_ORDER))
"""Columns of the evidence and mail heads: intents, then dispute reasons ("other" of the reasons is the last)."""

STRONGEST = 4
"""Tokens whose mean score counts for a mail's label."""

REASON_FROM = 0.4
"""Probability from which a dispute reason counts as given; on dev it finds 4 points more than one half and is wrong no more often."""

LABEL_SET = {
    "intents": [intent.value for intent in INTENT_ORDER],
    "reasons": [reason.value for reason in REASON_ORDER],
    "tones": [tone.value for tone in TONE_ORDER],
}
"""What a model was trained on; a model with another one is refused."""

AUTOMATIC = {Automatic.OUT_OF_OFFICE: Intent.OUT_OF_OFFICE, Automatic.DELIVERY_FAILURE: Intent.DELIVERY_FAILURE}
"""What headers alone decide."""

_TINY = 1e-6


def choose(probability: Mapping[Intent, float], threshold: Mapping[Intent, float]) -> tuple[tuple[Intent, ...], float]:
    """The likeliest set that the guide allows, and its likelihood were intents independent.

    Either one stand-alone intent, or the others that reach their thresholds, at least the likeliest of them.
    """
    together = [intent for intent in INTENT_ORDER if not INTENTS[intent].stands_alone]
    said = [intent for intent in together if probability[intent] >= threshold[intent]]
    said = said or [max(together, key=lambda intent: probability[intent] - threshold[intent])]
    candidates = [[intent] for intent in INTENT_ORDER if INTENTS[intent].stands_alone] + [said]
    chosen = max(candidates, key=lambda intents: _likelihood(_shifted(probability, threshold), intents))
    ordered = sorted(chosen, key=lambda intent: -probability[intent])
    return tuple(ordered), math.exp(_likelihood(probability, chosen))


def _likelihood(probability: Mapping[Intent, float], chosen: Collection[Intent]) -> float:
    return sum(math.log(max(_TINY, value if intent in chosen else 1 - value)) for intent, value in probability.items())


def _shifted(probability: Mapping[Intent, float], threshold: Mapping[Intent, float]) -> dict[Intent, float]:
    """Probabilities moved so that each threshold becomes one half."""
    return {
        intent: value * (1 - threshold[intent]) / (value * (1 - threshold[intent]) + (1 - value) * threshold[intent])
        if 0 < value < 1
        else value
        for intent, value in probability.items()
    }


def mapping(values: Iterable[float]) -> dict[Intent, float]:
    """Intents to the values of the first columns."""
    return {intent: float(value) for intent, value in zip(INTENT_ORDER, values, strict=False)}


def columns(intents: Iterable[Intent], reasons: Iterable[DisputeReason]) -> list[int]:
    """The columns of these labels."""
    return [
        *(INTENT_ORDER.index(intent) for intent in intents),
        *(len(INTENT_ORDER) + REASON_ORDER.index(reason) for reason in reasons),
    ]
