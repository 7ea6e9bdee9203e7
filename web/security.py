"""Headers that keep a hostile mail, a hostile page and a curious network out; cookie names; where `next` may lead."""

import re
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)
"""For a mail's own HTML, shown in a sandboxed frame: no script, no form, nothing loaded from anywhere."""

_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Set on every response that does not say otherwise itself."""

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class SecurityHeaders:
    """ASGI middleware that adds the headers above."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on everything; adds headers to responses."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class BodyLimit:
    """ASGI middleware that refuses a request body over a megabyte with 413: Starlette would keep all of it in memory,
    also for somebody who is not signed in.

    Where a form takes files a body may be larger: Starlette writes those to disk, and keeps at most a megabyte of each other field.
    """

    MOST = 1024 * 1024
    MOST_WITH_FILES = 22 * 1024 * 1024
    TAKES_FILES = re.compile(r"/mails/\d{1,10}/approve", re.ASCII)

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on everything; counts what comes in."""
        come = 0
        most = self.MOST_WITH_FILES if self.TAKES_FILES.fullmatch(scope.get("path", "")) else self.MOST

        async def receive_and_count() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > most:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_and_count if scope["type"] == "http" else receive, send)


def session_cookie(secure: bool) -> str:
    """Name of the session cookie; `__Host-` binds it to this host and https, so it needs `secure`."""
    return "__Host-session" if secure else "session"


def is_same_origin(headers: Headers) -> bool:
    """Whether a request that changes something comes from our own pages, as far as the browser says.

    `Sec-Fetch-Site` decides where it is sent (https and localhost); else `Origin`, which our Referrer-Policy makes "null".
    When neither says anything the session's token, which no other site knows, decides alone.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin", "null")
    return origin == "null" or _split(origin).netloc == headers.get("host")


def local_path(path: str) -> str:
    """`path` if it stays on this site, else "/queue". Only a path and query of our own; no scheme, host or backslash."""
    parts = _split(path)
    inside = path.startswith("/") and not path.startswith("//") and "\\" not in path
    plain = all(character.isprintable() for character in path)
    return path if inside and plain and not parts.scheme and not parts.netloc else "/queue"


def shown_path(headers: Headers) -> tuple[str, str]:
    """Path and query of the page that htmx asks from; ("", "") when it does not say."""
    shown = _split(headers.get("hx-current-url", ""))
    return shown.path, shown.query


def _split(address: str) -> SplitResult:
    """An address from outside in its parts; all of them empty when it is none ("http://[")."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")
