"""The page of one mail as a response, for whoever opens it and for whoever's approval was refused."""

from dataclasses import replace
from datetime import date

from sqlmodel import Session
from starlette.responses import Response

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.review import decide, detail, outbox, whose
from inbox_agent.review.addressing import addressing, to_check
from inbox_agent.review.composing import below
from inbox_agent.review.views import Approval, Detail, QueueFilter, Viewer
from inbox_agent.review.visible import visible_mail
from web.dependencies import Screen
from web.pages.mail.reading import MailPage, mail_page
from web.pages.mail.reply_form import ReplyForm, reply_form
from web.pages.queue.listing import listing
from web.rendering import ZONE


def show(
    screen: Screen,
    session: Session,
    viewer: Viewer,
    mail_id: int,
    wanted: QueueFilter,
    done: int = 0,
    typed: Approval | None = None,
    refusal: str = "",
    status: int = 200,
) -> Response:
    """The mail beside the queue; for htmx the mail alone. `done` names the mail that was decided just before; `typed` is a
    reply that was refused, for the reason `refusal`."""
    shown = detail.detail(session, viewer, mail_id, screen.site.settings.policy)
    found = listing(session, viewer, wanted, screen.now)
    page = mail_page(shown, _today(screen))
    row = visible_mail(session, viewer, mail_id)
    is_partial = screen.wants == "mail"
    return screen.show(
        "pages/mail/_mail.html" if is_partial else "pages/mail/mail.html",
        status=status,
        headers={"HX-Push-Url": f"/mails/{mail_id}{found.query}"} if is_partial else None,
        whose=whose.whose(session, row, shown.mail, shown.triage),
        shown=page,
        form=_form(session, viewer, shown, page, typed, refusal),
        held=outbox.held(session, viewer, done, screen.now) or outbox.held(session, viewer, mail_id, screen.now),
        today=_today(screen),
        colleagues=decide.colleagues(session, viewer) if viewer.is_lead else (),
        listing=found,
        opened=mail_id,
        done=done,
    )


def _today(screen: Screen) -> date:
    return screen.now.astimezone(ZONE).date()


def _form(
    session: Session, viewer: Viewer, shown: Detail, page: MailPage, typed: Approval | None, refusal: str
) -> ReplyForm:
    row = visible_mail(session, viewer, shown.mail_id)
    proposed = addressing(session, row, shown.mailbox_address, shown.mail, shown.triage)
    stands = below(session, viewer, row, shown.mail, shown.triage)
    form = reply_form(page.draft_subject, page.draft_body, proposed, stands, shown.reply, typed, refusal)
    if not form.to or (form.to, form.cc) == (proposed.to, ()):
        return form
    try:
        return replace(form, to_check=to_check(session, row, form.to, form.cc))
    except NotAllowed:  # the refusal says what is wrong with the addresses
        return form
