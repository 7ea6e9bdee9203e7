"""Nothing is lost: per mailbox and day, what lies on the server and where all of it is now."""

from fastapi import APIRouter
from starlette.responses import Response

from inbox_agent.review.reconciliation import reconciliation
from inbox_agent.review.states import Role
from web.dependencies import Reading, SignedIn, TheScreen

router = APIRouter(include_in_schema=False)


@router.get("/mailboxes")
def show_mailboxes(screen: TheScreen, session: Reading, viewer: SignedIn) -> Response:
    """The sums of every mailbox of this viewer; a team lead sees how each is set up as well."""
    found = reconciliation(session, viewer.mailbox_ids, screen.now)
    return screen.show("pages/mailboxes/mailboxes.html", mailboxes=found, shows_settings=viewer.role is Role.TEAM_LEAD)
