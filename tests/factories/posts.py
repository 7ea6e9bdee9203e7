"""A mailbox of each kind for the contract of sources: how mail gets in, moves, goes, is sent, and how a source opens it.

A new kind of source gets one function here and one line in the fixture `post`.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from factories.graph_mailbox import settings_of
from imapclient import IMAPClient

from inbox_agent.bench.graph_service import GraphService
from inbox_agent.bench.smtp_sink import SmtpSink
from inbox_agent.mailbox.folder import FolderSource
from inbox_agent.mailbox.graph import GraphSource
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.imap_connection import ImapSettings
from inbox_agent.mailbox.options import Scope
from inbox_agent.mailbox.source import MailSource

FOLDER, SECOND = "Debiteuren", "Crédit & Débiteuren"
MAX_BYTES = 200_000
_numbers = itertools.count(1)


@dataclass
class Post:
    """One mailbox under test. What a kind has not is None: `move` (to its second folder, by content) and `send`
    (a colleague sends from a mail program)."""

    open: Callable[[], MailSource]
    deliver: Callable[[bytes], None]
    delete: Callable[[bytes], None]
    outgoing: Callable[[], list[bytes]]
    move: Callable[[bytes], None] | None = None
    send: Callable[[bytes], None] | None = None
    opened: list[MailSource] = field(default_factory=list)

    def source(self) -> MailSource:
        """A fresh source; closed at the end."""
        made = self.open()
        self.opened.append(made)
        return made

    def close(self) -> None:
        for source in self.opened:
            source.close()


def folder_post(folder: Path) -> Post:
    folder.mkdir()

    def deliver(raw: bytes) -> None:
        path = folder / f"mail-{next(_numbers):05d}.part"
        path.write_bytes(raw)
        path.rename(path.with_suffix(".eml"))
        # Only a file that was left alone for a moment counts as written.
        time.sleep(0.2)

    def delete(raw: bytes) -> None:
        (path,) = [path for path in folder.glob("*.eml") if path.read_bytes() == raw]
        path.unlink()

    return Post(
        open=lambda: FolderSource(folder, MAX_BYTES),
        deliver=deliver,
        delete=delete,
        outgoing=lambda: [path.read_bytes() for path in (folder / "sent").glob("*.eml")],
    )


def imap_post(settings: ImapSettings, sink: SmtpSink) -> Post:
    """On folders that are there already: those of the scope, the second one for moving to, and the Sent folder."""
    first, second = settings.scope.folders
    sent = settings.sent_folder or "Sent"

    def uid(client: IMAPClient, raw: bytes) -> int:
        client.select_folder(first)
        (found,) = [uid for uid, one in client.fetch(client.search(), ["BODY.PEEK[]"]).items() if one[b"BODY[]"] == raw]
        return int(found)

    def delete(raw: bytes) -> None:
        with signed_in(settings) as client:
            client.delete_messages([uid(client, raw)])
            client.expunge()

    def move(raw: bytes) -> None:
        with signed_in(settings) as client:
            client.move([uid(client, raw)], second)

    return Post(
        open=lambda: ImapSource(settings),
        deliver=lambda raw: append(settings, raw, first),
        delete=delete,
        outgoing=lambda: [message.raw for message in sink.messages],
        move=move,
        send=lambda raw: append(settings, raw, sent),
    )


def graph_post(service: GraphService) -> Post:
    box = service.box()
    second = box.add_folder(SECOND)
    scope = Scope(folders=("Inbox", SECOND))
    settings = settings_of(service, box, max_bytes=MAX_BYTES, look_every=1.5, scope=scope)

    def deliver(raw: bytes) -> None:
        service.deliver(box, raw)

    def send(raw: bytes) -> None:
        box.deliver(raw, "sentitems")

    def delete(raw: bytes) -> None:
        (item,) = [item for item in box.items.values() if item.raw == raw]
        box.remove(item)

    def move(raw: bytes) -> None:
        (item,) = [item for item in box.items.values() if item.raw == raw]
        box.move(item, second)

    return Post(
        open=lambda: GraphSource(settings),
        deliver=deliver,
        delete=delete,
        outgoing=lambda: [item.raw for item in box.sent],
        move=move,
        send=send,
    )


def signed_in(settings: ImapSettings) -> IMAPClient:
    """Another mail program on the same account."""
    client = IMAPClient(settings.host, settings.port, ssl=False, timeout=20)
    client.plain_login(settings.user, settings.password)
    return client


def append(settings: ImapSettings, raw: bytes, folder: str = FOLDER) -> None:
    with signed_in(settings) as client:
        client.append(folder, raw)
