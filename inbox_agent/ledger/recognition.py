"""Which customer writes: clues with weights, added up for each customer. No database here."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from inbox_agent.domain.recognition import Certainty, Clue, ClueKind

CLEAR, AHEAD, POSSIBLE = 40, 20, 15
"""Points that a customer needs, and by how many it must lead the next one, to be taken for the writer; and from how many
it is worth showing to a person."""


class _Group(StrEnum):
    """Clues of one group tell the same thing again, so the strongest counts; groups add up."""

    SENDER = "sender"
    PASSED_ON = "passed_on"
    INVOICES = "invoices"
    NUMBER = "number"
    VAT = "vat"
    IBAN = "iban"
    NAME = "name"


_WEIGHTS: dict[ClueKind, tuple[_Group, int]] = {
    ClueKind.REMEMBERED: (_Group.SENDER, 110),
    ClueKind.CONTACT: (_Group.SENDER, 80),
    ClueKind.BOUNCED: (_Group.SENDER, 80),
    ClueKind.FORWARDED: (_Group.SENDER, 80),
    ClueKind.REPLY_TO: (_Group.SENDER, 60),
    ClueKind.DOMAIN: (_Group.SENDER, 40),
    ClueKind.FORWARDED_DOMAIN: (_Group.SENDER, 40),
    ClueKind.PASSED_ON: (_Group.PASSED_ON, 30),
    ClueKind.INVOICE_NUMBER: (_Group.INVOICES, 50),
    ClueKind.CUSTOMER_NUMBER: (_Group.NUMBER, 45),
    ClueKind.BARE_NUMBER: (_Group.NUMBER, 20),
    ClueKind.VAT_NUMBER: (_Group.VAT, 50),
    ClueKind.IBAN: (_Group.IBAN, 50),
    ClueKind.NAME: (_Group.NAME, 25),
    ClueKind.SIMILAR_NAME: (_Group.NAME, 15),
}
_NEXT_INVOICE, _MOST_FOR_INVOICES = 10, 80
"""Points of each further invoice number, and of all of them together."""

_SENDER_KINDS = frozenset(kind for kind, (group, _) in _WEIGHTS.items() if group is _Group.SENDER)
_NAMING = frozenset({ClueKind.INVOICE_NUMBER, ClueKind.CUSTOMER_NUMBER, ClueKind.VAT_NUMBER, ClueKind.IBAN})
_NEVER_ALONE = frozenset({ClueKind.BARE_NUMBER, ClueKind.SIMILAR_NAME})


@dataclass(frozen=True, slots=True)
class Lead:
    """A clue with the customers (row ids) for whom it speaks."""

    clue: Clue
    customers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Score:
    """How much speaks for one customer, and what."""

    customer_id: int
    points: int
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who writes. `scores` are all customers that something speaks for, most points first.

    `customer_id` is None unless it is clear; `candidates` are who else it could be, in the order of the scores.
    `sender_known`: the address or its domain is the customer's, so that not a number alone led there.
    """

    customer_id: int | None
    certainty: Certainty
    scores: tuple[Score, ...] = ()
    candidates: tuple[int, ...] = ()
    sender_known: bool = True


def recognise(leads: Iterable[Lead], chosen: int | None = None) -> Recognised:
    """The customer who has enough points and a clear lead. `chosen`: a person said who it is, which settles that, and vouches
    for no sender.

    - A remembered sender steps back when the mail names numbers of others and none of that customer's.
    - A number without a word that announces it, and a similar name, count only beside something else.
    - Even when it is clear, customers whose numbers the mail names stay candidates unless the customer's own are named too:
      a contact of one customer who writes about another's invoice is worth a look.
    """
    told = _without_outdated(tuple(leads))
    scores = _scores(told)
    if chosen is not None:
        own = next((score for score in scores if score.customer_id == chosen), Score(chosen, 0, ()))
        first = Score(chosen, own.points, (Clue(ClueKind.CHOSEN), *own.clues))
        rest = tuple(score for score in scores if score.customer_id != chosen)
        return Recognised(chosen, Certainty.CLEAR, (first, *rest), sender_known=_knows_sender(own))
    if not scores or scores[0].points < POSSIBLE:
        return Recognised(None, Certainty.UNKNOWN, scores)
    best = scores[0]
    second = scores[1].points if len(scores) > 1 else 0
    if best.points >= CLEAR and best.points - second >= AHEAD:
        named = bool(_NAMING & {clue.kind for clue in best.clues})
        others = tuple(
            one.customer_id for one in scores[1:] if not named and _NAMING & {clue.kind for clue in one.clues}
        )
        return Recognised(best.customer_id, Certainty.CLEAR, scores, others, _knows_sender(best))
    near = tuple(one.customer_id for one in scores if one.points >= max(POSSIBLE, best.points - 2 * AHEAD))
    return Recognised(None, Certainty.AMBIGUOUS, scores, near)


def _knows_sender(score: Score) -> bool:
    return bool(_SENDER_KINDS & {clue.kind for clue in score.clues})


def _without_outdated(leads: tuple[Lead, ...]) -> tuple[Lead, ...]:
    named = frozenset[int]().union(*(lead.customers for lead in leads if lead.clue.kind in _NAMING))
    return tuple(
        lead for lead in leads if lead.clue.kind is not ClueKind.REMEMBERED or not named or named & lead.customers
    )


def _scores(leads: tuple[Lead, ...]) -> tuple[Score, ...]:
    clues: dict[int, dict[Clue, None]] = {}
    for lead in leads:
        for customer_id in lead.customers:
            clues.setdefault(customer_id, {})[lead.clue] = None
    found = (Score(customer_id, _points(tuple(its)), _sorted(its)) for customer_id, its in clues.items())
    return tuple(sorted((one for one in found if one.points), key=lambda one: (-one.points, one.customer_id)))


def _points(clues: tuple[Clue, ...]) -> int:
    if {clue.kind for clue in clues} <= _NEVER_ALONE:
        return 0
    strongest: dict[_Group, int] = {}
    invoices = {clue.value for clue in clues if clue.kind is ClueKind.INVOICE_NUMBER}
    for clue in clues:
        group, weight = _WEIGHTS[clue.kind]
        strongest[group] = max(strongest.get(group, 0), weight)
    if invoices:
        more = strongest[_Group.INVOICES] + _NEXT_INVOICE * (len(invoices) - 1)
        strongest[_Group.INVOICES] = min(more, _MOST_FOR_INVOICES)
    return sum(strongest.values())


def _sorted(clues: Iterable[Clue]) -> tuple[Clue, ...]:
    return tuple(sorted(clues, key=lambda clue: -_WEIGHTS[clue.kind][1]))
