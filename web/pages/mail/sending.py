"""A reply on its way: its recipients looked at while they are typed, its hold, and the way back."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.review import addressing, outbox
from inbox_agent.review.recipients import addresses_in
from inbox_agent.review.visible import visible_mail
from web.dependencies import Now, Reading, SignedIn, TheScreen, TheSite, Writing
from web.pages.queue.address import Filter, query_of

router = APIRouter(include_in_schema=False)


@router.post("/mails/{mail_id}/recipients")
def check_recipients(
    screen: TheScreen,
    session: Reading,
    viewer: SignedIn,
    mail_id: int,
    to: Annotated[str, Form(max_length=4000)] = "",
    cc: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Which of the addresses want a look before anything is sent to them. Changes nothing."""
    row = visible_mail(session, viewer, mail_id)
    try:
        to_check = addressing.to_check(session, row, addresses_in(to), addresses_in(cc))
    except NotAllowed as error:
        return screen.show("pages/mail/_to_check.html", to_check=(), sentence=error.sentence)
    return screen.show("pages/mail/_to_check.html", to_check=to_check, sentence="")


@router.get("/mails/{mail_id}/hold")
def show_hold(
    screen: TheScreen, session: Reading, viewer: SignedIn, now: Now, mail_id: int, wanted: Filter
) -> Response:
    """How long the reply to this mail still waits; without htmx, its mail."""
    if screen.wants != "hold":
        return screen.go(f"/mails/{mail_id}{query_of(wanted)}")
    held = outbox.held(session, viewer, mail_id, now)
    return screen.show("pages/mail/_hold.html", held=held, query=query_of(wanted))


@router.post("/mails/{mail_id}/replies/{reply_id}/withdraw")
def withdraw(
    screen: TheScreen, session: Writing, viewer: SignedIn, now: Now, mail_id: int, reply_id: int, wanted: Filter
) -> Response:
    """Takes the reply back; its mail is shown, with the text to go on with."""
    outbox.withdraw(session, viewer, reply_id, now)
    return screen.go(f"/mails/{mail_id}{query_of(wanted)}")


@router.post("/mails/{mail_id}/replies/{reply_id}/resend")
def resend(
    screen: TheScreen, session: Writing, viewer: SignedIn, site: TheSite, now: Now, mail_id: int, reply_id: int,
    wanted: Filter,
) -> Response:  # fmt: skip
    """Sends a reply again that failed, or of which nobody knows whether it left."""
    outbox.resend(session, viewer, reply_id, site.queue, now)
    return screen.go(f"/mails/{mail_id}{query_of(wanted)}")


@router.post("/mails/{mail_id}/replies/{reply_id}/delivered")
def mark_delivered(
    screen: TheScreen, session: Writing, viewer: SignedIn, now: Now, mail_id: int, reply_id: int, wanted: Filter
) -> Response:
    """Notes that a reply did leave, as a person found out."""
    outbox.mark_delivered(session, viewer, reply_id, now)
    return screen.go(f"/mails/{mail_id}{query_of(wanted)}")
