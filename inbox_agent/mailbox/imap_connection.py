"""One connection to an IMAP server: made when needed, dropped after any failure, made again at the next call."""

import imaplib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from imapclient import IMAPClient, SocketTimeout

from inbox_agent.mailbox.failure import NETWORK, explain, folder_missing, is_refusal, no_encryption
from inbox_agent.mailbox.oauth import TokenSource
from inbox_agent.mailbox.security import Security, context, require_encryption
from inbox_agent.mailbox.server import Server
from inbox_agent.mailbox.sign_in_refusal import no_tokens
from inbox_agent.mailbox.smtp import SmtpSettings
from inbox_agent.mailbox.xoauth2 import initial_response, with_token

_SENT_NAMES = (
    "sent",
    "sent items",
    "sent messages",
    "verzonden items",
    "verzonden",
    "gesendete elemente",
    "gesendet",
    "éléments envoyés",
)
"""How servers and Outlook name the Sent folder when they do not flag it (RFC 6154), most usual first."""

_FRESH = 10.0
"""Seconds for which a connection is believed to stand without asking."""


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """An IMAP mailbox and the server that its replies go through. Times are seconds, `max_bytes` is per mail.

    With `tokens` the sign-in is XOAUTH2 and `password` is not used. `mailbox` is its name and `password_from` the reference to its password: both for sentences. `sent_folder` "" is
    found by itself. Raises `SettingsError` when it would send a password unencrypted.
    """

    host: str
    port: int
    user: str
    smtp: SmtpSettings
    password: str = field(default="", repr=False)
    tokens: TokenSource | None = field(default=None, repr=False)
    security: Security = Security.IMPLICIT
    folder: str = "INBOX"
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


@dataclass(frozen=True, slots=True)
class FolderState:
    """What the server says on opening a folder. `next_uid` is 0 when it does not say."""

    uid_validity: int
    next_uid: int
    count: int
    permanent_flags: tuple[bytes, ...]


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

        An answer "NO" is a failure too: who can live with one catches `imaplib.IMAP4.error` inside.
        """
        try:
            self._revive()
            if self._client is None:
                self._client = self._sign_in()
            yield self._client
            self._used_at = time.monotonic()
        except NETWORK as error:
            self.drop()
            raise explain(error, self.settings.server) from error
        except BaseException:
            # An answer may be half read: nothing that follows on this connection could be trusted.
            self.drop()
            raise

    def open(self, client: IMAPClient, folder: str, readonly: bool = True) -> FolderState:
        """Opens `folder` afresh; read-only leaves even \\Recent alone. Raises `MailboxFolderMissing`."""
        try:
            answer = client.select_folder(folder, readonly=readonly)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            there = [name for flags, _, name in client.list_folders() if b"\\Noselect" not in flags]
            if folder.upper() == "INBOX" or folder in there:
                raise
            raise folder_missing(folder, there, self.settings.server) from None
        self.selected = folder
        return FolderState(
            uid_validity=answer.get(b"UIDVALIDITY", 0),
            next_uid=answer.get(b"UIDNEXT", 0),
            count=answer[b"EXISTS"],
            permanent_flags=_flags(answer.get(b"PERMANENTFLAGS", ())),
        )

    def sent_folder(self, client: IMAPClient) -> str:
        """The configured Sent folder, else the one flagged \\Sent, else one with a usual name, else "".

        Raises `MailboxFolderMissing` when the configured one is not there.
        """
        folders = client.list_folders()
        there = [name for flags, _, name in folders if b"\\Noselect" not in flags]
        configured = self.settings.sent_folder
        if configured:
            if configured not in there:
                raise folder_missing(configured, there, self.settings.server)
            return configured
        for flags, _, name in folders:
            if b"\\Sent" in flags:
                return str(name)
        for usual in _SENT_NAMES:
            for _, separator, name in folders:
                plain = separator.decode("ascii", "replace") if separator else ""
                last = name.rsplit(plain, 1)[-1] if plain else name
                if last.lower() == usual and name in there:
                    return str(name)
        return ""

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


def _flags(listed: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """PERMANENTFLAGS without the parentheses that imapclient may leave on the outer ones."""
    return tuple(flag.strip(b"()") for flag in listed)


def _shut(client: IMAPClient) -> None:
    with suppress(*NETWORK):
        client.shutdown()
