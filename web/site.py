"""What one running web process holds: settings, engine, the door to the durable engine, templates. Made by `create_app`."""

from dataclasses import dataclass

import sqlalchemy as sa
from starlette.requests import Request

from inbox_agent.durable import Queue
from inbox_agent.review.original import RawStore
from inbox_agent.review.views import Viewer
from inbox_agent.settings import Settings
from web.rendering import Renderer

LANGUAGE_COOKIE = "language"


@dataclass(frozen=True, slots=True)
class Site:
    """Reached as `request.app.state.site`; never changed after start."""

    settings: Settings
    engine: sa.Engine
    queue: Queue
    renderer: Renderer

    def language(self, request: Request, viewer: Viewer | None) -> str:
        """The language chosen in this browser, else the controller's own, else the setting."""
        own = viewer.interface_language if viewer else ""
        wanted = (request.cookies.get(LANGUAGE_COOKIE, ""), own, self.settings.interface_language)
        return next(code for code in wanted if code in self.renderer.interfaces)

    @property
    def raw_store(self) -> RawStore:
        """Where original mail lies: a folder, or the database."""
        return RawStore(self.settings.raw_folder)
