"""One cue: rows that something at a place leads to."""

from dataclasses import dataclass

from inbox_agent.domain.act import LinkReason


@dataclass(frozen=True, slots=True)
class Cue:
    """`rows` that the rule `name` leads to, and by which words."""

    name: str
    rows: int
    reason: LinkReason
    mention: str = ""
