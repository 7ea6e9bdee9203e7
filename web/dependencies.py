"""What routes ask for: the site, the clock, sessions, who is signed in, and the page they answer with.

A route that changes something cannot be reached without the session's token: `signed_in` checks it on every method that
is not safe, and `from_own_page` (on the whole application) refuses other origins.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from inbox_agent import db
from inbox_agent.review import access
from inbox_agent.review.alarms import Alarm, alarms
from inbox_agent.review.views import Viewer
from web.errors import RequestForged, SignInRequired, is_partial
from web.security import SAFE_METHODS, is_same_origin, session_cookie
from web.site import Site
from web.translation import Interface


def site_of(request: Request) -> Site:
    """What this process holds."""
    site: Site = request.app.state.site
    return site


def clock() -> datetime:
    """The present instant; tests put another one in its place."""
    return db.now()


TheSite = Annotated[Site, Depends(site_of)]
Now = Annotated[datetime, Depends(clock)]


def read_session(site: TheSite) -> Iterator[Session]:
    """A session that only reads."""
    with db.reading(site.engine) as session:
        yield session


def write_session(site: TheSite) -> Iterator[Session]:
    """A session that is committed when the route has returned, before its response is sent."""
    with db.writing(site.engine) as session:
        yield session


Reading = Annotated[Session, Depends(read_session, scope="function")]
Writing = Annotated[Session, Depends(write_session, scope="function")]


def from_own_page(request: Request) -> None:
    """Refuses with `RequestForged` what another site's page made the browser send."""
    if request.method not in SAFE_METHODS and not is_same_origin(request.headers):
        raise RequestForged


async def sent_token(request: Request) -> str:
    """The token that came with a change, from the header or the form; "" otherwise."""
    if request.method in SAFE_METHODS:
        return ""
    header = request.headers.get("x-csrf-token", "")
    if header or not request.headers.get("content-type", "").startswith(_FORMS):
        return header
    field = (await request.form()).get("csrf_token", "")
    return field if isinstance(field, str) else ""


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def signed_in(
    request: Request, site: TheSite, session: Reading, now: Now, token: Annotated[str, Depends(sent_token)]
) -> Viewer:
    """Who is signed in. Raises `SignInRequired`, or `RequestForged` when a change lacks the session's token."""
    cookie = request.cookies.get(session_cookie(site.settings.secure_cookies), "")
    viewer = access.viewer(session, cookie, now) if cookie else None
    if viewer is None:
        raise SignInRequired
    request.state.viewer = viewer
    if request.method not in SAFE_METHODS and not hmac.compare_digest(token.encode(), viewer.csrf_token.encode()):
        raise RequestForged
    return viewer


SignedIn = Annotated[Viewer, Depends(signed_in)]


@dataclass(frozen=True, slots=True)
class Screen:
    """The answer to one request, in one language. `viewer` is None before sign-in.

    `alarms` stand on every whole page: what is wrong with the viewer's mailboxes.
    """

    request: Request
    site: Site
    language: str
    now: datetime
    viewer: Viewer | None = None
    alarms: tuple[Alarm, ...] = ()

    @property
    def interface(self) -> Interface:
        """Translations and formats of this screen's language."""
        return self.site.renderer.interfaces[self.language]

    @property
    def wants(self) -> str:
        """Id of the element that htmx wants to fill; "" for a whole page."""
        return self.request.headers.get("hx-target", "") if is_partial(self.request) else ""

    def show(self, name: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: Any) -> Response:
        """The response for a template."""
        context = {"alarms": self.alarms, **context}
        context |= {"viewer": self.viewer, "now": self.now, "is_page": not is_partial(self.request)}
        return self.site.renderer.render(self.request, self.language, name, context, status, headers)

    def go(self, path: str) -> Response:
        """On to another page after a change; htmx follows as well and keeps filling its target."""
        return RedirectResponse(path, status_code=303)


def screen(request: Request, site: TheSite, session: Reading, now: Now, viewer: SignedIn) -> Screen:
    """The screen of somebody who is signed in."""
    language = request.state.language = site.language(request, viewer)
    wrong = () if is_partial(request) else alarms(session, viewer.mailbox_ids, now)
    return Screen(request, site, language, now, viewer, wrong)


def front_screen(request: Request, site: TheSite, now: Now) -> Screen:
    """The screen of somebody who is not signed in yet."""
    language = request.state.language = site.language(request, None)
    return Screen(request, site, language, now)


TheScreen = Annotated[Screen, Depends(screen)]
FrontScreen = Annotated[Screen, Depends(front_screen)]
