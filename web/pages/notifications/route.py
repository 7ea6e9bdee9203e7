"""Where Microsoft 365 tells that mail arrived. It hurries the worker and is believed in nothing else.

Open to everybody on purpose: the service has no session and sends no token of ours, so neither sign-in nor `csrf_token` is
asked for. What it may do is set one time stamp, and only with the secret that its subscription was made with.
"""

import html
import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from inbox_agent import db
from inbox_agent.review import notices
from inbox_agent.review.notices import Notice
from web.dependencies import Now, TheSite
from web.site import Site

router = APIRouter(include_in_schema=False)

_MOST_BYTES = 256 * 1024
_MOST_NOTICES = 1_000
_MOST_TEXT = 1_000
_ACCEPTED = 202
_TOO_LARGE = 413


@router.post("/notifications/graph")
async def graph_notifications(
    request: Request,
    site: TheSite,
    now: Now,
    validation: Annotated[str | None, Query(alias="validationToken", max_length=4_000)] = None,
) -> Response:
    """Repeats a validation token as plain text, escaped as Microsoft advises
    (https://learn.microsoft.com/graph/change-notifications-delivery-webhooks); else takes the notifications and answers at once. What is wrong or unknown gets the same answer as what is right."""
    if validation is not None:
        return PlainTextResponse(html.escape(validation))
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            return Response(status_code=_TOO_LARGE)
    told = _told(bytes(body))
    if told:
        await run_in_threadpool(_take, site, told, now)
    return Response(status_code=_ACCEPTED)


def _take(site: Site, told: list[Notice], now: datetime) -> None:
    """Reads first: whoever knows no secret never makes the database wait for a write."""
    with db.reading(site.engine) as session:
        true = notices.believed(session, told)
    if true:
        with db.writing(site.engine) as session:
            notices.take(session, true, now)


def _told(body: bytes) -> list[Notice]:
    """The notifications in a body; none for anything that is no such body."""
    try:
        found: Any = json.loads(body)
        entries = found["value"][:_MOST_NOTICES]
        return [
            Notice(*(_text(one.get(name)) for name in ("subscriptionId", "clientState", "lifecycleEvent")))
            for one in entries
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _text(value: object) -> str:
    """As far as it can be one of ours: printable ASCII, not endless."""
    text = str(value or "")[:_MOST_TEXT]
    return text if text.isascii() and text.isprintable() else ""
