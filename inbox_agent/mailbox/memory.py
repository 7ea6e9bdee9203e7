"""What a mailbox may ask of the product's own tables, which this package may not import. Built in `bootstrap.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Subscription:
    """A change notification that the server was asked for. `resource` is what it watches.

    `client_state_hash` is the SHA-256 (hex) of the secret that every notification has to repeat.
    """

    subscription_id: str
    resource: str
    client_state_hash: str
    expires_at: datetime


class Memory(Protocol):
    """What is kept of one mailbox. Every method may raise `DatabaseError`."""

    def places(self, source_keys: Sequence[str]) -> Mapping[str, str]:
        """The folder of each of these that is kept and was not seen to depart; the others are left out."""
        ...

    def still_here(self, source_keys: Sequence[str]) -> Sequence[str]:
        """Those of these that lie in the mailbox as far as is known."""
        ...

    def notified_at(self) -> datetime | None:
        """When the server last said that something changed."""
        ...

    def subscriptions(self) -> Sequence[Subscription]:
        """The notifications that were asked for."""
        ...

    def save_subscription(self, subscription: Subscription) -> None:
        """Adds it, or changes when it ends."""
        ...

    def forget_subscription(self, subscription_id: str) -> None:
        """Takes it out, if it is there."""
        ...


class NoMemory:
    """`Memory` of a mailbox that is only looked at: nothing is known, nothing is kept."""

    def places(self, source_keys: Sequence[str]) -> Mapping[str, str]:
        """None of them."""
        return {}

    def still_here(self, source_keys: Sequence[str]) -> Sequence[str]:
        """All of them: nobody knows otherwise."""
        return source_keys

    def notified_at(self) -> datetime | None:
        """Never."""
        return None

    def subscriptions(self) -> Sequence[Subscription]:
        """None."""
        return ()

    def save_subscription(self, subscription: Subscription) -> None:
        """Keeps nothing."""

    def forget_subscription(self, subscription_id: str) -> None:
        """Knew nothing."""
