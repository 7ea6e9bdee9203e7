"""How right the facts of a mail are: its numbers, its new text and its acts, counted against the labels (guide, "Acts")."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from classifiers.evaluation.scores import RESAMPLES, Measure
from inbox_agent.domain.act import Act
from inbox_agent.domain.guide import Gold, GoldAct
from inbox_agent.domain.taxonomy import EntityKind, Intent
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Extraction

OPTIONAL = frozenset(
    {
        Intent.ACKNOWLEDGEMENT,
        Intent.OUT_OF_OFFICE,
        Intent.DELIVERY_FAILURE,
        Intent.UNRELATED,
        Intent.OTHER_QUERY,
    }
)
"""Intents whose acts are optional in the guide, and count for nothing here."""

FACTS: dict[str, str] = {
    "text": "words of the new text, F1",
    "text_exact": "new text, exact but for line breaks",
    "invoice_numbers": "invoice numbers, F1",
    "po_numbers": "PO numbers, F1",
    "credit_notes": "credit notes, F1",
    "ibans": "IBANs, F1",
    "promise": "promise: invoices and date, F1",
    "act": "act with its invoices, F1",
    "whole_act": "act with invoices, amount, date, reason, F1",
}
"""The figures, as the tables name them."""

_SEED = 3


@dataclass(frozen=True, slots=True)
class Count:
    """`right` of the `read` things that were read and of the `labelled` ones that were there."""

    right: int = 0
    read: int = 0
    labelled: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.right + other.right, self.read + other.read, self.labelled + other.labelled)

    @property
    def f1(self) -> float | None:
        """None where there was nothing to find and nothing was found."""
        total = self.read + self.labelled
        return 2 * self.right / total if total else None


def counts(gold: Gold, text: MailText, extraction: Extraction) -> dict[str, Count]:
    """What one mail counts for each of `FACTS`. Acts are compared as multisets, whatever their order."""
    numbers: dict[EntityKind, set[str]] = {kind: set() for kind in EntityKind}
    for entity in extraction.entities:
        numbers[entity.kind].add(_plain(entity.evidence.text))
    found = {
        kind.value: _compared({_plain(number) for number in gold.entities.get(kind, ())}, numbers[kind])
        for kind in EntityKind
    }
    wanted, read = gold.reply_text.split(), text.reply_text.split()
    return {
        "text": _compared(wanted, read),
        "text_exact": Count(int(wanted == read), 1, 1),
        **found,
        "promise": _acts(gold, extraction, _promised, {Intent.PROMISE_TO_PAY}),
        "act": _acts(gold, extraction, _about, set(Intent) - OPTIONAL),
        "whole_act": _acts(gold, extraction, _whole, set(Intent) - OPTIONAL),
    }


def figures(mails: Sequence[Mapping[str, Count]], resamples: int = RESAMPLES) -> dict[str, Measure]:
    """F1 of each of `FACTS` over mails, with 95 % intervals from resampled mails; `count` is how many were labelled."""
    random = np.random.default_rng(_SEED)
    weights = random.multinomial(len(mails), np.full(len(mails), 1 / max(1, len(mails))), resamples)
    return {name: _measure([mail[name] for mail in mails], weights) for name in FACTS}


def _measure(rows: Sequence[Count], weights: "np.typing.NDArray[np.int64]") -> Measure:
    total = sum(rows, Count())
    if total.f1 is None:
        return Measure(None)
    right = weights @ np.array([2 * row.right for row in rows])
    both = weights @ np.array([row.read + row.labelled for row in rows])
    drawn = right[both > 0] / both[both > 0]
    low, high = np.quantile(drawn, (0.025, 0.975)) if len(drawn) else (None, None)
    return Measure(total.f1, None if low is None else float(low), None if high is None else float(high), total.labelled)


def _acts(
    gold: Gold, extraction: Extraction, key: Callable[[Act | GoldAct], Hashable], intents: Iterable[Intent]
) -> Count:
    wanted = frozenset(intents)
    return _compared(
        [key(act) for act in gold.acts if act.intent in wanted],
        [key(act) for act in extraction.acts if act.intent in wanted],
    )


def _compared(labelled: Iterable[Hashable], read: Iterable[Hashable]) -> Count:
    there, seen = Counter(labelled), Counter(read)
    return Count((there & seen).total(), seen.total(), there.total())


def _promised(act: Act | GoldAct) -> Hashable:
    return _rows(act), act.date


def _about(act: Act | GoldAct) -> Hashable:
    return act.intent, _rows(act)


def _whole(act: Act | GoldAct) -> Hashable:
    return act.intent, _rows(act), act.amount, act.date, act.reason


def _rows(act: Act | GoldAct) -> frozenset[str]:
    if isinstance(act, GoldAct):
        return frozenset(act.invoices)
    return frozenset(link.number for link in act.invoices)


def _plain(number: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", number.upper())
