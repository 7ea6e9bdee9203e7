"""What a reply rests on, as it was when a controller approved it, compared with how it is when the reply is to leave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """How an invoice stands: what is open (minor units) and whether somebody contests it."""

    open_minor: int
    disputed: bool


@dataclass(frozen=True, slots=True)
class Basis:
    """`items` are the invoices that the reply is about, by number; `contacts` those recipients (lower case) that the ledger
    names as contacts of the customer; `newest_mail_id` the last mail of the thread that there was to be read."""

    items: Mapping[str, ItemStanding] = field(default_factory=dict)
    contacts: frozenset[str] = frozenset()
    newest_mail_id: int = 0

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the reply."""
        items = {number: {"open": item.open_minor, "disputed": item.disputed} for number, item in self.items.items()}
        return {"items": items, "contacts": sorted(self.contacts), "newest_mail_id": self.newest_mail_id}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Basis":
        """What was kept; empty for a reply of an earlier release."""
        items = {number: ItemStanding(item["open"], item["disputed"]) for number, item in kept.get("items", {}).items()}
        return cls(items, frozenset(kept.get("contacts", ())), kept.get("newest_mail_id", 0))


def changed(before: Basis, now: Basis) -> str:
    """The first thing that is not as it was, as a sentence for the controller; "" when nothing is."""
    for number, item in before.items.items():
        found = _changed_item(number, item, now.items.get(number))
        if found:
            return f"{found} {_AGAIN}"
    gone = sorted(before.contacts - now.contacts)
    if gone:
        return f"The ledger no longer names {gone[0]} as a contact of this customer. {_AGAIN}"
    return ""


def _changed_item(number: str, item: ItemStanding, there: ItemStanding | None) -> str:
    if there is None:
        return f"Invoice {number} is no longer in this customer's ledger."
    if there.disputed and not item.disputed:
        return f"Invoice {number} was disputed after the reply was approved."
    if there.open_minor == 0 and item.open_minor != 0:
        return f"Invoice {number} was paid or settled after the reply was approved."
    if there.open_minor != item.open_minor:
        return f"The open amount of invoice {number} changed after the reply was approved."
    return ""


_AGAIN = "Read the reply again, then approve or dismiss."
