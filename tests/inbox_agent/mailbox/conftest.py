"""Mailboxes for tests: a folder and a real Dovecot, both with real SMTP where mail leaves."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from factories.graph_mailbox import graph_service, settings_of
from imapclient import IMAPClient

from inbox_agent.bench.dovecot import Dovecot, DovecotMissing
from inbox_agent.bench.graph_service import GraphService
from inbox_agent.bench.smtp_sink import SmtpSink
from inbox_agent.mailbox.folder import FolderSource
from inbox_agent.mailbox.graph import GraphSource
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.imap_connection import ImapSettings
from inbox_agent.mailbox.options import Scope
from inbox_agent.mailbox.security import Security
from inbox_agent.mailbox.source import MailSource

USER, PASSWORD = "debiteuren", "geheim-één"
FOLDER = "Debiteuren"
MAX_BYTES = 200_000
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mail() -> Callable[..., bytes]:
    """Writes a mail by its subject."""
    return a_mail


def a_mail(subject: str, size: int = 0) -> bytes:
    """A small mail, CRLF throughout, padded to about `size` bytes."""
    raw = f"From: klant@example.org\r\nMessage-ID: <{subject}@example.org>\r\nSubject: {subject}\r\n\r\nHallo\r\n".encode()
    return raw + (b"y" * 70 + b"\r\n") * max(0, (size - len(raw)) // 72)


@dataclass
class Post:
    """One mailbox under test: how mail gets in, and how a source on it is opened."""

    open: Callable[[], MailSource]
    deliver: Callable[[bytes], None]
    outgoing: Callable[[], list[bytes]]
    opened: list[MailSource] = field(default_factory=list)

    def source(self) -> MailSource:
        """A fresh source; closed at the end."""
        made = self.open()
        self.opened.append(made)
        return made

    def close(self) -> None:
        for source in self.opened:
            source.close()


@pytest.fixture(scope="session")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    users = {f"{USER}{number}": PASSWORD for number in range(200)}
    try:
        server = Dovecot.start(tmp_path_factory.mktemp("dovecot"), users, tls=True)
    except DovecotMissing as missing:
        pytest.skip(missing.sentence)
    with server:
        yield server


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink.start() as started:
        yield started


@pytest.fixture
def imap_settings(dovecot: Dovecot, sink: SmtpSink) -> ImapSettings:
    """An account of its own with an empty folder `Debiteuren`."""
    settings = ImapSettings(
        host=dovecot.host,
        port=dovecot.port,
        user=f"{USER}{next(_numbers)}",
        password=PASSWORD,
        password_from="env:DEBITEUREN_PASSWORD",
        security=Security.NONE,
        scope=Scope((FOLDER,)),
        mailbox="debiteuren",
        max_bytes=MAX_BYTES,
        timeout=20.0,
        smtp=sink.settings(),
    )
    with signed_in(settings) as client:
        client.create_folder(FOLDER)
    return settings


def signed_in(settings: ImapSettings) -> IMAPClient:
    """Another mail program on the same account."""
    client = IMAPClient(settings.host, settings.port, ssl=False, timeout=20)
    client.plain_login(settings.user, settings.password)
    return client


def append(settings: ImapSettings, raw: bytes) -> None:
    with signed_in(settings) as client:
        client.append(FOLDER, raw)


@pytest.fixture
def other(imap_settings: ImapSettings) -> Callable[[], IMAPClient]:
    """Opens another mail program on the account."""
    return lambda: signed_in(imap_settings)


@pytest.fixture(name="append")
def _append(imap_settings: ImapSettings) -> Callable[[bytes], None]:
    """Puts a mail into the folder as it is."""
    return lambda raw: append(imap_settings, raw)


@pytest.fixture
def dovecot_alone(tmp_path: Path, sink: SmtpSink, dovecot: Dovecot) -> Iterator[tuple[Dovecot, ImapSettings]]:
    """A server of the test's own, which it may stop, with one account; asks for `dovecot` to skip as that does."""
    with Dovecot.start(tmp_path, {"alone": PASSWORD}, tls=True) as server:
        yield (
            server,
            ImapSettings(
                host=server.host,
                port=server.port,
                user="alone",
                password=PASSWORD,
                security=Security.NONE,
                mailbox="debiteuren",
                smtp=sink.settings(),
                timeout=20.0,
            ),
        )


@pytest.fixture(scope="session")
def graph() -> Iterator[GraphService]:
    with graph_service() as service:
        yield service


@pytest.fixture(params=["folder", "imap", "graph"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    made = {"folder": lambda: _folder_post(tmp_path), "imap": lambda: _imap_post(request)}.get(
        request.param, lambda: _graph_post(request.getfixturevalue("graph"))
    )()
    yield made
    made.close()


def _folder_post(tmp_path: Path) -> Post:
    folder = tmp_path / "post"
    folder.mkdir()

    def deliver(raw: bytes) -> None:
        path = folder / f"mail-{next(_numbers):05d}.part"
        path.write_bytes(raw)
        path.rename(path.with_suffix(".eml"))
        # Only a file that was left alone for a moment counts as written.
        time.sleep(0.2)

    return Post(
        open=lambda: FolderSource(folder, MAX_BYTES),
        deliver=deliver,
        outgoing=lambda: [path.read_bytes() for path in (folder / "sent").glob("*.eml")],
    )


def _imap_post(request: pytest.FixtureRequest) -> Post:
    settings: ImapSettings = request.getfixturevalue("imap_settings")
    sink: SmtpSink = request.getfixturevalue("sink")
    return Post(
        open=lambda: ImapSource(settings),
        deliver=lambda raw: append(settings, raw),
        outgoing=lambda: [message.raw for message in sink.messages],
    )


def _graph_post(service: GraphService) -> Post:
    box = service.box()
    settings = settings_of(service, box, max_bytes=MAX_BYTES, look_every=1.5, scope=Scope(read_sent=False))
    return Post(
        open=lambda: GraphSource(settings),
        deliver=lambda raw: service.deliver(box, raw) and None,
        outgoing=lambda: [item.raw for item in box.sent],
    )
