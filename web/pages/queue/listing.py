"""The list of mails on the left of the screen: what its template shows, and which mail follows another."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from inbox_agent.domain.taxonomy import Intent
from inbox_agent.review import queue
from inbox_agent.review.attention import UnsettledReply, unsettled_replies
from inbox_agent.review.views import QueueFilter, QueuePage, QueueRow, QueueView, Viewer
from inbox_agent.review.visible import visible_mailboxes
from web.pages.queue.address import query_of


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the queue with its filter. `stamp` also changes each minute, since the list shows how old mails are.

    `newest` is the highest mail id shown; `unsettled` are replies that a person has to settle; `mailboxes` are offered as a filter, and only when there are several.
    """

    page: QueuePage
    filter: QueueFilter
    stamp: str
    unsettled: tuple[UnsettledReply, ...]
    mailboxes: tuple[tuple[int, str], ...] = ()

    @property
    def query(self) -> str:
        """The filter as a query, for the rows' addresses."""
        return query_of(self.filter)

    @property
    def newest(self) -> int:
        """Highest mail id of the list, 0 when empty."""
        return max((row.mail_id for row in self.page.rows), default=0)

    @property
    def intents(self) -> tuple[Intent, ...]:
        """What the list can be narrowed to."""
        return tuple(Intent)

    @property
    def views(self) -> tuple[tuple[QueueView, int, str], ...]:
        """Each list with its size and address."""
        return tuple(
            (view, self.page.counts.get(view, 0), f"/queue{query_of(self.filter, view=view)}") for view in QueueView
        )

    def page_address(self, number: int) -> str:
        """The address of another page of this list."""
        return f"/queue{query_of(self.filter, page=number)}"

    def arrived_after(self, newest: int) -> tuple[QueueRow, ...]:
        """Rows that were not there when `newest` was the highest id."""
        return tuple(row for row in self.page.rows if row.mail_id > newest)


def listing(session: Session, viewer: Viewer, wanted: QueueFilter, now: datetime) -> Listing:
    """The list as it is now."""
    page = queue.queue(session, viewer, wanted, now)
    mailboxes: tuple[tuple[int, str], ...] = ()
    if len(viewer.mailbox_ids) > 1:
        mailboxes = visible_mailboxes(session, viewer)
    return Listing(page, wanted, stamp_of(page.version, now), unsettled_replies(session, viewer), mailboxes)


def stamp_of(version: str, now: datetime) -> str:
    """What a browser sends back to ask whether anything changed."""
    return f"{version}@{now:%Y%m%d%H%M}"


def following(rows: tuple[QueueRow, ...], mail_id: int) -> int | None:
    """The mail to show once `mail_id` is decided: the next undecided one below it, else the first; None if none is left."""
    ids = [row.mail_id for row in rows]
    start = ids.index(mail_id) + 1 if mail_id in ids else 0
    waiting = [
        row.mail_id for row in (*rows[start:], *rows[:start]) if row.decided_at is None and row.mail_id != mail_id
    ]
    return waiting[0] if waiting else None
