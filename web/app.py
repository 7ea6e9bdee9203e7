"""The web application: `create_app` puts it together. No model, no mailbox, no work at import."""

import sqlalchemy as sa
from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from inbox_agent import db
from inbox_agent.durable import Queue
from inbox_agent.settings import Settings, load
from web import errors, observability
from web.dependencies import from_own_page
from web.pages.help import route as help_page
from web.pages.mail import route as mail_page
from web.pages.mailboxes import route as mailboxes_page
from web.pages.notifications import route as notifications_page
from web.pages.profile import route as profile_page
from web.pages.queue import route as queue_page
from web.pages.sign_in import route as sign_in_page
from web.rendering import WEB, Renderer
from web.security import BodyLimit, SecurityHeaders
from web.site import Site

PAGES = (sign_in_page, queue_page, mail_page, mailboxes_page, help_page, profile_page, notifications_page)


def create_app(settings: Settings | None = None, engine: sa.Engine | None = None) -> FastAPI:
    """The application; settings from the environment and an engine for their database unless given."""
    settings = settings or load()
    engine = engine or db.create_engine(settings.database)
    app = FastAPI(
        title="Inbox Agent",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(from_own_page)],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(observability.RequestLog),
            Middleware(errors.UnknownErrors),
            Middleware(BodyLimit),
        ],
    )
    app.state.site = Site(settings, engine, Queue(engine), Renderer())
    errors.install(app)
    app.mount("/static", HashedFiles(directory=WEB / "static"))
    app.include_router(observability.router)
    for page in PAGES:
        app.include_router(page.router)
    return app


class HashedFiles(StaticFiles):
    """Static files; an address with a content hash may be kept for a year, any other is asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file."""
        response = await super().get_response(path, scope)
        hashed = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response
