"""How far two persons agree who labelled the same mails by the guide."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from inbox_agent.domain.guide import Gold, GoldAct
from inbox_agent.domain.taxonomy import DisputeReason, Intent


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `of` agree."""

    right: int
    of: int

    @property
    def value(self) -> float:
        """In 0..1; 0 when there was nothing to compare."""
        return self.right / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """Kappas are Cohen's, None where chance alone explains all (one value only). Shares count mails, or acts said by both."""

    mails: int
    intents: dict[Intent, tuple[float | None, int, int]]
    exact_set: Share
    jaccard: float
    reasons: Share
    tone: Share
    tone_kappa: float | None
    reply: Share
    reply_kappa: float | None
    acts: Share
    act_invoices: Share
    act_dates: Share
    act_amounts: Share


def compare(pairs: Sequence[tuple[Gold, Gold]]) -> Agreement:
    """Measures pairs of (first, second) labels of the same mails."""
    acts = [matched(first, second) for first, second in pairs]
    both = [pair for row in acts for pair in row]
    sets = [(frozenset(first.intents), frozenset(second.intents)) for first, second in pairs]
    disputes = [(_reasons(first), _reasons(second)) for first, second in pairs]
    disputed = [(first, second) for first, second in disputes if first and second]
    said = sum(max(len(first.acts), len(second.acts)) for first, second in pairs)
    return Agreement(
        mails=len(pairs),
        intents={intent: _of_intent(intent, sets) for intent in Intent},
        exact_set=_share([first == second for first, second in sets]),
        jaccard=sum(len(a & b) / len(a | b) for a, b in sets if a | b) / len(sets) if sets else 0.0,
        reasons=_share([first == second for first, second in disputed]),
        tone=_share([first.tone is second.tone for first, second in pairs]),
        tone_kappa=kappa([(first.tone, second.tone) for first, second in pairs]),
        reply=_share([first.requires_reply == second.requires_reply for first, second in pairs]),
        reply_kappa=kappa([(first.requires_reply, second.requires_reply) for first, second in pairs]),
        acts=Share(len(both), said),
        act_invoices=_share([set(one.invoices) == set(other.invoices) for one, other in both]),
        act_dates=_share([one.date == other.date for one, other in both if one.date or other.date]),
        act_amounts=_share([one.amount == other.amount for one, other in both if one.amount or other.amount]),
    )


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa of two raters, or None when neither ever varies and agreement is all chance."""
    if not pairs:
        return None
    total = len(pairs)
    seen = sum(first == second for first, second in pairs) / total
    ones, others = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    chance = sum(ones[value] * others[value] for value in ones) / total**2
    return None if chance == 1 else (seen - chance) / (1 - chance)


def matched(first: Gold, second: Gold) -> list[tuple[GoldAct, GoldAct]]:
    """Acts of the same intent that both persons set, the most alike paired first: by invoices, then date, reason, amount."""
    same = [
        (one, other)
        for one in range(len(first.acts))
        for other in range(len(second.acts))
        if first.acts[one].intent is second.acts[other].intent
    ]
    same.sort(key=lambda pair: _likeness(first.acts[pair[0]], second.acts[pair[1]]), reverse=True)
    ours: set[int] = set()
    theirs: set[int] = set()
    pairs = []
    for one, other in same:
        if one not in ours and other not in theirs:
            ours.add(one)
            theirs.add(other)
            pairs.append((first.acts[one], second.acts[other]))
    return pairs


def _likeness(act: GoldAct, other: GoldAct) -> tuple[float, int]:
    ours, theirs = set(act.invoices), set(other.invoices)
    shared = len(ours & theirs) / len(ours | theirs) if ours | theirs else 1.0
    return shared, (act.date == other.date) + (act.reason == other.reason) + (act.amount == other.amount)


def _of_intent(
    intent: Intent, sets: Sequence[tuple[frozenset[Intent], frozenset[Intent]]]
) -> tuple[float | None, int, int]:
    there = [(intent in first, intent in second) for first, second in sets]
    return kappa(there), sum(first for first, _ in there), sum(second for _, second in there)


def _reasons(gold: Gold) -> frozenset[DisputeReason]:
    return frozenset(act.reason for act in gold.acts if act.reason)


def _share(agreed: Sequence[bool]) -> Share:
    return Share(sum(agreed), len(agreed))
