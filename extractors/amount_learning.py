"""Learns from labelled mails which amount is an act's, and writes `amount_weights.json`.

One logistic regression over all amounts near the places of acts, taught at the labelled evidence, at its sentence and at a
part of it, as the days are (`date_learning.py`).
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.act_amounts import HAS_AMOUNT, WEIGHTS, ActAmounts
from extractors.date_learning import place_of, way_of
from extractors.segments import said
from extractors.stated import Stated
from inbox_agent.domain.act import InvoiceLink, LinkReason
from inbox_agent.domain.guide import Gold

_SEEN = 4
"""A cue is learnt when so many candidates have it."""

_STRENGTH = 0.4
"""scikit-learn's `C`."""

_LEAST = 0.03


@dataclass(frozen=True, slots=True)
class Example:
    """An amount that an act may have: its cues, and whether it is the act's."""

    cues: tuple[str, ...]
    right: bool
    weight: float = 1.0


def examples(tools: ActAmounts, stated: Stated, gold: Gold, sentences: Sequence[tuple[int, int]]) -> Iterable[Example]:
    """The amounts that the acts of one labelled mail may have, seen from each place where the act may be found."""
    mail, text = stated.mail, stated.text
    acts = [(act, place) for act in gold.acts if (place := place_of(mail, text, act.evidence))]
    for taken in range(3):
        ways = [(act.intent, way_of(mail, place, taken, sentences)) for act, place in acts]
        places = said(mail, list(dict.fromkeys(ways)), sentences)
        amounts = tools.of(stated, places)
        for (act, _), (intent, evidence) in zip(acts, ways, strict=True):
            links = [InvoiceLink(number, LinkReason.NUMBER) for number in act.invoices]
            for one in places if intent in HAS_AMOUNT else ():
                if one.intent is intent and one.evidence == evidence:
                    for candidate in amounts.candidates(one, links):
                        right = act.amount is not None and abs(candidate.amount.minor) == abs(act.amount.minor)
                        yield Example(candidate.cues, right, 1.0 if taken == 0 else 0.7)


def learn(found: Sequence[Example]) -> dict[str, float]:
    """The weight of each cue; "any" is on every candidate and carries the threshold."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    seen = Counter(cue for example in found for cue in example.cues)
    vectors = DictVectorizer()
    matrix = vectors.fit_transform([{cue: 1.0 for cue in one.cues if seen[cue] >= _SEEN} for one in found])
    model = LogisticRegression(C=_STRENGTH, max_iter=2000, fit_intercept=False)
    model.fit(matrix, np.array([one.right for one in found]), np.array([one.weight for one in found]))
    learnt = zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
    return {str(cue): round(float(weight), 2) for cue, weight in learnt if abs(weight) >= _LEAST}


def write(weights: dict[str, float]) -> None:
    """Writes the weights where `ActAmounts` reads them."""
    WEIGHTS.write_text(json.dumps(weights, indent=0, ensure_ascii=False) + "\n", "utf-8")
