"""How the matches of a regular expression can begin: an index for many patterns of which few can match at one place."""

import importlib
import string
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

_PARSER = importlib.import_module("re._parser")
"""The standard library's own parser of patterns; it has no public name."""

_LENGTH = 2
_ANY = frozenset(string.ascii_lowercase + string.digits + string.punctuation + " \n\v")


def heads(pattern: str) -> frozenset[str]:
    """All beginnings of two characters that a match can have in folded text. Raises `re.error` for no pattern."""
    found = _sequence(_PARSER.parse(pattern))
    return frozenset(
        head[:_LENGTH] if len(head) >= _LENGTH else head + char
        for head in found
        for char in (("",) if len(head) >= _LENGTH else ("", *_ANY))
    )


def _sequence(items: Iterable[tuple[Any, Any]]) -> set[str]:
    found = {""}
    for operation, value in items:
        if all(len(head) >= _LENGTH for head in found):
            break
        following = _item(str(operation), value)
        found = {head if len(head) >= _LENGTH else (head + more)[:_LENGTH] for head, more in product(found, following)}
    return found


def _item(operation: str, value: Any) -> set[str]:
    if operation == "LITERAL":
        return {chr(value)}
    if operation == "IN":
        return _class(value)
    if operation == "BRANCH":
        return set().union(*(_sequence(branch) for branch in value[1]))
    if operation == "SUBPATTERN":
        return _sequence(value[-1])
    if operation in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, repeated = value
        once = _sequence(repeated)
        twice = {(head + more)[:_LENGTH] for head, more in product(once, once)} if most > 1 else set()
        return (once if least < 2 else set()) | twice | ({""} if least == 0 else set())
    if operation in ("ASSERT", "ASSERT_NOT", "AT", "GROUPREF"):
        return {""}
    return set(_ANY)


def _class(parts: Sequence[tuple[Any, Any]]) -> set[str]:
    found: set[str] = set()
    for operation, value in parts:
        if str(operation) == "LITERAL":
            found.add(chr(value))
        elif str(operation) == "RANGE":
            found.update(chr(code) for code in range(value[0], min(value[1], 0x250) + 1))
        elif str(value) == "CATEGORY_DIGIT":
            found.update(string.digits)
        else:
            return set(_ANY)
    return found
