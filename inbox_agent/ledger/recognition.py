"""Which customer writes: a decision from what the ledger has on the mail's addresses and numbers. No database here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Clues:
    """What the ledger knows; customers are row ids.

    `by_address`: the mail's own addresses -> the customers that each writes for, in the order in which they count.
    `by_domain`: customers of all known contacts of the sender's domain; empty for a freemail domain.
    `by_invoice`, `by_number`: numbers in the mail -> the customers that own such an invoice, or bear that number.
    """

    by_address: Mapping[str, frozenset[int]] = field(default_factory=dict)
    by_domain: frozenset[int] = frozenset()
    by_invoice: Mapping[str, frozenset[int]] = field(default_factory=dict)
    by_number: Mapping[str, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The customer, None when unknown or not clear; `why` in plain words; `candidates` are who else it could be.

    `sender_known`: the address or its domain is the customer's, so that not a number alone led there.
    """

    customer_id: int | None
    why: str
    candidates: frozenset[int] = frozenset()
    sender_known: bool = True


def recognise(clues: Clues) -> Recognised:
    """Contact address, then invoice numbers, then the sender's domain.

    - A contact of one customer: that one. Invoice numbers of *another* customer in the mail make those candidates.
    - A contact of several: the one whose invoice, or else whose customer number, is named; otherwise all are candidates.
    - An unknown address: the owner of the named invoices, if one; of several, the one that the domain points to.
    - No number either: the one customer for which all known contacts of the domain write.

    A customer number alone tells nothing: short numbers stand in every mail.
    """
    owners = _union(clues.by_invoice)
    known = next((found for found in clues.by_address.values() if found), frozenset[int]())
    if len(known) == 1:
        return Recognised(next(iter(known)), "contact address", owners - known)
    group, why = (known, "contact address") if known else (clues.by_domain, "sender's domain")
    for numbers, words in ((clues.by_invoice, "invoice number"), (clues.by_number, "customer number")):
        named = _union(numbers) & group
        if len(named) == 1:
            customer_id = next(iter(named))
            return Recognised(customer_id, f"{words} {_number_of(numbers, customer_id)}", owners - named)
    if known:
        return Recognised(None, f"contact address of {len(known)} customers", known)
    if len(owners) == 1:
        customer_id = next(iter(owners))
        why = f"invoice number {_number_of(clues.by_invoice, customer_id)}"
        return Recognised(customer_id, why, group - owners, sender_known=False)
    if owners:
        return Recognised(None, f"invoice numbers of {len(owners)} customers", owners)
    if len(group) == 1:
        return Recognised(next(iter(group)), why)
    return Recognised(None, f"sender's domain of {len(group)} customers" if group else "", group)


@cache
def freemail_domains() -> frozenset[str]:
    """Domains that never tell the customer (`freemail.txt`)."""
    lines = (files("inbox_agent.ledger") / "freemail.txt").read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _union(found: Mapping[str, frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*found.values()) if found else frozenset()


def _number_of(found: Mapping[str, frozenset[int]], customer_id: int) -> str:
    return next(number for number, customers in found.items() if customer_id in customers)
