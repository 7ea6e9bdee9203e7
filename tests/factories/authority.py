"""An OAuth 2.0 authority on this machine that answers like Microsoft's and Google's as far as they are asked: https on localhost
for tokens, http for introspection (RFC 7662) by mail servers."""

import base64
import json
import secrets
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

from inbox_agent.bench.certificate import make_certificate

TENANT, CLIENT_ID, SECRET = (
    "halvermaan.example",
    "11111111-2222-3333-4444-555555555555",
    "client-secret-kept-out-of-logs",
)
PERSON = "sanne@halvermaan.example"


@dataclass
class Authority:
    """Change its fields while it runs. `forms` are the token requests that it got, `tokens` those that are valid.

    `user` is whose mailbox a token opens, `lasts` for how many seconds. `error` is the code and words of its next refusals,
    `status` what it answers instead of anything. `person` is who enters the device code ("" : nobody yet).
    `single_use`: a refresh token ends with its use, as strict authorities have it (RFC 9700, 4.14.2).
    """

    certificate: Path
    port: int = 0
    introspection_port: int = 0
    user: str = "debiteuren"
    lasts: int = 3600
    error: tuple[str, str] | None = None
    status: int = 200
    person: str = PERSON
    single_use: bool = False
    key: Any = None
    forms: list[dict[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    refresh_tokens: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def introspection(self) -> str:
        return f"http://127.0.0.1:{self.introspection_port}/introspect"

    def revoke(self) -> None:
        """No token that was given out opens anything any more."""
        self.tokens.clear()

    def takes(self, user: str, token: str) -> bool:
        """Whether a token opens the user's mailbox."""
        return token in self.tokens and user == self.user

    def options(self, **others: str) -> dict[str, str]:
        """The table `oauth` of a mailbox at Microsoft."""
        return {
            "tenant": TENANT,
            "client_id": CLIENT_ID,
            "authority": self.url,
            "ca_file": str(self.certificate),
            **others,
        }

    def discovery(self, path: str) -> tuple[int, dict[str, Any]]:
        if path != f"/{TENANT}/v2.0/.well-known/openid-configuration":
            return 400, {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}
        base = f"{self.url}/{TENANT}"
        return 200, {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        }

    def device_code(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        return 200, {
            "device_code": "device",
            "user_code": "FGH7JKL",
            "verification_uri": "https://microsoft.com/devicelogin",
            "expires_in": 1 if not self.person else 900,
            "interval": 1 if not self.person else 0,
        }

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.forms.append(form)
        if self.error is not None:
            return 400, {"error": self.error[0], "error_description": self.error[1]}
        refused = {
            "client_credentials": self._check_client,
            "urn:ietf:params:oauth:grant-type:device_code": self._check_device,
            "urn:ietf:params:oauth:grant-type:jwt-bearer": self._check_service,
            "refresh_token": self._check_refresh,
            "authorization_code": self._check_code,
        }[form["grant_type"]](form)
        return (400, refused) if refused else (200, self._granted(form))

    def _check_client(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        if "client_assertion" in form:
            claims = jwt.decode(form["client_assertion"], self.key, algorithms=["PS256"], options={"verify_aud": False})
            assert claims["iss"] == claims["sub"] == CLIENT_ID
            assert claims["aud"] == f"{self.url}/{TENANT}/oauth2/v2.0/token"
            assert "x5t#S256" in jwt.get_unverified_header(form["client_assertion"])
            return None
        if form.get("client_secret") == SECRET:
            return None
        return {
            "error": "invalid_client",
            "error_description": "AADSTS7000215: Invalid client secret provided. Trace ID: 1",
        }

    def _check_device(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        return None if self.person else {"error": "authorization_pending", "error_description": "AADSTS70016: Pending."}

    def _check_service(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        claims = jwt.decode(form["assertion"], self.key, algorithms=["RS256"], audience=f"{self.url}/token")
        return None if claims["sub"] == self.user else {"error": "unauthorized_client"}

    def _check_refresh(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        if form["refresh_token"] not in self.refresh_tokens:
            return {"error": "invalid_grant", "error_description": "AADSTS70008: The refresh token has expired."}
        if self.single_use:
            self.refresh_tokens.remove(form["refresh_token"])
        return None

    def _check_code(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        return None if form["code"] == "the-code" and form["code_verifier"] else {"error": "invalid_grant"}

    def _granted(self, form: Mapping[str, str]) -> dict[str, Any]:
        token = f"token-{secrets.token_urlsafe(24)}"
        self.tokens.add(token)
        answer: dict[str, Any] = {"token_type": "Bearer", "access_token": token, "expires_in": self.lasts}
        if form["grant_type"] != "client_credentials" and "assertion" not in form:
            refresh = f"refresh-{secrets.token_urlsafe(24)}"
            self.refresh_tokens.add(refresh)
            now = int(time.time())
            claims = {"iss": self.url, "aud": CLIENT_ID, "sub": "1", "oid": "1", "tid": "1", "iat": now, "exp": now + 3600,
                      "preferred_username": self.person}  # fmt: skip
            answer |= {
                "refresh_token": refresh,
                "scope": form.get("scope", ""),
                "id_token": jwt.encode(claims, "a test authority signs with anything", algorithm="HS256"),
                "client_info": base64.urlsafe_b64encode(b'{"uid":"1","utid":"1"}').decode().rstrip("="),
            }
        return answer


@dataclass
class Sanne:
    """A person at a terminal."""

    told: list[str] = field(default_factory=list)
    answers: Callable[[str], str] = str

    def show(self, text: str) -> None:
        self.told.append(text)

    def ask(self, question: str) -> str:
        return self.answers("\n".join(self.told))


@contextmanager
def an_authority(folder: Path) -> Iterator[Authority]:
    """One that runs, its certificate and whatever it needs below `folder`."""
    certificate, key = make_certificate(folder)
    authority = Authority(certificate)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Tokens, authority))
    # Each connection is wrapped in its own thread: one that breaks off must not end the server.
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    introspection = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Introspection, authority))
    authority.port, authority.introspection_port = server.server_port, introspection.server_port
    threads = [Thread(target=one.serve_forever, args=(0.02,), daemon=True) for one in (server, introspection)]
    for thread in threads:
        thread.start()
    try:
        yield authority
    finally:
        for one in (server, introspection):
            one.shutdown()
            one.server_close()
        for thread in threads:
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, authority: Authority, *arguments: Any) -> None:
        self.authority = authority
        super().__init__(*arguments)

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""

    def form(self) -> dict[str, str]:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8")
        return {name: values[0] for name, values in parse_qs(body).items()}

    def answer(self, status: int, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Tokens(_Handler):
    def do_GET(self) -> None:
        self._say(lambda: self.authority.discovery(urlsplit(self.path).path))

    def do_POST(self) -> None:
        form = self.form()
        asked = self.authority.device_code if self.path.endswith("/devicecode") else self.authority.token
        self._say(lambda: asked(form))

    def _say(self, value: Callable[[], tuple[int, dict[str, Any]]]) -> None:
        if self.authority.status != 200:
            self.answer(self.authority.status, {"error": "server_error"})
        else:
            self.answer(*value())


class _Introspection(_Handler):
    def do_POST(self) -> None:
        valid = self.form().get("token", "") in self.authority.tokens
        self.answer(200, {"active": valid, "username": self.authority.user} if valid else {"active": False})
