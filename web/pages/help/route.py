"""The keyboard shortcuts as a page of their own, for whoever has no JavaScript or prefers a link."""

from fastapi import APIRouter
from starlette.responses import Response

from web.dependencies import TheScreen

router = APIRouter(include_in_schema=False)


@router.get("/help")
def show_help(screen: TheScreen) -> Response:
    """The list of keys."""
    return screen.show("pages/help/help.html")
