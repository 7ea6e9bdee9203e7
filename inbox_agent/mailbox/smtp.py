"""Sending one reply by SMTP, knowing at each step whether it can have left.

`smtplib.sendmail` hides that, so the commands are given one by one. RFC 5321 (3.3, 4.2.5): until the line with the
single dot is sent the server has nothing; once its 250 is read it is responsible; between the two nobody knows.
"""

import base64
import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from inbox_agent.domain.errors import MailboxError, ReplyRefused, ReplyUncertain
from inbox_agent.mailbox.failure import NETWORK, explain, is_refusal, no_encryption
from inbox_agent.mailbox.oauth import TokenSource
from inbox_agent.mailbox.security import Security, context, require_encryption
from inbox_agent.mailbox.server import Server
from inbox_agent.mailbox.sign_in_refusal import no_tokens
from inbox_agent.mailbox.xoauth2 import initial_response, with_token

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")
_SEND_AS = re.compile(r"SendAsDenied|permissions to send as this sender", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """An outgoing mail server. Times are seconds.

    `acceptance_timeout` is how long its verdict may take once the reply was handed over (RFC 5321, 4.5.3.2.6, asks for
    ten minutes: giving up early makes a reply *uncertain*). No `user`, no sign-in; with `tokens` it is XOAUTH2. `mailbox` and `password_from` are for
    sentences. Raises `SettingsError` when it would send a password unencrypted.
    """

    host: str
    port: int
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    tokens: TokenSource | None = field(default=None, repr=False)
    mailbox: str = ""
    password_from: str = ""
    ca_file: Path | None = None
    timeout: float = 30.0
    acceptance_timeout: float = 600.0

    def __post_init__(self) -> None:
        require_encryption(self.security, self.host)

    @property
    def server(self) -> Server:
        """For sentences."""
        tokens = self.tokens is not None
        return Server("outgoing mail server", self.host, self.port, self.mailbox, self.user, self.password_from, tokens)


def send(settings: SmtpSettings, raw: bytes, sender: str, recipients: tuple[str, ...]) -> None:
    """Hands `raw` over for all of `recipients`, or for none of them.

    Raises `ReplyRefused` when it certainly did not leave, `ReplyUncertain` when the connection broke, or nothing was
    heard, after the whole reply was handed over.
    """
    if not recipients:
        raise ReplyRefused("The reply has no recipient. Add one and approve it again.")
    try:
        with _session(settings) as connection:
            _envelope(connection, settings, raw, sender, recipients)
            _content(connection, settings, raw, sender)
    except (ReplyRefused, ReplyUncertain):
        raise
    except MailboxError as error:
        raise ReplyRefused(f"{error.sentence} The reply was not sent.") from error
    except (*NETWORK, ValueError) as error:
        # Only up to the last byte before the final dot: `_content` turns what comes later into `ReplyUncertain`.
        cause = (
            explain(error, settings.server).sentence if isinstance(error, NETWORK) else f"It cannot be sent ({error})."
        )
        raise ReplyRefused(f"{cause} The reply was not sent.") from error


def check(settings: SmtpSettings) -> str:
    """Signs in and says NOOP. Returns what it found; raises `MailboxError`."""
    try:
        with _session(settings) as connection:
            connection.noop()
    except NETWORK as error:
        raise explain(error, settings.server) from error
    return f"outgoing mail server {settings.host} " + ("accepted the sign-in" if settings.user else "answers")


def wire(raw: bytes) -> bytes:
    """The bytes as they travel: every line ends in CR LF, the last one too."""
    normal = _LINE_END.sub(b"\r\n", raw)
    return normal if normal.endswith(b"\r\n") else normal + b"\r\n"


@contextmanager
def _session(settings: SmtpSettings) -> Iterator[smtplib.SMTP]:
    tls = context(settings.ca_file)
    connection: smtplib.SMTP
    if settings.security is Security.IMPLICIT:
        connection = smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=tls)
    else:
        connection = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    try:
        connection.ehlo_or_helo_if_needed()
        if settings.security is Security.STARTTLS:
            if not connection.has_extn("starttls"):
                raise no_encryption(settings.server)
            connection.starttls(context=tls)
            connection.ehlo_or_helo_if_needed()
        if settings.user:
            _sign_in(connection, settings)
        yield connection
        # The verdict is in: a server that is slow to say goodbye must not hold up anything, nor change it.
        with suppress(*NETWORK):
            connection.quit()
    finally:
        connection.close()


def _sign_in(connection: smtplib.SMTP, settings: SmtpSettings) -> None:
    if settings.tokens is not None:
        if "XOAUTH2" not in connection.esmtp_features.get("auth", "").upper().split():
            raise no_tokens(settings.server)
        with_token(
            settings.tokens,
            lambda token: _authenticate(connection, "XOAUTH2", initial_response(settings.user, token)),
            is_refusal,
        )
    elif settings.user.isascii() and settings.password.isascii():
        connection.login(settings.user, settings.password)
    else:
        # smtplib cannot encode these; RFC 4616 says UTF-8.
        _authenticate(connection, "PLAIN", f"\0{settings.user}\0{settings.password}".encode())


