"""Sign-in at Microsoft Entra by `msal`: as an application (secret or certificate), or as a person by device code (RFC 8628)."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msal
import requests
from msal.exceptions import MsalServiceError
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from inbox_agent.domain.errors import MailboxSignInRefused
from inbox_agent.mailbox.failure import cause, explain
from inbox_agent.mailbox.microsoft_certificate import Certificate
from inbox_agent.mailbox.microsoft_refusal import busy, refusal
from inbox_agent.mailbox.oauth import Granted, Person, Present
from inbox_agent.mailbox.security import context
from inbox_agent.mailbox.server import Server
from inbox_agent.mailbox.token_cache import TokenCache

_Answer = TypeVar("_Answer")

_TIMEOUT = (15.0, 30.0)
"""Seconds to connect, and to wait for the next bytes."""

_INACTIVE = timedelta(days=90)
"""A refresh token that nobody used for so long ends: https://learn.microsoft.com/entra/identity-platform/refresh-tokens."""


@dataclass(frozen=True)
class Registration:
    """An application registered at Microsoft, and what is asked for as that.

    `authority` is the sign-in server (`https://login.microsoftonline.com`), `tenant` the directory's id or a domain of it,
    `mailbox` the mailbox's name, for sentences. With neither `secret` nor `certificate` a person signs in.
    `secret_ends_at` is what the administrator said of the secret: nothing tells an application.
    """

    authority: str
    tenant: str
    client_id: str
    scopes: tuple[str, ...]
    mailbox: str
    secret: str = field(default="", repr=False)
    certificate: Certificate | None = None
    secret_ends_at: datetime | None = None
    ca_file: Path | None = None

    @property
    def server(self) -> Server:
        """For sentences."""
        parts = urlsplit(self.authority)
        return Server("sign-in server", parts.hostname or "", parts.port or 443, self.mailbox)


class ApplicationTokens:
    """`TokenSource` of an application that proves itself. Its tokens are kept in memory only: it gets new ones at any time."""

    def __init__(self, registration: Registration) -> None:
        self._registration = registration
        self._present = Present(self._obtain)

    def token(self, force: bool = False) -> str:
        """As `TokenSource`."""
        return self._present.token(force)

    def expires_at(self) -> datetime | None:
        """The end of the certificate, or of the secret as far as it was said."""
        certificate = self._registration.certificate
        return certificate.ends_at if certificate else self._registration.secret_ends_at

    @cached_property
    def _application(self) -> Any:
        one = self._registration
        proof: object = one.secret
        if one.certificate is not None:
            # Without a thumbprint msal computes it (SHA-256).
            proof = {"private_key": one.certificate.key, "public_certificate": one.certificate.certificate}
        return _open(msal.ConfidentialClientApplication, one, client_credential=proof)

    def _obtain(self, refused: bool) -> Granted:
        def ask() -> dict[str, Any]:
            self._application.remove_tokens_for_client()
            answer: dict[str, Any] = self._application.acquire_token_for_client(list(self._registration.scopes))
            return answer

        return _granted(_asked(ask, self._registration), self._registration.mailbox)


