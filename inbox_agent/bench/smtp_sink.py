"""An outgoing mail server on this machine that keeps what it gets and can be told to misbehave. Needs aiosmtpd."""

import asyncio
import base64
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any

from inbox_agent.mailbox.security import Security
from inbox_agent.mailbox.smtp import SmtpSettings


class Mishap(StrEnum):
    """Where the sink leaves the conversation. BEFORE_DATA: at RCPT; AFTER_DATA: it has the reply and cuts the
    connection; SILENCE: it has the reply, says nothing for two seconds and cuts it; HANG: it has the reply and never answers."""

    NONE = ""
    BEFORE_DATA = "before_data"
    AFTER_DATA = "after_data"
    SILENCE = "silence"
    HANG = "hang"


@dataclass(frozen=True, slots=True)
class Received:
    """One mail with its envelope."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass
class SmtpSink:
    """A sink; change its fields while it runs. `refused` are recipients, `verdict` the answer to the reply if not 250.

    With `user` it offers a sign-in, and `tls` STARTTLS. With `takes_token` (user, token) it offers XOAUTH2; `refusal` is its
    answer to a refused one. `chance` chooses the mishap of each mail instead of `mishap`.
    """

    user: str = ""
    password: str = field(default="", repr=False)
    takes_token: Callable[[str, str], bool] | None = None
    refusal: str = "535 5.7.3 Authentication unsuccessful"
    tls: ssl.SSLContext | None = None
    utf8: bool = True
    refused: set[str] = field(default_factory=set)
    verdict: str = ""
    mishap: Mishap = Mishap.NONE
    chance: Callable[[], Mishap] | None = None
    messages: list[Received] = field(default_factory=list)
    port: int = 0
    _controller: Any = None

    @classmethod
    def start(cls, **fields: Any) -> "SmtpSink":
        """A sink with these fields that listens on a free loopback port: `port`."""
        sink = cls(**fields)
        sink._listen()
        return sink

    def stop(self) -> None:
        """Stops listening and cuts open connections."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def settings(self, **others: Any) -> SmtpSettings:
        """How to send through this sink, unencrypted; `others` override."""
        given = {"host": "127.0.0.1", "port": self.port, "security": Security.NONE, "timeout": 10.0, "mailbox": "sink"}
        return SmtpSettings(**{**given, "user": self.user, "password": self.password, **others})

    def __enter__(self) -> "SmtpSink":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def auth_XOAUTH2(self, server: Any, words: list[str]) -> Any:
        """aiosmtpd asks about a token, in the client's first answer (RFC 4954). A refusal is explained before it is said."""
        from aiosmtpd.smtp import AuthResult

        user, _, rest = base64.b64decode(words[1]).decode("utf-8").removeprefix("user=").partition("\x01auth=Bearer ")
        if self.takes_token is not None and self.takes_token(user, rest.rstrip("\x01")):
            return AuthResult(success=True, auth_data=user)
        await server.challenge_auth('{"status":"401","schemes":"bearer"}')
        return AuthResult(success=False, handled=False, message=self.refusal)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """aiosmtpd asks whether a recipient is welcome."""
        if not envelope.rcpt_tos:
            session.mishap = self.chance() if self.chance else self.mishap
        if session.mishap is Mishap.BEFORE_DATA:
            server.transport.abort()
        if address in self.refused:
            return "550 5.1.1 No such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """aiosmtpd hands over a mail and asks for the verdict."""
        if self.verdict:
            return self.verdict
        self.messages.append(Received(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content))
        if session.mishap is Mishap.SILENCE:
            await asyncio.sleep(2)
        if session.mishap in (Mishap.AFTER_DATA, Mishap.SILENCE):
            server.transport.abort()
        if session.mishap is Mishap.HANG:
            await asyncio.sleep(3600)
        return "250 OK"

    def _listen(self) -> None:
        from aiosmtpd.controller import Controller

        def authenticate(mechanism: str, login: bytes, password: bytes) -> bool:
            return (login, password) == (self.user.encode(), self.password.encode())

        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=0,
            enable_SMTPUTF8=self.utf8,
            ident="sink",
            server_hostname="localhost",
            tls_context=self.tls,
            auth_callback=authenticate if self.user else None,
            auth_exclude_mechanism=None if self.takes_token else ["XOAUTH2"],
            auth_require_tls=False,
        )
        _learn_port(self._controller)
        self._controller.start()
        self.port = self._controller.port


def _learn_port(controller: Any) -> None:
    """Lets the kernel choose the port: aiosmtpd itself cannot say which one it got before it connects to it."""
    create = controller._create_server

    async def create_and_tell() -> asyncio.AbstractServer:
        server: asyncio.AbstractServer = await create()
        controller.port = server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        return server

    controller._create_server = create_and_tell