def _authenticate(connection: smtplib.SMTP, mechanism: str, response: bytes) -> None:
    """AUTH with its initial response (RFC 4954); to a challenge, with which XOAUTH2 tells why it refuses, an empty answer."""
    code, words = connection.docmd("AUTH", f"{mechanism} {base64.b64encode(response).decode('ascii')}")
    if code == 334:
        code, words = connection.docmd("")
    if code not in (235, 503):
        raise smtplib.SMTPAuthenticationError(code, words)


def _envelope(
    connection: smtplib.SMTP, settings: SmtpSettings, raw: bytes, sender: str, recipients: tuple[str, ...]
) -> None:
    """MAIL and RCPT. Raises `ReplyRefused`, with every refused recipient, when not all of it is accepted."""
    sender = _address(sender)
    recipients = tuple(dict.fromkeys(_address(one) for one in recipients))
    options = []
    if connection.has_extn("size"):
        options.append(f"SIZE={len(raw)}")
    if connection.has_extn("8bitmime") and not raw.isascii():
        options.append("BODY=8BITMIME")
    if not all(one.isascii() for one in (sender, *recipients)):
        if not connection.has_extn("smtputf8"):
            raise ReplyRefused(
                f"The {settings.server} cannot deliver to addresses with accented letters before the @. "
                "Nothing was sent; use another address."
            )
        options.append("SMTPUTF8")
    elif connection.has_extn("smtputf8") and not _headers(raw).isascii():
        options.append("SMTPUTF8")
    code, words = connection.mail(sender, options)
    if code != 250:
        _explain_send_as(words, settings, sender)
        raise ReplyRefused(
            f"The {settings.server} refused the sender {sender}: {_said(code, words)}. Nothing was sent."
        )
    refused = []
    for one in recipients:
        code, words = connection.rcpt(one)
        if code not in (250, 251):
            refused.append(f"{one} ({_said(code, words)})")
    if refused:
        with suppress(*NETWORK):
            connection.rset()
        raise ReplyRefused(
            f"The {settings.server} refused to deliver to {', '.join(refused)}. Nothing was sent to anybody; "
            "correct the address and approve again."
        )


def _content(connection: smtplib.SMTP, settings: SmtpSettings, raw: bytes, sender: str) -> None:
    """DATA, the reply, the final dot, the verdict."""
    code, words = connection.docmd("DATA")
    if code != 354:
        raise ReplyRefused(f"The {settings.server} refused the reply: {_said(code, words)}. Nothing was sent.")
    connection.send(_LEADING_DOT.sub(b"..", wire(raw)))
    try:
        if connection.sock is not None:
            connection.sock.settimeout(settings.acceptance_timeout)
        connection.send(b".\r\n")
        code, words = connection.getreply()
    except NETWORK as error:
        raise ReplyUncertain(
            f"The connection with the {settings.server} broke after the reply was handed over: it may or may not have left. "
            "Look in the Sent folder or ask the recipient before sending it again."
        ) from error
    if 200 <= code < 300:
        return
    _explain_send_as(words, settings, sender)
    if 400 <= code < 600:
        raise ReplyRefused(f"The {settings.server} refused the reply: {_said(code, words)}. Nothing was sent.")
    raise ReplyUncertain(
        f"The {settings.server} answered the reply with something unreadable ({_said(code, words)}): it may or may not have "
        "left. Look in the Sent folder or ask the recipient before sending it again."
    )


def _explain_send_as(words: bytes | str, settings: SmtpSettings, sender: str) -> None:
    """Raises `ReplyRefused` when Exchange refused (5.7.60, 5.2.252) because the sign-in may not send as the sender."""
    if _SEND_AS.search(words.decode("utf-8", "replace") if isinstance(words, bytes) else words):
        raise ReplyRefused(
            f"The {settings.server} does not let {settings.user} send as {sender}. Have an administrator grant Send As on that "
            "mailbox to whoever signs in. Nothing was sent."
        )


def _address(address: str) -> str:
    """The address for the envelope, its domain in ASCII (RFC 3490). Raises `ReplyRefused` when it cannot be one."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain or re.search(r"[\x00-\x20<>\x7f]", address.strip()):
        raise ReplyRefused(f"{address!r} is not a mail address. Nothing was sent; correct it and approve again.")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise ReplyRefused(
            f"{address!r} is not a mail address. Nothing was sent; correct it and approve again."
        ) from error


def _headers(raw: bytes) -> bytes:
    return re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split()).rstrip('.')}".strip()
