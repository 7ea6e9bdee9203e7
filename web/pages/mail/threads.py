"""Joining and splitting threads, and taking either back. Each route is one call of `review.threads`, then the same mail again."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from inbox_agent.review import threads
from web.dependencies import Now, SignedIn, TheScreen, Writing
from web.pages.queue.address import Filter, query_of

router = APIRouter(include_in_schema=False)


@router.post("/mails/{mail_id}/join")
def join(
    screen: TheScreen, session: Writing, viewer: SignedIn, now: Now, mail_id: int, wanted: Filter,
    other: Annotated[int, Form()], different_customers: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Makes one thread of this mail's and another mail's."""
    threads.join(session, viewer, mail_id, other, now, different_customers=different_customers)
    return screen.go(f"/mails/{mail_id}{query_of(wanted)}")


@router.post("/mails/{mail_id}/split")
def split(screen: TheScreen, session: Writing, viewer: SignedIn, now: Now, mail_id: int, wanted: Filter) -> Response:
    """Makes a thread of this mail and what came later in its thread."""
    threads.split(session, viewer, mail_id, now)
    return screen.go(f"/mails/{mail_id}{query_of(wanted)}")


@router.post("/mails/{mail_id}/threads/{move_id}/undo")
def undo(
    screen: TheScreen, session: Writing, viewer: SignedIn, now: Now, mail_id: int, move_id: int, wanted: Filter
) -> Response:
    """Takes a join or a split back."""
    threads.undo(session, viewer, move_id, now)
    return screen.go(f"/mails/{mail_id}{query_of(wanted)}")
