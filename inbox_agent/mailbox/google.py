"""Sign-in at Google: with a person's refresh token (RFC 6749, 6), or as a service account for its domain (RFC 7523).

Both are one request; httpx sends it. https://developers.google.com/identity/protocols/oauth2/native-app and /service-account.
"""

import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt

from inbox_agent.domain.errors import MailboxSignInRefused, MailboxUnreachable, SettingsError
from inbox_agent.mailbox.failure import cause, explain
from inbox_agent.mailbox.google_refusal import refusal
from inbox_agent.mailbox.oauth import Granted, Person, Present
from inbox_agent.mailbox.security import context
from inbox_agent.mailbox.server import Server
from inbox_agent.mailbox.token_cache import TokenCache

SCOPE = "https://mail.google.com/"
"""IMAP and SMTP of Gmail have this one scope only."""

_CONSENT = "https://accounts.google.com/o/oauth2/v2/auth"
_BACK_TO = "http://127.0.0.1:8765/"
"""Where the browser is sent afterwards. Nobody listens there: the address that it then shows holds the code."""
_TIMEOUT = httpx.Timeout(30.0, connect=15.0)


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Where Google gives out tokens; `mailbox` is the mailbox's name, for sentences."""

    url: str
    mailbox: str
    ca_file: Path | None = None

    def ask(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer to `form`. Raises `MailboxError`."""
        parts = urlsplit(self.url)
        server = Server("sign-in server", parts.hostname or "", parts.port or 443, self.mailbox)
        try:
            with httpx.Client(verify=context(self.ca_file), timeout=_TIMEOUT) as client:
                response = client.post(self.url, data=dict(form))
            answer = response.json()
        except httpx.HTTPError as error:
            raise explain(cause(error), server) from error
        except ValueError:
            answer = {}
        if isinstance(answer, dict) and "access_token" in answer:
            return answer
        if response.status_code >= 500 or response.status_code == 429 or not isinstance(answer, dict) or not answer:
            raise MailboxUnreachable(
                f"Google's sign-in does not work right now (mailbox {self.mailbox}). It is tried again; nothing has to be done."
            )
        raise refusal(answer, self.mailbox)


@dataclass(frozen=True, slots=True)
class Client:
    """An application registered at Google, of the type Desktop. Its secret is none to Google, yet is kept as one."""

    client_id: str
    secret: str = field(repr=False)


class GoogleTokens:
    """`TokenSource` and `SignIn` of a person. `refresh_token` is given from outside, or "": then it is kept in `cache`."""

    def __init__(
        self, client: Client, endpoint: TokenEndpoint, cache: TokenCache, account: str, refresh_token: str = ""
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._cache = cache
        self._account = account
        self._refresh_token = refresh_token
        self._present = Present(self._obtain)

    def token(self, force: bool = False) -> str:
        """As `TokenSource`."""
        return self._present.token(force)

    def expires_at(self) -> datetime | None:
        """Known only where Google said so at the sign-in: after seven days while the application is in testing."""
        try:
            ends_at = self._kept().get("ends_at")
        except MailboxSignInRefused:
            return None
        return datetime.fromtimestamp(ends_at, UTC) if ends_at else None

    def sign_in(self, person: Person) -> str:
        """In any browser; the address that it ends at is brought back, since Google lets no code open Gmail (PKCE, RFC 7636)."""
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        challenge = urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).decode("ascii").rstrip("=")
        question = {
            "client_id": self._client.client_id,
            "redirect_uri": _BACK_TO,
            "response_type": "code",
            "scope": SCOPE,
            "access_type": "offline",
            "prompt": "consent",
            "login_hint": self._account,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        person.show(f"Open this address and sign in as {self._account}:\n\n{_CONSENT}?{urlencode(question)}\n")
        person.show("The browser then says that it cannot open a page of 127.0.0.1. Copy the address of that page.")
        found = parse_qs(urlsplit(person.ask("Address").strip()).query)
        code = found.get("code", [""])[0]
        if not code or not secrets.compare_digest(found.get("state", [""])[0].encode(), state.encode()):
            raise MailboxSignInRefused(
                f"That address holds no sign-in of mailbox {self._endpoint.mailbox}. Start again: "
                f"inbox-agent mailbox sign-in {self._endpoint.mailbox}"
            )
        answer = self._endpoint.ask(
            {
                "client_id": self._client.client_id,
                "client_secret": self._client.secret,
                "grant_type": "authorization_code",
                "code": code,
                "code_verifier": verifier,
                "redirect_uri": _BACK_TO,
            }
        )
        lasts = answer.get("refresh_token_expires_in")
        kept = {
            "client_id": self._client.client_id,
            "refresh_token": answer.get("refresh_token", ""),
            "ends_at": time.time() + int(lasts) if lasts else None,
        }
        with self._cache.lock():
            self._cache.write(json.dumps(kept))
        return ""

    def _kept(self) -> dict[str, Any]:
        """What the last sign-in with this application left; {} without one. Raises `MailboxSignInRefused`."""
        kept = json.loads(self._cache.read() or "{}")
        return kept if kept.get("client_id") == self._client.client_id else {}

    def _obtain(self, refused: bool) -> Granted:
        refresh_token = self._refresh_token or self._kept().get("refresh_token", "")
        if not refresh_token:
            raise MailboxSignInRefused(
                f"Nobody has signed in for mailbox {self._endpoint.mailbox} yet. Do so once: "
                f"inbox-agent mailbox sign-in {self._endpoint.mailbox}"
            )
        return _granted(
            self._endpoint.ask(
                {
                    "client_id": self._client.client_id,
                    "client_secret": self._client.secret,
                    "grant_type": "refresh_token",
                    "refresh_token": refresh_token,
                }
            )
        )


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A service account with domain-wide delegation; `key` is its private key in PEM."""

    email: str
    key_id: str
    key: str = field(repr=False)


class GoogleServiceTokens:
    """`TokenSource` of a service account that acts for `account`. Its key ends only when somebody deletes it."""

    def __init__(self, service: ServiceAccount, endpoint: TokenEndpoint, account: str) -> None:
        self._service = service
        self._endpoint = endpoint
        self._account = account
        self._present = Present(self._obtain)

    def token(self, force: bool = False) -> str:
        """As `TokenSource`."""
        return self._present.token(force)

    def expires_at(self) -> datetime | None:
        """Nobody can know."""
        return None

    def _obtain(self, refused: bool) -> Granted:
        now = int(time.time())
        claims = {
            "iss": self._service.email,
            "sub": self._account,
            "scope": SCOPE,
            "aud": self._endpoint.url,
            "iat": now,
            "exp": now + 3600,
        }
        assertion = jwt.encode(claims, self._service.key, algorithm="RS256", headers={"kid": self._service.key_id})
        grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return _granted(self._endpoint.ask({"grant_type": grant, "assertion": assertion}))


def read_service_account(path: Path) -> ServiceAccount:
    """The key file that Google made for a service account. Raises `SettingsError` that says what is wrong with it."""
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"The key file {path} can be read by others than its owner. Run: chmod 600 {path}")
        made = json.loads(path.read_text("utf-8"))
        service = ServiceAccount(made["client_email"], made["private_key_id"], made["private_key"])
        jwt.get_algorithm_by_name("RS256").prepare_key(service.key)
    except OSError as error:
        raise SettingsError(
            f"The key file {path} cannot be read ({error.strerror}). Correct the option oauth.service_account."
        ) from error
    except (ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
        # The parser's own words may quote the key.
        raise SettingsError(
            f"The file {path} is no key of a Google service account. Download one as JSON from the Google Cloud console."
        ) from error
    return service


def _granted(answer: Mapping[str, Any]) -> Granted:
    return Granted(str(answer["access_token"]), time.time() + int(answer.get("expires_in", 3600)))
