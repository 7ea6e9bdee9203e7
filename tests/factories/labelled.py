"""Labelled mail: guide records as they stand in a file, and as read."""

import json
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from classifiers import corpus
from classifiers.corpus import Record

_numbers = count(1)


def a_line(
    body: str = "De factuur wordt vrijdag betaald.", intents: Sequence[str] = (), **changes: Any
) -> dict[str, Any]:
    """A guide record of a mail with that body, without acts; a promise to pay unless intents are given.

    Keys of `changes` that the guide has under `gold` go there.
    """
    number = next(_numbers)
    gold = {
        "intents": list(intents) or ["promise_to_pay"],
        "acts": [],
        "entities": {},
        "reply_text": body,
        "tone": "neutral",
        "requires_reply": False,
    }
    line = {
        "id": f"mail-{number}",
        "language": "nl",
        "received": "2026-11-16T11:31+01:00",
        "from": "Jan de Boer <jan@boer.example>",
        "to": "debiteuren@halvermaan.example",
        "subject": f"Factuur {number}",
        "body": body,
        "ledger": {"customer": {"name": "Boer BV", "number": "1001"}, "invoices": []},
    }
    gold.update({key: value for key, value in changes.items() if key in gold})
    line.update({key: value for key, value in changes.items() if key not in gold})
    return {**line, "gold": gold}


def a_file(path: Path, lines: Iterable[dict[str, Any]]) -> Path:
    """The lines in a JSONL file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def records(path: Path, lines: Iterable[dict[str, Any]]) -> list[Record]:
    """The lines, written to that file and read again."""
    return list(corpus.read([a_file(path, lines)]))
