"""How sure a set of intents is: the share of exact sets on the development corpus among readings of the same kind."""

from collections.abc import Collection

from inbox_agent.domain.taxonomy import Intent

_SHARES: dict[tuple[str, int], float] = {
    ("automatic", 1): 0.85,
    ("automatic", 2): 0.97,
    ("alone", 0): 0.25,
    ("alone", 1): 0.85,
    ("alone", 2): 0.95,
    ("one", 0): 0.2,
    ("one", 1): 0.5,
    ("one", 2): 0.6,
    ("several", 1): 0.5,
    ("several", 2): 0.75,
}
"""By kind of set and by the phrases under its weakest member (2: two or more). README.md says how this was measured."""

ONE_WORD = 0.5
"""The most confidence in a reading of a single word, which may mean anything."""


def kind(intents: Collection[Intent]) -> str:
    """The kind of a set, as the table names it."""
    if len(intents) > 1:
        return "several"
    only = next(iter(intents))
    if only in (Intent.OUT_OF_OFFICE, Intent.DELIVERY_FAILURE):
        return "automatic"
    return "alone" if only in (Intent.ACKNOWLEDGEMENT, Intent.UNRELATED) else "one"


def set_confidence(intents: Collection[Intent], phrases: int, words: int) -> float:
    """Confidence in 0..1 that exactly this set is right: `phrases` under its weakest member, `words` in the new text."""
    share = _SHARES.get((kind(intents), min(phrases, 2)), 0.2)
    return share if words > 1 else min(share, ONE_WORD)
