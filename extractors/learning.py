"""Learns the weights of cues from labelled mails, and writes them as data of the languages (`lang/<code>/cues.toml`).

A logistic regression per intent over the units of all mails, with few weights (L1). Needs scikit-learn, which only training has.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractors.cues import Weights, cues
from extractors.tables import FOLDER
from extractors.units import Unit
from inbox_agent.domain.guide import GoldAct
from inbox_agent.domain.taxonomy import Intent, Language
from inbox_agent.domain.text import MailText

_SEEN = 4
"""A cue is learnt when so many units have it."""

_SPARSE = 0.15
"""scikit-learn's `C`. 0.3 has half as many weights again and finds a point less on the dev split."""

_OWN = 3.0
"""A unit counts so many times in learning the intents of its own mail."""

_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Labelled:
    """The units of a mail's new text, and for each the intents whose evidence lies in it most."""

    text: MailText
    units: Sequence[Unit]
    says: Sequence[frozenset[Intent]]
    intents: frozenset[Intent]


def labelled(text: MailText, units: Sequence[Unit], acts: Sequence[GoldAct], intents: Sequence[Intent]) -> Labelled:
    """Each act's intent with the unit that holds most of its evidence; acts said elsewhere teach nothing."""
    says: list[set[Intent]] = [set() for _ in units]
    for act in acts:
        places = (text.source.find(act.evidence, part.start, part.end) for part in text.new)
        start = next((place for place in places if place >= 0), -1)
        if start < 0 or not act.evidence:
            continue
        end = start + len(act.evidence)
        shared = [min(end, unit.end) - max(start, unit.start) for unit in units]
        if max(shared, default=0) > 0:
            says[shared.index(max(shared))].add(act.intent)
    return Labelled(text, units, [frozenset(one) for one in says], frozenset(intents))


def learn(mails: Sequence[Labelled]) -> Weights:
    """The weight of each cue for each intent, where it has one."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    rows = [
        (cues(mail.text.source[unit.start : unit.end], index, len(mail.units)), mail.says[index], mail.intents)
        for mail in mails
        for index, unit in enumerate(mail.units)
    ]
    counter = CountVectorizer(analyzer=sorted, min_df=_SEEN, binary=True)
    matrix = counter.fit_transform([found for found, _, _ in rows])
    weights: dict[str, dict[Intent, float]] = defaultdict(dict)
    for intent in Intent:
        said = np.array([intent in says for _, says, _ in rows])
        if not said.any():
            continue
        often = np.array([_OWN if intent in intents else 1.0 for _, _, intents in rows])
        model = LogisticRegression(l1_ratio=1, C=_SPARSE, solver="liblinear", class_weight={False: 1, True: 2})
        learnt = model.fit(matrix, said, often).coef_[0]
        for cue, number in counter.vocabulary_.items():
            if abs(learnt[number]) >= _LEAST:
                weights[cue][intent] = float(learnt[number])
    return weights


def write(weights: Weights, mails: Sequence[Labelled], folder: Path = FOLDER) -> None:
    """One file a language; a cue stands with the language whose units have it most often for their number."""
    has: dict[Language, Counter[str]] = {language: Counter() for language in Language}
    units: Counter[Language] = Counter()
    for mail in mails:
        for index, unit in enumerate(mail.units):
            found = cues(mail.text.source[unit.start : unit.end], index, len(mail.units))
            has[mail.text.language].update(cue for cue in found if cue in weights)
            units[mail.text.language] += 1
    home = {
        cue: max(Language, key=lambda language: has[language][cue] / max(1, units[language])) for cue in sorted(weights)
    }
    for language in Language:
        lines = ["# Learnt from the training mails by `python -m inbox_agent.commands.cues`; not to be edited by hand."]
        for intent in Intent:
            own = [(weights[cue][intent], cue) for cue in home if home[cue] is language and intent in weights[cue]]
            lines += [f"{intent.value} = '''", *(f"{weight:.2f} {cue}" for weight, cue in sorted(own)[::-1]), "'''"]
        (folder / language.value / "cues.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
