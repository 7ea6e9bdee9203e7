"""One place that turns what went wrong into what a person sees: a page, or for htmx a notice beside the page.

Errors of the product show their own sentence and status. Anything else shows a reference that the log has as well.
"""

import secrets
import traceback
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inbox_agent.domain.errors import InboxAgentError, NotAllowed, NotFound
from web.security import local_path, shown_path
from web.translation import N_

log = structlog.get_logger("web")


TOO_LARGE = N_(
    "This is too large to be sent. The files of a reply may have 20 MB together; take some out and try again."
)


class SignInRequired(Exception):
    """Nobody is signed in; the page comes back after signing in."""


class RequestForged(NotAllowed):
    """A change that was not sent from our own page."""

    def __init__(self) -> None:
        super().__init__(N_("This request did not come from a page of this session. Reload the page and try again."))


class PageMissing(NotFound):
    """An address that leads nowhere."""

    def __init__(self) -> None:
        super().__init__(N_("There is no such page, or it is not for you."))


class RequestUnreadable(InboxAgentError):
    """A form or address with values that no page of ours sends."""

    status = 422

    def __init__(self) -> None:
        super().__init__(N_("The request could not be understood. Reload the page and try again."))


def install(app: FastAPI) -> None:
    """Registers the handlers."""
    app.add_exception_handler(SignInRequired, _to_sign_in)
    app.add_exception_handler(InboxAgentError, _known)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)


class UnknownErrors:
    """ASGI middleware for what no handler knows. Not Starlette's own: that one raises again, and a traceback may quote mail."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on everything; answers with the calm page unless an answer has begun."""
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            await _unknown(Request(scope, receive), error)(scope, receive, send)


def is_partial(request: Request) -> bool:
    """Whether htmx asks for a piece of the page (not for a whole page again after going back)."""
    return "hx-request" in request.headers and "hx-history-restore-request" not in request.headers


def _to_sign_in(request: Request, error: Exception) -> Response:
    if not is_partial(request):
        back = request.url.path if request.method == "GET" else "/queue"
        query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
        return RedirectResponse(f"/sign-in?next={quote(local_path(back + query), safe='')}", status_code=303)
    if request.url.path == "/queue/changes":
        return _notice(request, 401, "layout/_signed_out.html", {})
    path, shown_query = shown_path(request.headers)
    back = local_path(path + (f"?{shown_query}" if shown_query else "")) if path else "/queue"
    return Response(status_code=401, headers={"HX-Redirect": f"/sign-in?next={quote(back, safe='')}"})


def _unreadable(request: Request, error: Exception) -> Response:
    return _known(request, RequestUnreadable())


def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, InboxAgentError)
    if error.status >= 500:
        log.error("refused", status=error.status, sentence=error.sentence, route=request.scope.get("path"))
    return _shown(request, error.status, error.sentence, "")


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _known(request, PageMissing())
    sentence = TOO_LARGE if error.status_code == 413 else RequestUnreadable().sentence
    response = _shown(request, error.status_code, sentence, "")
    response.headers.update(error.headers or {})
    return response


def _unknown(request: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    frames = [f"{frame.f_code.co_filename}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)][-8:]
    log.error("failed", reference=reference, error=type(error).__name__, at=frames)
    sentence = N_("Something went wrong on our side. Nothing was half-done; try again, or tell your administrator.")
    return _shown(request, 500, sentence, reference)


def _shown(request: Request, status: int, sentence: str, reference: str) -> Response:
    context = {"status": status, "sentence": sentence, "reference": reference}
    if is_partial(request):
        return _notice(request, status, "layout/_toast.html", context)
    return _render(request, status, "layout/error.html", context, {})


def _notice(request: Request, status: int, template: str, context: dict[str, object]) -> Response:
    return _render(request, status, template, context, {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"})


def _render(
    request: Request, status: int, template: str, context: dict[str, object], headers: dict[str, str]
) -> Response:
    site = request.app.state.site
    viewer = getattr(request.state, "viewer", None)
    language = getattr(request.state, "language", None) or site.language(request, viewer)
    rendered: Response = site.renderer.render(
        request, language, template, {"viewer": viewer, **context}, status, headers
    )
    return rendered
