"""A mailbox of Microsoft 365 through Microsoft Graph.

The delta query of each folder is the truth; change notifications only make the next look come sooner. Keys are immutable ids
(https://learn.microsoft.com/graph/outlook-immutable-id): they stay when a message is moved within the mailbox.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Event
from typing import Any

from inbox_agent.domain.errors import MailboxError, MailboxUnreachable
from inbox_agent.mailbox import graph_folders, graph_message
from inbox_agent.mailbox.graph_client import GraphClient
from inbox_agent.mailbox.graph_failure import GraphRefusal
from inbox_agent.mailbox.graph_folders import Folder
from inbox_agent.mailbox.graph_message import FIELDS, Message
from inbox_agent.mailbox.graph_position import Position, as_cursor, mark, positions
from inbox_agent.mailbox.graph_reply import GraphReplies
from inbox_agent.mailbox.graph_settings import GraphSettings
from inbox_agent.mailbox.graph_subscriptions import Subscriptions, resource
from inbox_agent.mailbox.memory import Memory, NoMemory
from inbox_agent.mailbox.options import Marking
from inbox_agent.mailbox.source import Cursor, Departed, Fetched, Listed

CATEGORY = "Inbox Agent"
"""The category that a decided mail bears."""

_NOTICE = 0.25
_LOOK_AGAIN = 1.0
_LOOKS_AGAIN = 5
"""A notification may come before the message shows in the folder: so many looks, so many seconds apart, follow one."""
_LISTED_AT_ONCE = 500
_MOST_ANSWERS = 20_000
"""In one pass over one folder; a service that goes on and on is left for now, what it told is kept."""


class GraphSource:
    """`MailSource` over Microsoft Graph. For one thread at a time.

    Messages before the start date are dropped here, not by a filter of the service: with one, a delta query tells of the
    newest 5,000 messages only (https://learn.microsoft.com/graph/delta-query-messages) and the rest would never come.
    """

    def __init__(self, settings: GraphSettings, memory: Memory | None = None) -> None:
        self._settings = settings
        self._memory = memory or NoMemory()
        self._client = GraphClient(settings)
        self._replies = GraphReplies(self._client, settings)
        self._subscriptions = Subscriptions(self._client, settings, self._memory)
        self._folders: list[Folder] = []
        self._ahead: tuple[Cursor, dict[str, Position]] | None = None
        self._notified_at: datetime | None = None
        self._looks_again = 0

    def fetch_since(self, cursor: Cursor) -> Iterator[Fetched | Departed]:
        """Folder by folder, answer by answer; each answer oldest first. What is kept already is not fetched again."""
        self._notified_at = self._memory.notified_at()
        by_folder = dict(self._ahead[1]) if self._ahead and self._ahead[0] == cursor else positions(cursor)
        problem: MailboxError | None = None
        for folder in self._read_folders():
            try:
                for item in self._changes(folder, by_folder):
                    cursor = item.cursor
                    self._looks_again = 0
                    yield item
            except GraphRefusal as error:
                problem = problem or error
        if problem is not None:
            self._folders = []
            raise problem
        # Answers without anything new move no stored cursor; the next pass of this instance need not ask for them again.
        self._ahead = (cursor, by_folder)

    def list_since(self, day: date) -> Iterator[Listed]:
        """What lies in the folders, by listing them: independent of the delta queries that the worker goes by."""
        first = max(day, self._settings.scope.start_on or day)
        query = {
            "$filter": f"receivedDateTime ge {first.isoformat()}T00:00:00Z",
            "$select": FIELDS,
            "$top": str(_LISTED_AT_ONCE),
        }
        for folder in self._read_folders():
            address = self._client.user("mailFolders", folder.folder_id, "messages")
            for page in self._client.pages(address, query):
                for message in map(Message.of, page.get("value", [])):
                    if message is not None and not message.is_draft:
                        yield Listed(message.source_key, folder.path, message.received_at, message.message_id)

    def fetch_keys(self, source_keys: Sequence[str]) -> Iterator[Fetched]:
        """One by one; those that lie in none of the folders any more are left out."""
        by_id = {folder.folder_id: folder for folder in self._read_folders()}
        for key in source_keys:
            message = graph_message.ask(self._client, key) if key else None
            folder = by_id.get(message.folder_id) if message and not message.is_draft else None
            if message and folder and (fetched := self._fetched(message, folder)):
                yield fetched

    def wait(self, seconds: float, stop: Event) -> None:
        """Rests until a notification came or it is time to look again."""
        self._subscriptions.keep_up([resource(self._settings.address, one.folder_id) for one in self._read_folders()])
        rest = min(seconds, self._settings.look_every)
        if self._looks_again:
            self._looks_again -= 1
            rest = min(rest, _LOOK_AGAIN)
        if not self._settings.notify_url:
            stop.wait(rest)
            return
        deadline = time.monotonic() + rest
        while (left := deadline - time.monotonic()) > 0 and not stop.wait(min(left, _NOTICE)):
            if self._memory.notified_at() != self._notified_at:
                self._looks_again = _LOOKS_AGAIN
                return

    def put_reply(
        self, raw: bytes, message_id: str, sender: str, recipients: tuple[str, ...], answers: str = ""
    ) -> None:
        """A draft that answers the mail, then its sending: so it lies in the conversation and among the sent mail."""
        self._replies.put(raw, message_id, recipients, answers)

    def has_reply(self, message_id: str) -> bool:
        """Whether it lies anywhere in the mailbox as a mail that was sent."""
        return self._replies.find(message_id).sent

    def mark_handled(self, source_key: str) -> None:
        """Adds a category, or sets the mail to read; other categories stay."""
        marking = self._settings.scope.marking
        if not source_key or marking is Marking.NONE:
            return
        address = self._client.user("messages", source_key)
        try:
            if marking is Marking.READ:
                self._client.patch(address, {"isRead": True})
                return
            there = self._client.get(address, {"$select": "categories"}).get("categories") or []
            if CATEGORY not in there:
                self._client.patch(address, {"categories": [*there, CATEGORY]})
        except GraphRefusal:
            return  # gone, or without write permission: the product's own state counts

    def check(self) -> str:
        """Signs in and looks the folders up."""
        self._folders = []
        listed = "; ".join(f"{folder.path}: {folder.count} mails" for folder in self._read_folders())
        return f"Microsoft 365, {self._settings.address}. {listed}. Replies are sent from this mailbox."

    def sign_in_expires_at(self) -> datetime | None:
        """When the secret, certificate or delegated sign-in ends, where that is known."""
        return self._settings.tokens.expires_at()

    def close(self) -> None:
        """Ends the connections; the next call opens them again."""
        self._client.close()

    def _read_folders(self) -> list[Folder]:
        if not self._folders:
            scope = self._settings.scope
            self._folders = graph_folders.find(self._client, self._settings.name, scope.folders, scope.read_sent)
        return self._folders

    def _changes(self, folder: Folder, by_folder: dict[str, Position]) -> Iterator[Fetched | Departed]:
        """What changed in one folder since its position, which moves along."""
        since = self._settings.scope.start_on.isoformat() if self._settings.scope.start_on else ""
        position = by_folder.get(folder.folder_id, Position(since=since))
        if position.since != since or not (position.link == "" or self._client.leads_home(position.link)):
            position = Position(since=since)
        for _ in range(_MOST_ANSWERS):
            try:
                page = self._page(folder, position.link)
            except MailboxError as error:
                if not position.link or not graph_message.is_lost_position(error):
                    raise
                position = Position(since=since)
                continue
            following = page.get("@odata.nextLink") or page.get("@odata.deltaLink")
            done = set(position.done)
            entries = [raw for raw in page.get("value", []) if isinstance(raw, dict) and isinstance(raw.get("id"), str)]
            for item in self._items(folder, entries, done):
                position = position.after(mark(item.source_key, isinstance(item, Departed)))
                by_folder[folder.folder_id] = position
                yield replace(item, cursor=as_cursor(by_folder))
            if following is None:
                raise MailboxUnreachable(
                    f"Microsoft 365 says not how to go on in folder {folder.path} of mailbox {self._settings.name}. "
                    "It is tried again."
                )
            position = by_folder[folder.folder_id] = Position(self._client.checked(following), since=since)
            if "@odata.nextLink" not in page:
                return

    def _page(self, folder: Folder, link: str) -> dict[str, Any]:
        prefer = (f"odata.maxpagesize={self._settings.page}",)
        if link:
            return self._client.get(self._client.checked(link), prefer=prefer)
        address = self._client.user("mailFolders", folder.folder_id, "messages", "delta")
        return self._client.get(address, {"$select": FIELDS}, prefer)

    def _items(self, folder: Folder, entries: list[dict[str, Any]], done: set[str]) -> Iterator[Fetched | Departed]:
        """What of one answer concerns the caller; `cursor` is still to be set. New mail before what departed."""
        gone = [raw["id"] for raw in entries if "@removed" in raw and mark(raw["id"], True) not in done]
        gone = list(self._memory.still_here(gone))
        left = [raw for raw in entries if "@removed" not in raw and mark(raw["id"]) not in done]
        places = self._memory.places([raw["id"] for raw in left])
        new = [raw for raw in left if places.get(raw["id"]) != folder.path and raw.get("isDraft") is not True]
        messages = [one for raw in new if (one := Message.of(raw) or graph_message.ask(self._client, raw["id"]))]
        for message in sorted(messages, key=lambda one: one.received_at):
            if self._is_wanted(message) and (fetched := self._fetched(message, folder)) is not None:
                yield fetched
        read = {one.folder_id for one in self._folders}
        for key in gone:
            there = graph_message.ask(self._client, key)
            if there is None or there.folder_id not in read:
                yield Departed(key, "")

    def _is_wanted(self, message: Message) -> bool:
        start_on = self._settings.scope.start_on
        return not message.is_draft and (start_on is None or message.received_at.astimezone(UTC).date() >= start_on)

    def _fetched(self, message: Message, folder: Folder) -> Fetched | None:
        """With its bytes; None when it went away meanwhile."""
        found = graph_message.content(self._client, message.source_key, self._settings.max_bytes)
        if found is None:
            return None
        raw, problem = found
        return Fetched(
            source_key=message.source_key,
            raw=raw,
            received_at=message.received_at,
            cursor="",
            problem=problem,
            folder=folder.path,
            is_sent=folder.is_sent,
            conversation=message.conversation,
        )
