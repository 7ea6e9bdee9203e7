"""One fault that a check found: how bad, by which rule, where, and what is wrong in words that say what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error breaks a rule of the guide; a warning is worth a look and may be right as it is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is a short name ("evidence", "near-duplicate"), `where` a record's id, a file with its line, or "corpus"."""

    severity: Severity
    rule: str
    where: str
    text: str


def error(rule: str, where: str, text: str) -> Finding:
    """A finding that fails the check."""
    return Finding(Severity.ERROR, rule, where, text)


def warning(rule: str, where: str, text: str) -> Finding:
    """A finding to look at."""
    return Finding(Severity.WARNING, rule, where, text)
