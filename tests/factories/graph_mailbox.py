"""A Microsoft 365 mailbox for tests: the settings to open it, and what a source may remember of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from factories.graph_contract import GraphContract

from inbox_agent.bench.graph_box import Box
from inbox_agent.bench.graph_service import GraphService
from inbox_agent.mailbox.graph_settings import GraphSettings
from inbox_agent.mailbox.memory import Subscription


@contextmanager
def graph_service() -> Iterator[GraphService]:
    """A service that refuses requests which Microsoft's description does not know, and says so at the end."""
    with GraphService(watch=GraphContract()) as service:
        yield service
        assert service.complaints == []


@dataclass
class Tokens:
    """Numbers for tokens: each forced one is new."""

    current: int = 1
    forced: int = 0

    def token(self, force: bool = False) -> str:
        if force:
            self.current, self.forced = self.current + 1, self.forced + 1
        return f"token-{self.current}"

    def expires_at(self) -> datetime | None:
        return datetime(2027, 5, 1, tzinfo=UTC)


def settings_of(service: GraphService, box: Box, **fields: Any) -> GraphSettings:
    """Settings that lead to `box`, with small answers and short rests."""
    given = {
        "name": "debiteuren",
        "address": box.address,
        "tokens": Tokens(),
        "base_url": service.base_url,
        "max_bytes": 200_000,
        "timeout": 5.0,
        "look_every": 0.3,
        "page": 2,
    }
    return GraphSettings(**(given | fields))


@dataclass
class Recorded:
    """`Memory` in a dictionary: `kept` is the folder of each key."""

    kept: dict[str, str] = field(default_factory=dict)
    told_at: datetime | None = None
    asked_for: dict[str, Subscription] = field(default_factory=dict)

    def places(self, source_keys: Sequence[str]) -> Mapping[str, str]:
        return {key: self.kept[key] for key in source_keys if key in self.kept}

    def still_here(self, source_keys: Sequence[str]) -> Sequence[str]:
        return [key for key in source_keys if key in self.kept]

    def notified_at(self) -> datetime | None:
        return self.told_at

    def subscriptions(self) -> Sequence[Subscription]:
        return list(self.asked_for.values())

    def save_subscription(self, subscription: Subscription) -> None:
        self.asked_for[subscription.subscription_id] = subscription

    def forget_subscription(self, subscription_id: str) -> None:
        self.asked_for.pop(subscription_id, None)
