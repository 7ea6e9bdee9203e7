"""The form of one JSON line: which fields, of which type, with which shape (guide, "The record").

What a value means is checked elsewhere; a record that fails here may not be readable at all.
"""

import re
from collections.abc import Iterator
from typing import Any

from classifiers.validation.finding import Finding, error, warning
from inbox_agent.domain.taxonomy import EntityKind

_RECORD = {"id", "language", "received", "from", "to", "subject", "body", "attachments", "ledger", "gold"}
_GOLD = {"intents", "acts", "entities", "reply_text", "tone", "requires_reply"}
_ACT = {"intent", "reason", "invoices", "amount", "currency", "date", "evidence"}
_INVOICE = {"number", "date", "due", "amount", "open", "currency", "po"}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_AMOUNT = re.compile(r"\d+\.\d\d")
_SIGNED = re.compile(r"-?\d+\.\d\d")
_CURRENCY = re.compile(r"[A-Z]{3}")


def check(source: object, where: str) -> Iterator[Finding]:
    """What is wrong with the fields of one record."""
    if not isinstance(source, dict):
        yield error("fields", where, "The line is no JSON object.")
        return
    for name in ("id", "language", "received", "from", "to", "subject", "body"):
        if not isinstance(source.get(name), str):
            yield error("fields", where, f"Field '{name}' must be a string.")
    for name in sorted(source.keys() - _RECORD):
        yield warning("fields", where, f"Field '{name}' is not in the guide.")
    if not source.get("body") and not source.get("subject") and not source.get("attachments"):
        yield error("fields", where, "The mail is empty.")
    yield from _ledger(source.get("ledger"), where)
    gold = source.get("gold")
    if not isinstance(gold, dict):
        yield error("fields", where, "Field 'gold' must be an object.")
        return
    for name in sorted(_GOLD ^ gold.keys()):
        yield error("fields", where, f"Field 'gold.{name}' is {'not in the guide' if name in gold else 'missing'}.")
    for row in _objects(gold.get("acts")):
        yield from _act(row, where)
    yield from _entities(gold.get("entities"), where)
    labels = gold.get("intents")
    if isinstance(labels, list) and len(labels) != len(set(map(str, labels))):
        yield error("fields", where, "An intent is listed twice.")


def _ledger(ledger: object, where: str) -> Iterator[Finding]:
    if not isinstance(ledger, dict) or ledger.keys() != {"customer", "invoices"}:
        yield error("fields", where, "Field 'ledger' must be an object of 'customer' and 'invoices'.")
        return
    for row in _objects(ledger["invoices"]):
        for name in sorted((_INVOICE - {"po"}) - row.keys()):
            yield error("fields", where, f"A ledger row has no '{name}'.")
        for name in sorted(row.keys() - _INVOICE):
            yield error("fields", where, f"Field 'ledger.invoices.{name}' is not in the guide.")
        yield from _shapes(row, "A ledger row", {"date": _DATE, "due": _DATE, "currency": _CURRENCY}, where)
        yield from _shapes(row, "A ledger row", {"amount": _SIGNED, "open": _SIGNED}, where)


def _act(row: dict[str, Any], where: str) -> Iterator[Finding]:
    for name in sorted(row.keys() - _ACT):
        yield error("fields", where, f"Field 'acts.{name}' is not in the guide.")
    if not isinstance(row.get("invoices"), list):
        yield error("fields", where, "An act has no list 'invoices'; write an empty one.")
    if ("amount" in row) != ("currency" in row):
        yield error("fields", where, "An act has an amount without currency, or a currency without amount.")
    yield from _shapes(row, "An act", {"amount": _AMOUNT, "currency": _CURRENCY, "date": _DATE}, where)


def _entities(entities: object, where: str) -> Iterator[Finding]:
    kinds = {kind.value for kind in EntityKind}
    if not isinstance(entities, dict) or entities.keys() != kinds:
        yield error("fields", where, f"Field 'gold.entities' must hold exactly {', '.join(sorted(kinds))}.")


def _shapes(row: dict[str, Any], of: str, shapes: dict[str, re.Pattern[str]], where: str) -> Iterator[Finding]:
    for name, shape in shapes.items():
        if name in row and not (isinstance(row[name], str) and shape.fullmatch(row[name])):
            yield error("fields", where, f"{of} has {name} {row[name]!r}, which is not of the form {shape.pattern}.")


def _objects(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
