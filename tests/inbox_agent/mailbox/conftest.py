"""Mailboxes for tests: a folder, a real Dovecot and pymap, a service like Microsoft's; real SMTP where mail leaves."""

import dataclasses
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from factories.graph_mailbox import graph_service
from factories.posts import FOLDER, MAX_BYTES, SECOND, Post, append, folder_post, graph_post, imap_post, signed_in
from factories.pymap_server import PASSWORD as PYMAP_PASSWORD
from factories.pymap_server import USER as PYMAP_USER
from factories.pymap_server import Pymap, pymap
from imapclient import IMAPClient

from inbox_agent.bench.dovecot import Dovecot, DovecotMissing
from inbox_agent.bench.graph_service import GraphService
from inbox_agent.bench.smtp_sink import SmtpSink
from inbox_agent.mailbox.imap_connection import ImapSettings
from inbox_agent.mailbox.options import Scope
from inbox_agent.mailbox.security import Security

USER, PASSWORD = "debiteuren", "geheim-één"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mail() -> Callable[..., bytes]:
    """Writes a mail by its subject."""
    return a_mail


def a_mail(subject: str, size: int = 0) -> bytes:
    """A small mail, CRLF throughout, padded to about `size` bytes."""
    raw = f"From: klant@example.org\r\nMessage-ID: <{subject}@example.org>\r\nSubject: {subject}\r\n\r\nHallo\r\n".encode()
    return raw + (b"y" * 70 + b"\r\n") * max(0, (size - len(raw)) // 72)


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


@pytest.fixture
def stopped() -> Iterator[Callable[[float], threading.Event]]:
    """An event that sets itself after so many seconds, so that a wait that hears nothing still ends."""
    timers = []

    def after(seconds: float) -> threading.Event:
        event = threading.Event()
        timers.append(threading.Timer(seconds, event.set))
        timers[-1].start()
        return event

    yield after
    for timer in timers:
        timer.cancel()


@pytest.fixture(scope="session")
def graph() -> Iterator[GraphService]:
    with graph_service() as service:
        yield service


@pytest.fixture(scope="session")
def pymap_server() -> Iterator[Pymap]:
    with pymap() as server:
        yield server


@pytest.fixture
def pymap_settings(pymap_server: Pymap, sink: SmtpSink) -> ImapSettings:
    """Folders of the test's own on pymap's one account: two that are read, and one for sent mail."""
    number = next(_numbers)
    folders = (f"{FOLDER}-{number}", f"{SECOND}-{number}")
    settings = ImapSettings(
        host=pymap_server.host,
        port=pymap_server.port,
        user=PYMAP_USER,
        password=PYMAP_PASSWORD,
        security=Security.NONE,
        scope=Scope(folders),
        sent_folder=f"Verzonden-{number}",
        mailbox="debiteuren",
        max_bytes=MAX_BYTES,
        timeout=20.0,
        smtp=sink.settings(),
    )
    with signed_in(settings) as client:
        for folder in (*folders, settings.sent_folder):
            client.create_folder(folder)
    return settings


@pytest.fixture(params=["folder", "dovecot", "pymap", "graph"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    made = {
        "folder": lambda: folder_post(tmp_path / "post"),
        "dovecot": lambda: imap_post(
            _with_second(request.getfixturevalue("imap_settings")), request.getfixturevalue("sink")
        ),
        "pymap": lambda: imap_post(request.getfixturevalue("pymap_settings"), request.getfixturevalue("sink")),
        "graph": lambda: graph_post(request.getfixturevalue("graph")),
    }[request.param]()
    yield made
    made.close()


def _with_second(settings: ImapSettings) -> ImapSettings:
    with signed_in(settings) as client:
        client.create_folder(SECOND)
    return dataclasses.replace(settings, scope=Scope((FOLDER, SECOND)))
