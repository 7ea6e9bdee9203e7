"""How right the facts of a mail are: its numbers, its new text and its acts, counted against the labels (guide, "Acts")."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

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
    """Of one mail: `text` (words of the new text), each kind of entity, `promise` (invoices and date), `act` (intent and
    invoices) and `whole_act` (amount, date and reason too). Acts are compared as multisets, whatever their order.
    """
    numbers: dict[EntityKind, list[str]] = {kind: [] for kind in EntityKind}
    for entity in extraction.entities:
        numbers[entity.kind].append(_plain(entity.evidence.text))
    found = {
        kind.value: _compared({_plain(number) for number in gold.entities.get(kind, ())}, set(numbers[kind]))
        for kind in EntityKind
    }
    return {
        "text": _compared(gold.reply_text.split(), text.reply_text.split()),
        **found,
        "promise": _acts(gold, extraction, _promised, {Intent.PROMISE_TO_PAY}),
        "act": _acts(gold, extraction, _about, set(Intent) - OPTIONAL),
        "whole_act": _acts(gold, extraction, _whole, set(Intent) - OPTIONAL),
    }


def same_text(gold: Gold, text: MailText) -> bool:
    """Whether the new text is exactly the labelled one, however its lines are broken."""
    return gold.reply_text.split() == text.reply_text.split()


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
