"""One mail: its page, what belongs to it, and the check of an edited reply. Decisions are in `decisions`."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query
from sqlmodel import Session
from starlette.responses import HTMLResponse, Response

from inbox_agent.domain.errors import NotFound
from inbox_agent.review import detail, whose
from inbox_agent.review.views import Detail, Viewer
from inbox_agent.review.visible import visible_mail
from web.dependencies import Reading, SignedIn, TheScreen, TheSite
from web.pages.mail import decisions, sending, threads
from web.pages.mail.original import LARGEST_PICTURE, PICTURES, harmless, is_too_large, nothing
from web.pages.mail.reading import figure_warnings
from web.pages.mail.showing import show
from web.pages.queue.address import Filter, query_of
from web.rendering import visible
from web.security import MAIL_POLICY
from web.site import Site
from web.translation import N_

router = APIRouter(include_in_schema=False)
router.include_router(decisions.router)
router.include_router(sending.router)
router.include_router(threads.router)

_PICTURES_TOGETHER = 20
TOO_LARGE = N_("The layout of this mail is too large to be shown. Read its text, or download the original mail.")
NO_HTML = N_("This mail has no layout of its own; it is plain text.")


@router.get("/mails/{mail_id}")
def show_mail(
    screen: TheScreen, session: Reading, viewer: SignedIn, mail_id: int, wanted: Filter, done: int = 0
) -> Response:
    """The mail beside the queue; for htmx the mail alone. `done` names the mail that was decided just before."""
    return show(screen, session, viewer, mail_id, wanted, done)


@router.get("/mails/{mail_id}/customers")
def find_customers(
    screen: TheScreen,
    session: Reading,
    viewer: SignedIn,
    mail_id: int,
    wanted: Filter,
    find: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Customers whose mail it could be, by name or number: for htmx the list alone."""
    found = whose.search(session, viewer, mail_id, find)
    words = find.strip()
    if screen.wants == "found":
        return screen.show("pages/mail/_found.html", found=found, words=words)
    version = visible_mail(session, viewer, mail_id).version
    query = query_of(wanted)
    return screen.show(
        "pages/mail/customers.html", found=found, words=words, mail_id=mail_id, version=version, query=query
    )


@router.post("/mails/{mail_id}/check")
def check_reply(
    screen: TheScreen,
    session: Reading,
    viewer: SignedIn,
    mail_id: int,
    body: Annotated[str, Form(max_length=50_000)] = "",
) -> Response:
    """What is to be looked at in the reply as it is written now. Changes nothing."""
    shown = detail.detail(session, viewer, mail_id)
    return screen.show("pages/mail/_figures.html", figures=figure_warnings(shown, body))


@router.get("/mails/{mail_id}/html")
def show_original(screen: TheScreen, session: Reading, viewer: SignedIn, site: TheSite, mail_id: int) -> Response:
    """The mail's own layout, made harmless, for the sandboxed frame only."""
    shown = detail.detail(session, viewer, mail_id)
    html = shown.mail.html if shown.mail else ""
    if not html or is_too_large(html):
        document = nothing(screen.interface._(TOO_LARGE if html else NO_HTML))
    else:
        document = harmless(visible(html), Pictures(session, viewer, site, shown))
    return HTMLResponse(document, headers={"Content-Security-Policy": MAIL_POLICY})


@router.get("/mails/{mail_id}/attachments/{index}")
def download_attachment(session: Reading, viewer: SignedIn, site: TheSite, mail_id: int, index: int) -> Response:
    """One attachment, always as a download and never as a page."""
    attachment, content = detail.attachment(session, viewer, mail_id, index, site.raw_store)
    return _download(content, attachment.name or f"attachment-{index + 1}")


@router.get("/mails/{mail_id}/raw")
def download_raw(session: Reading, viewer: SignedIn, site: TheSite, mail_id: int) -> Response:
    """The mail as it came, byte for byte."""
    return _download(detail.raw(session, viewer, mail_id, site.raw_store), f"mail-{mail_id}.eml")


class Pictures:
    """Finds a mail's inline pictures by Content-ID. At most twenty, so that one mail cannot make a huge page."""

    def __init__(self, session: Session, viewer: Viewer, site: Site, shown: Detail) -> None:
        self._session, self._viewer, self._site, self._shown = session, viewer, site, shown
        self._left = _PICTURES_TOGETHER

    def __call__(self, content_id: str) -> tuple[str, bytes] | None:
        """Content type and bytes, or None when there is no such small picture."""
        for index, attachment in enumerate(self._shown.mail.attachments if self._shown.mail else ()):
            named = attachment.content_id.strip("<> ") == content_id
            if named and attachment.content_type in PICTURES and attachment.size <= LARGEST_PICTURE and self._left:
                self._left -= 1
                return attachment.content_type, self._content(index)
        return None

    def _content(self, index: int) -> bytes:
        try:
            return detail.attachment(self._session, self._viewer, self._shown.mail_id, index, self._site.raw_store)[1]
        except NotFound:
            return b""


def _download(content: bytes, name: str) -> Response:
    plain = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in visible(name)).strip(". ")[:150]
    simple = plain.encode("ascii", "replace").decode().replace("?", "_") or "attachment"
    disposition = f"attachment; filename=\"{simple}\"; filename*=UTF-8''{quote(plain or simple, safe='')}"
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(content, media_type="application/octet-stream", headers=headers)
