"""Nothing is lost: per mailbox, what was fetched and where all of it is now."""

from fastapi import APIRouter
from starlette.responses import Response

from inbox_agent.review import queue
from web.dependencies import Reading, SignedIn, TheScreen

router = APIRouter(include_in_schema=False)


@router.get("/mailboxes")
def show_mailboxes(screen: TheScreen, session: Reading, viewer: SignedIn) -> Response:
    """The sums of every mailbox of this viewer."""
    return screen.show("pages/mailboxes/mailboxes.html", mailboxes=queue.reconciliation(session, viewer))
