"""Request log, `/healthz` and `/metrics`. No query text and no mail content ever reaches the log or a figure's label."""

import hmac
import time
from collections.abc import Iterator

import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inbox_agent import db
from inbox_agent.domain.errors import DatabaseError
from inbox_agent.review.metrics import Figures, figures
from inbox_agent.review.states import MailState, ReplyState
from web.dependencies import TheSite

log = structlog.get_logger("web")
router = APIRouter()

_QUIET = {"/queue/changes", "/healthz", "/metrics", "/static", "/notifications/graph"}
"""Asked for every second or by machines: logged at debug level."""


class RequestLog:
    """ASGI middleware: one line a request with method, route, status, milliseconds and controller."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on everything; logs when the answer is complete."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            route = _route(scope)
            viewer = scope.get("state", {}).get("viewer")
            write = log.debug if route in _QUIET and status < 500 else log.info
            write(
                "request",
                method=scope["method"],
                route=route,
                status=status,
                ms=round((time.perf_counter() - began) * 1000, 1),
                controller=viewer.controller_id if viewer else None,
            )


def _route(scope: Scope) -> str:
    """The route's pattern, so that a log line names no mail; "(none)" for an address that leads nowhere."""
    if scope["path"].startswith("/static/"):
        return "/static"
    route = scope.get("route")
    return str(getattr(route, "path", "(none)"))


@router.get("/healthz", include_in_schema=False)
def health(site: TheSite) -> Response:
    """200 when the database answers, else 503 with what is wrong and what to do."""
    try:
        with db.reading(site.engine) as session:
            session.execute(sa.text("SELECT 1"))
    except DatabaseError as error:
        return JSONResponse({"status": "unavailable", "problem": error.sentence}, status_code=503)
    return JSONResponse({"status": "ok"})


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, site: TheSite) -> Response:
    """Figures in Prometheus' text format, computed now; behind a bearer token when the setting asks for one."""
    token = site.settings.metrics_token
    if token is not None:
        sent = request.headers.get("authorization", "")
        if not hmac.compare_digest(sent.encode(), f"Bearer {token.get_secret_value()}".encode()):
            return PlainTextResponse("A bearer token is needed.\n", 401, {"WWW-Authenticate": "Bearer"})
    with db.reading(site.engine) as session:
        now = figures(session, db.now())
    registry = CollectorRegistry(auto_describe=False)
    registry.register(FiguresCollector(now))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class FiguresCollector(Collector):
    """The figures as Prometheus metrics."""

    def __init__(self, now: Figures) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        """Every metric, with `# HELP` and `# TYPE`."""
        yield from self._mailboxes()
        replies = GaugeMetricFamily("inbox_agent_replies", "Approved replies by what became of them", labels=["state"])
        for state in ReplyState:
            replies.add_metric([state.value], self.now.replies.get(state, 0))
        yield replies
        yield GaugeMetricFamily("inbox_agent_open_mails", "Mails that wait for a controller", value=self.now.open_mails)
        yield GaugeMetricFamily(
            "inbox_agent_oldest_open_mail_age_seconds",
            "How long the oldest of them waits; 0 when none does",
            value=self.now.oldest_open_age,
        )

    def _mailboxes(self) -> Iterator[Metric]:
        fetched = CounterMetricFamily("inbox_agent_mails_fetched", "Mails fetched from the mailbox", labels=["mailbox"])
        mails = GaugeMetricFamily("inbox_agent_mails", "Mails by how far the machine is", labels=["mailbox", "state"])
        age = GaugeMetricFamily(
            "inbox_agent_mailbox_poll_age_seconds", "Seconds since the mailbox was last read", labels=["mailbox"]
        )
        problem = GaugeMetricFamily(
            "inbox_agent_mailbox_problem", "1 while the mailbox cannot be read", labels=["mailbox"]
        )
        audit = GaugeMetricFamily(
            "inbox_agent_mailbox_audit_age_seconds",
            "Seconds since the mailbox was last compared with its server",
            labels=["mailbox"],
        )
        missing = GaugeMetricFamily(
            "inbox_agent_mailbox_missing_mails",
            "Mails on the server that could not be taken in",
            labels=["mailbox"],
        )
        left = GaugeMetricFamily(
            "inbox_agent_mailbox_sign_in_left_seconds",
            "Seconds until the mailbox's sign-in ends, where that is known",
            labels=["mailbox"],
        )
        for box in self.now.mailboxes:
            fetched.add_metric([box.name], box.fetched)
            for state in MailState:
                mails.add_metric([box.name, state.value], box.mails.get(state, 0))
            if box.poll_age is not None:
                age.add_metric([box.name], box.poll_age)
            problem.add_metric([box.name], 1 if box.has_problem else 0)
            if box.audit_age is not None:
                audit.add_metric([box.name], box.audit_age)
            missing.add_metric([box.name], box.missing)
            if box.sign_in_left is not None:
                left.add_metric([box.name], box.sign_in_left)
        yield from (fetched, mails, age, problem, audit, missing, left)
