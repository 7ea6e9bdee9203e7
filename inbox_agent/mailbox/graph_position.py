"""How far each folder of a Microsoft 365 mailbox was read: what a `Cursor` of `graph.py` holds."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Position:
    """Within one folder. `link` is the delta or next link whose answer is being taken; "" is the beginning.

    `done` are marks of what was dealt with of that answer. `since` is the start date in force (ISO, or ""): with another one
    the folder is read from its beginning, for the service tells each change only once.
    """

    link: str = ""
    done: tuple[str, ...] = ()
    since: str = ""

    def after(self, entry: str) -> "Position":
        """Past this one entry of the answer."""
        return Position(self.link, (*self.done, entry), self.since)


def mark(source_key: str, departed: bool = False) -> str:
    """A short name of one entry of an answer; that a message departed is another entry than that it came."""
    return hashlib.sha256(f"{'-' if departed else '+'}{source_key}".encode()).hexdigest()[:12]


def positions(cursor: str) -> dict[str, Position]:
    """By folder id; none for anything that is no cursor of ours."""
    try:
        found = json.loads(cursor)
        if found["v"] != _VERSION:
            return {}
        return {
            str(folder): Position(str(one["link"]), tuple(map(str, one["done"])), str(one["since"]))
            for folder, one in found["folders"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def as_cursor(by_folder: Mapping[str, Position]) -> str:
    """The positions as text."""
    folders = {
        folder: {"link": one.link, "done": list(one.done), "since": one.since} for folder, one in by_folder.items()
    }
    return json.dumps({"v": _VERSION, "folders": folders}, separators=(",", ":"))
