"""A mailbox as Microsoft 365 keeps it: folders, messages, a log of changes for delta queries. What `graph_service.py` serves."""

import email
import email.policy
import itertools
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import Any

WELL_KNOWN = {
    "inbox": "Postvak IN",
    "sentitems": "Verzonden items",
    "drafts": "Concepten",
    "deleteditems": "Verwijderde items",
    "archive": "Archief",
}
KEY_PREFIX = "AAkALgAA"
"""How every id begins; anything else is malformed."""


@dataclass
class Item:
    """A message. `raw` are its bytes; `changed` names the properties that changed last."""

    item_id: str
    folder_id: str
    raw: bytes
    received_at: datetime
    is_draft: bool = False
    is_read: bool = False
    categories: list[str] = field(default_factory=list)
    message_id: str = ""
    conversation_id: str = ""
    subject: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    attachments: dict[str, bytes] = field(default_factory=dict)
    shown_after: int = 0


@dataclass(frozen=True)
class Change:
    """Something that happened in a folder: `kind` is created, updated or removed. `shown_at` counts delta queries."""

    item_id: str
    folder_id: str
    kind: str
    shown_at: int


@dataclass
class Fault:
    """What goes wrong with the next requests whose method and path (a part of it) match.

    `accepted`: the service does what was asked and then answers so. `cut`: the connection breaks in the middle of the answer.
    """

    method: str
    path: str
    status: int = 503
    code: str = "serviceNotAvailable"
    message: str = "Try again."
    retry_after: str = ""
    accepted: bool = False
    cut: bool = False
    times: int = 1


class Box:
    """One mailbox. Change its fields while it is served.

    `page` bounds every answer's entries. `delta_lag`: a change shows only after so many further delta queries. `sent_lag`: a
    sent mail shows only after so many further requests. `keeps_message_id`: a MIME draft keeps its Message-ID header.
    `renames_at_sending`: what leaves bears a Message-ID of the service.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.page = 50
        self.delta_lag = 0
        self.sent_lag = 0
        self.keeps_message_id = False
        self.newest_first = False
        self.renames_at_sending = False
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        self.sent: list[Item] = []
        self.items: dict[str, Item] = {}
        self.changes: list[Change] = []
        self.delta_calls = 0
        self.folders = {self._folder_id(key): (name, "") for key, name in WELL_KNOWN.items()}
        self._numbers = itertools.count(1)
        self._clock = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)

    def folder(self, name: str) -> str:
        """Id of a folder by well-known name or id; "" if there is none."""
        return self._folder_id(name.lower()) if name.lower() in WELL_KNOWN else name if name in self.folders else ""

    def add_folder(self, name: str, parent: str = "") -> str:
        """A new folder, its id."""
        folder_id = f"AAMk{next(self._numbers):04d}="
        self.folders[folder_id] = (name, self.folder(parent) if parent else "")
        return folder_id

    def deliver(self, raw: bytes, folder: str = "inbox", received_at: datetime | None = None, **fields: Any) -> Item:
        """A message arrives."""
        self._clock += timedelta(seconds=1)
        item = self._made(raw, self.folder(folder), received_at or self._clock)
        for name, value in fields.items():
            setattr(item, name, value)
        self._note(item, item.folder_id, "created")
        return item

    def draft(self, raw: bytes, answered: Item | None) -> Item:
        """A draft from MIME; in the conversation of the mail that it answers."""
        item = self._made(raw, self.folder("drafts"), self._clock)
        item.is_draft = True
        if not self.keeps_message_id:
            item.message_id = f"<{secrets.token_hex(8)}@EXAMPLE.prod.outlook.example>"
        if answered is not None:
            item.conversation_id = answered.conversation_id
        self._note(item, item.folder_id, "created")
        return item

    def send(self, item: Item) -> None:
        """A draft leaves, and lies among the sent mail under its immutable id."""
        if self.renames_at_sending:
            item.message_id = f"<{secrets.token_hex(8)}@EXAMPLE.prod.outlook.example>"
            item.raw = re.sub(rb"(?m)^Message-ID: .*?(?=\r?$)", b"Message-ID: " + item.message_id.encode(), item.raw)
        self.sent.append(item)
        item.is_draft = False
        item.shown_after = len(self.requests) + self.sent_lag if self.sent_lag else 0
        self.move(item, "sentitems")

    def move(self, item: Item, folder: str) -> None:
        """To another folder; its id stays."""
        before, item.folder_id = item.folder_id, self.folder(folder)
        self._note(item, before, "removed")
        self._note(item, item.folder_id, "created")

    def update(self, item: Item) -> None:
        """Says that something about it changed."""
        self._note(item, item.folder_id, "updated")

    def remove(self, item: Item) -> None:
        """Deletes it for good."""
        self.items.pop(item.item_id, None)
        self._note(item, item.folder_id, "removed")

    def shown(self, item_id: str) -> Item | None:
        """The message, unless it is on its way to the sent mail."""
        item = self.items.get(item_id)
        return item if item is not None and item.shown_after <= len(self.requests) else None

    def listed(self, folder_id: str = "") -> list[Item]:
        """What lies in a folder, or in all."""
        items = [one for one in self.items.values() if self.shown(one.item_id)]
        return [one for one in items if not folder_id or one.folder_id == folder_id]

    def seen_changes(self) -> int:
        """How many of the changes a delta query tells now."""
        hidden = (at for at, one in enumerate(self.changes) if one.shown_at > self.delta_calls)
        return next(hidden, len(self.changes))

    def _made(self, raw: bytes, folder_id: str, received_at: datetime) -> Item:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        item = Item(f"{KEY_PREFIX}{next(self._numbers):08d}=", folder_id, raw, received_at)
        item.message_id = " ".join(str(message.get("Message-ID", "")).split())
        item.subject = str(make_header(decode_header(str(message.get("Subject", "")))))
        item.to = [address for _, address in getaddresses([str(message.get("To", ""))]) if address]
        item.cc = [address for _, address in getaddresses([str(message.get("Cc", ""))]) if address]
        item.conversation_id = f"AAQk{item.item_id[-9:]}"
        self.items[item.item_id] = item
        return item

    def _note(self, item: Item, folder_id: str, kind: str) -> None:
        self.changes.append(Change(item.item_id, folder_id, kind, self.delta_calls + self.delta_lag))

    def _folder_id(self, well_known: str) -> str:
        return f"AAMk-{well_known}="
