"""One connection to an IMAP server: made when needed, dropped after any failure, made again at the next call."""

import imaplib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from imapclient import IMAPClient, SocketTimeout

from inbox_agent.domain.errors import MailboxFolderMissing, MailboxFolderRefused
from inbox_agent.mailbox.failure import NETWORK, explain, is_refusal, no_encryption
from inbox_agent.mailbox.oauth import TokenSource
from inbox_agent.mailbox.options import Scope
from inbox_agent.mailbox.security import Security, context, require_encryption
from inbox_agent.mailbox.server import Server
from inbox_agent.mailbox.sign_in_refusal import no_tokens
from inbox_agent.mailbox.smtp import SmtpSettings
from inbox_agent.mailbox.xoauth2 import initial_response, with_token

_FRESH = 10.0
"""Seconds for which a connection is believed to stand without asking."""


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """An IMAP mailbox and the server that its replies go through. Times are seconds, `max_bytes` is per mail.

    With `tokens` the sign-in is XOAUTH2 and `password` is not used. `mailbox` is its name and `password_from` the reference
    to its password: both for sentences. Without folders in `scope` INBOX is read; `sent_folder` "" is found by itself. Raises `SettingsError` when it would send a password unencrypted.
    """

    host: str
    port: int
    user: str
    smtp: SmtpSettings
    password: str = field(default="", repr=False)
    tokens: TokenSource | None = field(default=None, repr=False)
    security: Security = Security.IMPLICIT
    scope: Scope = field(default_factory=Scope)
    sent_folder: str = ""
    mailbox: str = ""
    password_from: str = ""
    ca_file: Path | None = None
    max_bytes: int = 60 * 1024 * 1024
    connect_timeout: float = 15.0
    timeout: float = 60.0

    def __post_init__(self) -> None:
        require_encryption(self.security, self.host)

    @property
    def server(self) -> Server:
        """For sentences."""
        tokens = self.tokens is not None
        return Server("mail server", self.host, self.port, self.mailbox, self.user, self.password_from, tokens)


class ImapConnection:
    """Holds at most one signed-in client; `selected` is the folder open on it. For one thread at a time."""

    def __init__(self, settings: ImapSettings) -> None:
        self.settings = settings
        self.selected = ""
        self._client: IMAPClient | None = None
        self._used_at = 0.0

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """The signed-in client. Whatever fails inside leaves as a `MailboxError`, and the connection is dropped.

        An answer "NO" is a failure too: who can live with one catches `imaplib.IMAP4.error` inside. What concerns one folder
        only (`MailboxFolderMissing`, `MailboxFolderRefused`) leaves the connection as it is.
        """
        try:
            self._revive()
            if self._client is None:
                self._client = self._sign_in()
                _enable(self._client)
            yield self._client
            self._used_at = time.monotonic()
        except (MailboxFolderMissing, MailboxFolderRefused):
            raise
        except NETWORK as error:
            self.drop()
            raise explain(error, self.settings.server) from error
        except BaseException:
            # An answer may be half read: nothing that follows on this connection could be trusted.
            self.drop()
            raise

    def drop(self) -> None:
        """Ends the connection without a word."""
        client, self._client, self.selected = self._client, None, ""
        if client is not None:
            _shut(client)

    def close(self) -> None:
        """Says goodbye and ends the connection."""
        if self._client is not None:
            with suppress(*NETWORK):
                self._client.logout()
        self.drop()

    def _revive(self) -> None:
        """A connection left alone for a while may have been closed by the server: that is no failure, it is made again."""
        if self._client is not None and time.monotonic() - self._used_at > _FRESH:
            try:
                self._client.noop()
            except NETWORK:
                self.drop()

    def _sign_in(self) -> IMAPClient:
        settings = self.settings
        tls = context(settings.ca_file)
        client = IMAPClient(
            settings.host,
            settings.port,
            ssl=settings.security is Security.IMPLICIT,
            ssl_context=tls,
            timeout=SocketTimeout(settings.connect_timeout, settings.timeout),
        )
        try:
            # imapclient has imaplib format every answer for a debug log: a mail of 25 MB would cost 100 MB.
            client._imap.debug = 0
            client.normalise_times = False
            if settings.security is Security.STARTTLS:
                if not client.has_capability("STARTTLS"):
                    raise no_encryption(settings.server)
                client.starttls(tls)
            if settings.tokens is not None:
                _sign_in_with_token(client, settings, settings.tokens)
            elif client.has_capability("LOGINDISABLED") or not (settings.user + settings.password).isascii():
                client.plain_login(settings.user, settings.password)
            else:
                client.login(settings.user, settings.password)
        except BaseException:
            _shut(client)
            raise
        return client


def _sign_in_with_token(client: IMAPClient, settings: ImapSettings, tokens: TokenSource) -> None:
    """Without SASL-IR (RFC 4959): imaplib remembers its last commands, and would remember the token with them."""
    if not client.has_capability("AUTH=XOAUTH2"):
        raise no_tokens(settings.server)

    def attempt(token: str) -> None:
        words = iter([initial_response(settings.user, token)])
        client.sasl_login("XOAUTH2", lambda challenge: next(words, b""))

    with_token(tokens, attempt, is_refusal)


def _enable(client: IMAPClient) -> None:
    """Asks to be told what vanished (RFC 7162, 3.2.3): once, before any folder is opened. It works without, too."""
    if client.has_capability("QRESYNC") and client.has_capability("ENABLE"):
        try:
            client.enable("QRESYNC")
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            log.debug("not_enabled", reason=str(error))


def _shut(client: IMAPClient) -> None:
    with suppress(*NETWORK):
        client.shutdown()
    # Where the connection broke while something was sent, that raised before it closed anything.
    with suppress(*NETWORK):
        client.socket().close()
