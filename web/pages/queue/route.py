"""The main page: the queue, its live refresh, and its filters."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from inbox_agent.review import outbox, queue
from inbox_agent.review.alarms import alarms
from inbox_agent.review.views import QueueFilter, Viewer
from web.dependencies import Reading, Screen, SignedIn, TheScreen
from web.pages.queue.address import Filter, query_of
from web.pages.queue.listing import listing, stamp_of
from web.security import shown_path

router = APIRouter(include_in_schema=False)


@router.get("/")
def home() -> Response:
    """The queue is the first page."""
    return RedirectResponse("/queue", status_code=303)


@router.get("/queue")
def show_queue(screen: TheScreen, session: Reading, viewer: SignedIn, wanted: Filter, done: str = "") -> Response:
    """The queue without a mail opened; for htmx only the list, or only the empty place of the mail."""
    if screen.wants == "mail":
        return screen.show(
            "pages/queue/_nothing_open.html",
            done=done[:40],
            headers={"HX-Push-Url": "/queue"},
            **_held(screen, session, viewer, wanted, done),
        )
    found = listing(session, viewer, wanted, screen.now)
    if screen.wants == "queue-list":
        shown = shown_path(screen.request.headers)[0] or "/queue"
        opened = _opened(shown)
        return screen.show(
            "pages/queue/_list.html", listing=found, opened=opened, headers={"HX-Replace-Url": f"{shown}{found.query}"}
        )
    held = _held(screen, session, viewer, wanted, done)
    return screen.show("pages/queue/queue.html", listing=found, opened=0, done=done[:40], **held)


@router.get("/queue/changes")
def show_changes(
    screen: TheScreen,
    session: Reading,
    viewer: SignedIn,
    wanted: Filter,
    version: Annotated[str, Query(max_length=200)] = "",
    newest: Annotated[int, Query(ge=0)] = 0,
    mail: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """204 while the list that the browser has is the list that there is; else the list. Asked for every second."""
    if stamp_of(queue.version(session, viewer), screen.now) == version:
        return Response(status_code=204)
    found = listing(session, viewer, wanted, screen.now)
    return screen.show(
        "pages/queue/_changes.html",
        listing=found,
        opened=mail,
        arrived=found.arrived_after(newest) if newest else (),
        alarms=alarms(session, viewer.mailbox_ids, screen.now),
        headers={"HX-Trigger": "queue-changed"},
    )


def _held(screen: Screen, session: Session, viewer: Viewer, wanted: QueueFilter, done: str) -> dict[str, Any]:
    """The reply to the mail that was decided just before, while it can be taken back."""
    mail_id = int(done) if done.isascii() and done.isdigit() and len(done) < 10 else 0
    return {"held": outbox.held(session, viewer, mail_id, screen.now), "query": query_of(wanted)}


def _opened(path: str) -> int:
    head, _, number = path.rpartition("/")
    return int(number) if head == "/mails" and number.isdecimal() else 0
