"""Who gives out tokens for the Microsoft Graph on this machine: https on localhost, one application with a secret."""

import json
import secrets
import ssl
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType

from inbox_agent.bench.certificate import make_certificate

TENANT, CLIENT_ID = "faults.example", "11111111-2222-3333-4444-555555555555"


class Authority:
    """A server below `folder`; it takes any secret."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.certificate, key = make_certificate(folder)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(self.certificate, key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Answers, self))
        # Each connection is wrapped in its own thread: one that breaks off must not end the server.
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"https://localhost:{self._server.server_port}"

    def options(self, secret: str) -> dict[str, str]:
        """The table `oauth` of a mailbox; `secret` is a reference."""
        return {
            "tenant": TENANT,
            "client_id": CLIENT_ID,
            "secret": secret,
            "authority": self.url,
            "resource": self.url,
            "ca_file": str(self.certificate),
        }

    def __enter__(self) -> "Authority":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class _Answers(BaseHTTPRequestHandler):
    def __init__(self, authority: Authority, *arguments: object) -> None:
        self._authority = authority
        super().__init__(*arguments)  # type: ignore[arg-type]

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        base = f"{self._authority.url}/{TENANT}"
        self._answer(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            }
        )

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer({"token_type": "Bearer", "access_token": f"token-{secrets.token_urlsafe(24)}", "expires_in": 3600})

    def _answer(self, value: dict[str, object]) -> None:
        body = json.dumps(value).encode("utf-8")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
