"""How sure a set of intents is: the share of exact sets on the development corpus among readings of the same kind."""

from collections.abc import Collection

from inbox_agent.domain.taxonomy import Intent

_SHARES: dict[tuple[str, int], float] = {
    ("automatic", 1): 0.8,
    ("automatic", 2): 0.95,
    ("alone", 0): 0.3,
    ("alone", 1): 0.5,
    ("alone", 2): 0.7,
    ("one", 0): 0.3,
    ("one", 1): 0.45,
    ("one", 2): 0.6,
    ("several", 1): 0.3,
    ("several", 2): 0.5,
}
"""By kind of set and by the phrases under its weakest member (2: two or more). README.md says how this was measured."""


def kind(intents: Collection[Intent]) -> str:
    """The kind of a set, as the table names it."""
    if len(intents) > 1:
        return "several"
    only = next(iter(intents))
    if only in (Intent.OUT_OF_OFFICE, Intent.DELIVERY_FAILURE):
        return "automatic"
    return "alone" if only in (Intent.ACKNOWLEDGEMENT, Intent.UNRELATED) else "one"


def set_confidence(intents: Collection[Intent], phrases: int) -> float:
    """Confidence in 0..1 that exactly this set is right, `phrases` being those under its weakest member."""
    return _SHARES.get((kind(intents), min(phrases, 2)), 0.3)