class DelegatedTokens:
    """`TokenSource` and `SignIn` of a person, whose refresh token is kept in `cache`. `account` is who has to sign in ("" : anybody)."""

    def __init__(self, registration: Registration, cache: TokenCache, account: str) -> None:
        self._registration = registration
        self._cache = cache
        self._account = account
        self._kept = msal.SerializableTokenCache()
        self._present = Present(self._obtain)

    def token(self, force: bool = False) -> str:
        """As `TokenSource`."""
        return self._present.token(force)

    def expires_at(self) -> datetime | None:
        """90 days after the sign-in was last used; None when nobody signed in, or what is kept cannot be read."""
        kept = msal.SerializableTokenCache()
        try:
            kept.deserialize(self._cache.read())
        except MailboxSignInRefused:
            return None
        used = [
            int(one["last_modification_time"])
            for one in kept.search(kept.CredentialType.REFRESH_TOKEN, query={"client_id": self._registration.client_id})
        ]
        return datetime.fromtimestamp(max(used), UTC) + _INACTIVE if used else None

    def sign_in(self, person: Person) -> str:
        """By device code, at most for as long as Microsoft lets it be used (15 minutes)."""
        one = self._registration

        def ask() -> dict[str, Any]:
            flow: dict[str, Any] = self._application.initiate_device_flow(list(one.scopes))
            if "user_code" not in flow:
                return flow
            whom = f" as {self._account}" if self._account else ""
            person.show(f"Open {flow['verification_uri']} and enter the code {flow['user_code']}, signed in{whom}.")
            answer: dict[str, Any] = self._application.acquire_token_by_device_flow(flow)
            return answer

        self._kept.deserialize(None)
        answer = _asked(ask, one)
        _granted(answer, one.mailbox)
        signed_in = str((answer.get("id_token_claims") or {}).get("preferred_username", ""))
        if self._account and signed_in.lower() != self._account.lower():
            raise MailboxSignInRefused(
                f"{signed_in or 'Somebody else'} signed in, but mailbox {one.mailbox} is to be read as {self._account}. "
                "Sign in again as that account, or correct the option oauth.account."
            )
        with self._cache.lock():
            self._cache.write(self._kept.serialize())
        return signed_in

    @cached_property
    def _application(self) -> Any:
        return _open(msal.PublicClientApplication, self._registration, token_cache=self._kept)

    def _obtain(self, refused: bool) -> Granted:
        """Renews what is kept. The lock goes around it: of two processes one would write the other's sign-in away."""
        one = self._registration
        with self._cache.lock():
            kept = self._cache.read()
            if not kept:
                raise _not_signed_in(one.mailbox)
            self._kept.deserialize(kept)

            def ask() -> dict[str, Any] | None:
                accounts = self._application.get_accounts()
                if not accounts:
                    return None
                answer: dict[str, Any] | None = self._application.acquire_token_silent_with_error(
                    list(one.scopes), accounts[0], force_refresh=refused
                )
                return answer

            answer = _asked(ask, one)
            if answer is None:
                raise _not_signed_in(one.mailbox)
            if self._kept.has_state_changed:
                self._cache.write(self._kept.serialize())
        return _granted(answer, one.mailbox)


def _not_signed_in(mailbox: str) -> MailboxSignInRefused:
    return MailboxSignInRefused(
        f"Nobody has signed in for mailbox {mailbox} yet. Do so once: inbox-agent mailbox sign-in {mailbox}"
    )


def _open(kind: Callable[..., Any], registration: Registration, **others: object) -> Any:
    """Without instance discovery: the authority is the administrator's word, and no further host is asked about it."""
    try:
        return kind(
            registration.client_id,
            authority=f"{registration.authority}/{registration.tenant}",
            instance_discovery=False,
            http_client=_session(registration),
            **others,
        )
    except ValueError as error:
        raise MailboxSignInRefused(
            f"The sign-in server {registration.server.host} knows no tenant {registration.tenant} (mailbox "
            f"{registration.mailbox}). Correct the option oauth.tenant: the directory's id, or a domain of yours."
        ) from error


def _asked(ask: Callable[[], _Answer], registration: Registration) -> _Answer:
    """What `ask` answers; what the network does to it as a `MailboxError`."""
    try:
        return ask()
    except requests.RequestException as error:
        raise explain(cause(error), registration.server) from error
    except (MsalServiceError, ValueError) as error:
        # A server error, or a page where JSON was to be.
        raise busy(registration.mailbox) from error


def _granted(answer: dict[str, Any], mailbox: str) -> Granted:
    if "access_token" not in answer:
        raise refusal(answer, mailbox)
    return Granted(str(answer["access_token"]), time.time() + int(answer.get("expires_in", 0)))


def _session(registration: Registration) -> requests.Session:
    """msal's HTTP client. The environment tells its proxies only: REQUESTS_CA_BUNDLE would take the place of `ca_file`."""
    session = requests.Session()
    session.trust_env = False
    session.proxies = get_environ_proxies(registration.authority)
    session.mount("https://", _Adapter(registration.ca_file))
    return session


class _Adapter(HTTPAdapter):
    """HTTPS with our certificate authorities, and never without a time-out."""

    def __init__(self, ca_file: Path | None) -> None:
        self._tls = context(ca_file)
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, ssl_context=self._tls, **named)

    def proxy_manager_for(self, *arguments: Any, **named: Any) -> Any:
        return super().proxy_manager_for(*arguments, ssl_context=self._tls, **named)

    def send(self, *arguments: Any, **named: Any) -> requests.Response:
        return super().send(*arguments, **{**named, "timeout": named.get("timeout") or _TIMEOUT})
