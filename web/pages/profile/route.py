"""What a controller's own replies end with."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from inbox_agent.review import signature as own
from web.dependencies import Reading, SignedIn, TheScreen, Writing

router = APIRouter(include_in_schema=False)


@router.get("/profile")
def show_profile(screen: TheScreen, session: Reading, viewer: SignedIn, kept: bool = False) -> Response:
    """The signature as it is."""
    return screen.show("pages/profile/profile.html", signature=own.signature_of(session, viewer), kept=kept)


@router.post("/profile")
def keep_profile(
    screen: TheScreen, session: Writing, viewer: SignedIn, signature: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Keeps the signature for replies from now on."""
    own.keep_signature(session, viewer, signature)
    return screen.go("/profile?kept=1")
