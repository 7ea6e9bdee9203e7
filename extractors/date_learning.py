"""Learns from labelled mails which day is an act's, and writes `date_weights.json`.

A logistic regression per intent over all days that a mail names. Each act is taught at several places: its evidence as labelled,
its sentence, its unit, and a part of its evidence, since the classifier's places are rarely the labelled ones.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.act_dates import LIES_AHEAD, WEIGHTS, ActDates
from extractors.segments import said
from extractors.stated import Stated
from inbox_agent.domain.act import Evidence, InvoiceLink, LinkReason, Source
from inbox_agent.domain.guide import Gold
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.domain.text import MailText

_SEEN = 4
"""A cue is learnt when so many candidates have it."""

_STRENGTH = 0.5
"""scikit-learn's `C`."""

_LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Example:
    """A day that an act may have: its cues, and whether it is the act's."""

    intent: Intent
    cues: tuple[str, ...]
    right: bool
    weight: float = 1.0


def examples(
    tools: ActDates,
    stated: Stated,
    gold: Gold,
    sentences: Sequence[tuple[int, int]],
    units: Sequence[tuple[int, int]],
) -> Iterable[Example]:
    """The days that the acts of one labelled mail may have, seen from each place where the act may be found."""
    mail, text = stated.mail, stated.text
    acts = [(act, place) for act in gold.acts if (place := place_of(mail, text, act.evidence))]
    told = [(act.intent, place) for act, place in acts]
    for taken, spans in ((0, sentences), (1, sentences), (2, sentences), (1, units)):
        ways = [(intent, way_of(mail, place, taken, spans)) for intent, place in told]
        places = said(mail, list(dict.fromkeys(ways)), sentences)
        dates = tools.of(stated, places)
        for (act, _), (intent, evidence) in zip(acts, ways, strict=True):
            if intent not in LIES_AHEAD:
                continue
            links = [InvoiceLink(number, LinkReason.NUMBER) for number in act.invoices]
            for one in places:
                if one.intent is intent and one.evidence == evidence:
                    for candidate in dates.candidates(one, links):
                        yield Example(intent, candidate.cues, candidate.day == act.date, 1.0 if taken == 0 else 0.7)


def learn(mails: Iterable[Example]) -> dict[Intent, dict[str, float]]:
    """The weight of each cue for each intent; "any" is on every candidate and carries the threshold."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    found = list(mails)
    weights: dict[Intent, dict[str, float]] = {}
    for intent in LIES_AHEAD:
        own = [example for example in found if example.intent is intent]
        seen = Counter(cue for example in own for cue in example.cues)
        vectors = DictVectorizer()
        matrix = vectors.fit_transform([{cue: 1.0 for cue in one.cues if seen[cue] >= _SEEN} for one in own])
        model = LogisticRegression(C=_STRENGTH, max_iter=2000, fit_intercept=False)
        model.fit(matrix, np.array([one.right for one in own]), np.array([one.weight for one in own]))
        learnt = zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
        weights[intent] = {str(cue): round(float(weight), 2) for cue, weight in learnt if abs(weight) >= _LEAST}
    return weights


def write(weights: dict[Intent, dict[str, float]]) -> None:
    """Writes the weights where `ActDates` reads them."""
    WEIGHTS.write_text(json.dumps({intent.value: table for intent, table in weights.items()}, indent=1) + "\n", "utf-8")


def place_of(mail: Mail, text: MailText, words: str) -> Evidence | None:
    for part in text.new:
        if (at := mail.text.find(words, part.start, part.end)) >= 0:
            return Evidence(words, at, at + len(words))
    if (at := mail.subject.find(words)) >= 0:
        return Evidence(words, at, at + len(words), Source.SUBJECT)
    return None


def way_of(mail: Mail, place: Evidence, taken: int, sentences: Sequence[tuple[int, int]]) -> Evidence:
    """The labelled evidence, its whole sentence, or its first half."""
    if taken == 0 or place.source is not Source.BODY:
        return place
    start, end = place.start, place.end
    if taken == 1:
        start, end = next((span for span in sentences if span[0] <= place.start < span[1]), (start, end))
    else:
        words = place.text.split()
        half = " ".join(words[: max(2, len(words) // 2)])
        end = start + (len(half) if place.text.startswith(half) else len(place.text))
    return Evidence(mail.text[start:end], start, end)
