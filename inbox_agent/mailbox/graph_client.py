"""HTTP with Microsoft Graph: tokens, throttling, paging and limits. Nothing here knows what a mail is, or logs anything."""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from inbox_agent.domain.errors import MailboxSignInRefused, MailboxUnreachable
from inbox_agent.mailbox import security
from inbox_agent.mailbox.failure import cause, explain
from inbox_agent.mailbox.graph_failure import GraphRefusal, refusal
from inbox_agent.mailbox.graph_settings import GraphSettings
from inbox_agent.mailbox.server import Server

_MOST_JSON = 32 * 1024 * 1024
_TRIES = 5
_LONGEST_WAIT = 30.0
"""Seconds that one request waits in all because the service asked it to; after that the mailbox counts as unreachable."""
_BUSY = (429, 502, 503, 504)
"""The service did nothing and may be asked again. 500 is not one of them: it may be about this very request."""
_MOST_PAGES = 20_000


class NoAnswerError(MailboxUnreachable):
    """The request went out, or may have, and no clear answer came: nobody knows what the service did with it."""


class GraphClient:
    """Asks the service for one mailbox. For one thread at a time."""

    def __init__(self, settings: GraphSettings, sleep: Callable[[float], None] = time.sleep) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._origin = _origin(self._base)
        parts = urlsplit(self._base)
        self._server = Server("service", parts.hostname or "", parts.port or 443, settings.name, with_tokens=True)
        self._sleep = sleep
        self._http: httpx.Client | None = None

    def user(self, *parts: str) -> str:
        """Address of something in the mailbox; each part is one path segment."""
        return self.address("users", self._settings.address, *parts)

    def address(self, *parts: str) -> str:
        """Address below the service's root."""
        return "/".join((self._base, *(quote(part, safe="$@") for part in parts)))

    def get(self, url: str, query: Mapping[str, str] | None = None, prefer: tuple[str, ...] = ()) -> dict[str, Any]:
        """The JSON object at `url`. Raises `GraphRefusal`, or another `MailboxError` when there is no answer."""
        return self._json("GET", url, params=query, prefer=prefer)

    def post(self, url: str, body: Mapping[str, Any] | None = None, once: bool = False) -> dict[str, Any]:
        """Sends JSON. `once`: never again after anything but a clear "not now" (429); then raises `NoAnswerError`."""
        return self._json("POST", url, json=body, once=once)

    def post_text(self, url: str, text: bytes) -> dict[str, Any]:
        """Sends MIME in base64, as `text/plain`; once, since it makes something new."""
        return self._json("POST", url, content=text, headers={"Content-Type": "text/plain"}, once=True)

    def patch(self, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Changes properties."""
        return self._json("PATCH", url, json=body)

    def delete(self, url: str) -> None:
        """Takes it away; fine when it is not there."""
        try:
            self._json("DELETE", url)
        except GraphRefusal as error:
            if error.http_status != 404:
                raise

    def pages(self, url: str, query: Mapping[str, str], prefer: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
        """The answers from `url` on, following `@odata.nextLink`."""
        page = self.get(url, query, prefer)
        for _ in range(_MOST_PAGES):
            yield page
            following = page.get("@odata.nextLink")
            if not following:
                return
            page = self.get(self.checked(following), prefer=prefer)

    def leads_home(self, link: object) -> bool:
        """Whether a link leads to the service itself: else a token would go somewhere else."""
        return isinstance(link, str) and link.startswith(f"{self._base}/") and _origin(link) == self._origin

    def checked(self, link: object) -> str:
        """A link from an answer, if it leads to the service itself. Raises `MailboxUnreachable`."""
        if isinstance(link, str) and self.leads_home(link):
            return link
        raise MailboxUnreachable(
            f"Microsoft 365 answered with a link that leads elsewhere (mailbox {self._settings.name}). "
            "It is tried again; check the option base_url when it stays so."
        )

    def content(self, url: str, most: int) -> tuple[bytes, bool]:
        """The bytes at `url`, and whether that is all; stops after `most` bytes."""
        with self._asked("GET", url, headers={"Accept": "*/*"}) as response:
            return self._read(response, most)

    def upload(self, url: str, piece: bytes, first: int, size: int) -> None:
        """One piece of a file, to the address that an upload session gave. That address is its own credential: no token goes
        there. Raises `MailboxUnreachable` when it is not kept."""
        if urlsplit(url).scheme != "https" and _origin(url) != self._origin:
            raise MailboxUnreachable(
                "Microsoft 365 named an unencrypted address for an attachment. Nothing was sent there."
            )
        headers = {"Content-Range": f"bytes {first}-{first + len(piece) - 1}/{size}"}
        with self._sentences(once=False):
            answer = self._opened().put(url, content=piece, headers=headers)
        if answer.status_code not in (200, 201, 202):
            raise refusal(answer.status_code, answer.content, self._settings.address)

    def rest(self, seconds: float) -> None:
        """Waits before the service is asked again."""
        if seconds:
            self._sleep(seconds)

    def close(self) -> None:
        """Ends the connections."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def _json(self, method: str, url: str, **request: Any) -> dict[str, Any]:
        with self._asked(method, url, **request) as response:
            body, whole = self._read(response, _MOST_JSON)
        if not body.strip():
            return {}
        try:
            found = json.loads(body) if whole else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise MailboxUnreachable(
                f"Microsoft 365 answered something that is no JSON object (mailbox {self._settings.name}). It is tried again."
            )
        return found

    @contextmanager
    def _asked(
        self,
        method: str,
        url: str,
        prefer: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
        once: bool = False,
        **request: Any,
    ) -> Iterator[httpx.Response]:
        """The answer, its body not read yet. Waits and asks again as the service says, within limits."""
        waited, renewed = 0.0, False
        for attempt in range(_TRIES):
            sent = {
                "Authorization": f"Bearer {self._settings.tokens.token(renewed)}",
                "Prefer": ", ".join(('IdType="ImmutableId"', *prefer)),
                "Accept": "application/json",
                **(headers or {}),
            }
            with (
                self._sentences(once),
                self._opened().stream(method, url, headers=sent, **request) as response,
            ):
                status = response.status_code
                if status < 300:
                    yield response
                    return
                body, _ = self._read(response, 64 * 1024)
            if status == 401 and not renewed:
                renewed = True
                continue
            if status == 401:
                raise self._sign_in()
            if once and status >= 500:
                raise self._no_answer()
            pause = _pause(response.headers.get("Retry-After", ""), attempt)
            if status not in _BUSY:
                raise refusal(status, body, self._settings.address)
            waited += pause
            if waited > _LONGEST_WAIT:
                break
            self._sleep(pause)
        raise MailboxUnreachable(
            f"Microsoft 365 asks mailbox {self._settings.name} to wait (status {status}). It takes requests again in a while."
        )

    def _opened(self) -> httpx.Client:
        if self._http is None:
            self._http = httpx.Client(
                timeout=httpx.Timeout(self._settings.timeout, connect=min(10.0, self._settings.timeout)),
                verify=security.context(self._settings.ca_file),
                follow_redirects=False,
            )
        return self._http

    def _read(self, response: httpx.Response, most: int) -> tuple[bytes, bool]:
        pieces: list[bytes] = []
        size = 0
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > most:
                return b"".join(pieces)[:most], False
        return b"".join(pieces), True

    @contextmanager
    def _sentences(self, once: bool) -> Iterator[None]:
        """Every `httpx` error as a sentence."""
        try:
            yield
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            why = explain(cause(error), self._server)
            if once and not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
                raise self._no_answer() from error
            raise why from error

    def _sign_in(self) -> MailboxSignInRefused:
        return MailboxSignInRefused(
            f"Microsoft 365 refuses the sign-in of mailbox {self._settings.name}, also with a new token. Run "
            f"`inbox-agent mailbox check {self._settings.name}`: it says what an administrator must grant."
        )

    def _no_answer(self) -> NoAnswerError:
        return NoAnswerError(f"Microsoft 365 gave no clear answer for mailbox {self._settings.name}.")


def _pause(retry_after: str, attempt: int) -> float:
    """Seconds to wait: what the service says (RFC 9110 §10.2.3: seconds or a date), else 1, 2, 4, …"""
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            seconds = float(2**attempt)
    return max(0.0, seconds) if math.isfinite(seconds) else float(2**attempt)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
