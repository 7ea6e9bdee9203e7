"""A proposed reply. Only a controller turns it into mail."""

from dataclasses import dataclass
from enum import StrEnum

from inbox_agent.domain.taxonomy import Language


class FactKind(StrEnum):
    """Where a fact in a draft comes from."""

    LEDGER = "ledger"
    MAIL = "mail"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, date, amount or name that the draft states, and what vouches for it ("invoice 20261234: open amount")."""

    value: str
    kind: FactKind
    origin: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as proposed. `body` is plain text without quoted history; `warnings` are what a person must look at first."""

    language: Language
    subject: str
    body: str
    facts: tuple[Fact, ...] = ()
    warnings: tuple[str, ...] = ()
