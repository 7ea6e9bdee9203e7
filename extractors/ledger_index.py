"""The numbers of one ledger, indexed once: which rows a stretch of text may mean, how surely, and by what variation."""

from dataclasses import dataclass

from inbox_agent.domain.ledger import Ledger


@dataclass(frozen=True, slots=True)
class LedgerIndex:
    """The index of a ledger; made once, asked for every mail."""

    ledger: Ledger
