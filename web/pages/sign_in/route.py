"""Signing in and out, and the interface language."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from inbox_agent.review import access
from web.dependencies import FrontScreen, Now, SignedIn, TheSite, Writing
from web.security import local_path, session_cookie
from web.site import LANGUAGE_COOKIE

router = APIRouter(include_in_schema=False)

_YEAR = 365 * 24 * 3600
_TOO_MANY = 429
_REFUSED = 401


@router.get("/sign-in")
def show_sign_in(screen: FrontScreen, next: str = "/queue") -> Response:
    """The form."""
    return screen.show("pages/sign_in/sign_in.html", next=local_path(next), email="", refusal="")


@router.post("/sign-in")
def sign_in(
    screen: FrontScreen,
    session: Writing,
    site: TheSite,
    now: Now,
    email: Annotated[str, Form(max_length=320)] = "",
    password: Annotated[str, Form(max_length=4096)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/queue",
) -> Response:
    """Opens a session and goes on to `next`, or shows the form with the refusal."""
    result = access.sign_in(session, email, password, now, site.settings.session_hours)
    if result.token is None:
        refusal = result.refusal or access.WRONG
        status = _TOO_MANY if refusal == access.TOO_MANY else _REFUSED
        return screen.show(
            "pages/sign_in/sign_in.html", status=status, next=local_path(next), email=email, refusal=refusal
        )
    response = RedirectResponse(local_path(next), status_code=303)
    response.set_cookie(
        session_cookie(site.settings.secure_cookies),
        result.token,
        max_age=site.settings.session_hours * 3600,
        path="/",
        secure=site.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/sign-out")
def sign_out(request: Request, session: Writing, site: TheSite, viewer: SignedIn) -> Response:
    """Ends the session."""
    name = session_cookie(site.settings.secure_cookies)
    access.sign_out(session, request.cookies.get(name, ""))
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(name, path="/", secure=site.settings.secure_cookies, httponly=True, samesite="lax")
    response.delete_cookie(LANGUAGE_COOKIE, path="/")
    return response


@router.post("/language")
def choose_language(
    site: TheSite,
    viewer: SignedIn,
    language: Annotated[str, Form(max_length=5)],
    next: Annotated[str, Form(max_length=2000)] = "/queue",
) -> Response:
    """Another interface language for this browser, and back to the page that asked."""
    response = RedirectResponse(local_path(next), status_code=303)
    if language in site.renderer.interfaces:
        response.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=_YEAR,
            path="/",
            secure=site.settings.secure_cookies,
            httponly=True,
            samesite="lax",
        )
    return response
