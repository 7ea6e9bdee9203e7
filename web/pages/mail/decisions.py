"""What a controller decides. Each route is one call of `review.decide`, then the next mail that waits."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.review import decide, queue
from inbox_agent.review.choose import Remember, choose_customer, forget_sender
from inbox_agent.review.views import QueueFilter
from web.dependencies import Now, Reading, Screen, SignedIn, TheScreen, TheSite, Writing
from web.errors import is_partial
from web.pages.mail.form import Intents, TheApproval
from web.pages.mail.showing import show
from web.pages.queue.address import Filter, query_of
from web.pages.queue.listing import following

router = APIRouter(include_in_schema=False)


@router.post("/mails/{mail_id}/approve")
def approve(
    screen: TheScreen, session: Writing, before: Reading, viewer: SignedIn, site: TheSite, now: Now, mail_id: int,
    wanted: Filter, approval: TheApproval,
) -> Response:  # fmt: skip
    """Approves, with or without reply. What is refused is shown again with what was typed; htmx leaves the form as it is."""
    rows = queue.queue(before, viewer, wanted, now).rows
    rules, raw_store = site.settings.sending, site.raw_store
    try:
        with session.begin_nested():
            decide.approve(session, viewer, mail_id, approval, site.queue, now, rules, raw_store)
    except NotAllowed as error:
        if is_partial(screen.request):
            raise
        session.expire_all()
        return show(screen, session, viewer, mail_id, wanted, 0, approval, error.sentence, error.status)
    return _next(screen, following(rows, mail_id), mail_id, wanted)


@router.post("/mails/{mail_id}/dismiss")
def dismiss(
    screen: TheScreen, session: Writing, before: Reading, viewer: SignedIn, site: TheSite, now: Now, mail_id: int,
    wanted: Filter, version: Annotated[int, Form()], reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:  # fmt: skip
    """Puts the mail away with a reason; nothing is recorded or sent."""
    rows = queue.queue(before, viewer, wanted, now).rows
    decide.dismiss(session, viewer, mail_id, version, reason.strip(), site.queue, now)
    return _next(screen, following(rows, mail_id), mail_id, wanted)


@router.post("/mails/{mail_id}/reopen")
def reopen(
    screen: TheScreen, session: Writing, viewer: SignedIn, now: Now, mail_id: int, wanted: Filter,
    version: Annotated[int, Form()],
) -> Response:  # fmt: skip
    """Takes a decision back, as far as nothing was sent."""
    decide.reopen(session, viewer, mail_id, version, now)
    return _same(screen, mail_id, wanted)


@router.post("/mails/{mail_id}/reassign")
def reassign(
    screen: TheScreen, session: Writing, viewer: SignedIn, now: Now, mail_id: int, wanted: Filter,
    controller: Annotated[str, Form(max_length=10)] = "",
) -> Response:  # fmt: skip
    """Gives the thread to a colleague, or to nobody in particular."""
    decide.reassign(session, viewer, mail_id, int(controller) if controller.isdecimal() else None, now)
    return _same(screen, mail_id, wanted)


@router.post("/mails/{mail_id}/reclassify")
def reclassify(
    screen: TheScreen, session: Writing, viewer: SignedIn, now: Now, mail_id: int, wanted: Filter, intents: Intents,
    version: Annotated[int, Form()],
) -> Response:  # fmt: skip
    """Corrects what the mail says, without deciding it."""
    decide.reclassify(session, viewer, mail_id, version, intents, now)
    return _same(screen, mail_id, wanted)


@router.post("/mails/{mail_id}/customer")
def choose(
    screen: TheScreen, session: Writing, viewer: SignedIn, site: TheSite, now: Now, mail_id: int, wanted: Filter,
    version: Annotated[int, Form()], customer: Annotated[int, Form()], remember: Annotated[Remember, Form()] = Remember.ADDRESS,
) -> Response:  # fmt: skip
    """Says whose mail it is; it is read again with that customer's ledger, and the sender is remembered."""
    choose_customer(session, viewer, mail_id, version, customer, remember, site.queue, now)
    return _same(screen, mail_id, wanted)


@router.post("/mails/{mail_id}/forget")
def forget(
    screen: TheScreen, session: Writing, viewer: SignedIn, now: Now, mail_id: int, wanted: Filter,
    remembered: Annotated[int, Form()],
) -> Response:  # fmt: skip
    """Ends what was remembered of the sender."""
    forget_sender(session, viewer, mail_id, remembered, now)
    return _same(screen, mail_id, wanted)


@router.post("/mails/{mail_id}/retry")
def retry(
    screen: TheScreen, session: Writing, viewer: SignedIn, site: TheSite, now: Now, mail_id: int, wanted: Filter
) -> Response:
    """Has a parked mail read again."""
    decide.retry_parked(session, viewer, mail_id, site.queue, now)
    return _same(screen, mail_id, wanted)


def _next(screen: Screen, mail_id: int | None, decided: int, wanted: QueueFilter) -> Response:
    query = query_of(wanted)
    joined = f"{query}&" if query else "?"
    return screen.go(f"/mails/{mail_id}{joined}done={decided}" if mail_id else f"/queue{joined}done={decided}")


def _same(screen: Screen, mail_id: int, wanted: QueueFilter) -> Response:
    return screen.go(f"/mails/{mail_id}{query_of(wanted)}")
