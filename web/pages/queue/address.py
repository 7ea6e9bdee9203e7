"""The queue's filter as the query of an address, both ways. A mail's address carries the filter that it was opened from."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from inbox_agent.domain.taxonomy import Intent
from inbox_agent.review.views import QueueFilter, QueueView


def filter_of(
    view: Annotated[str, Query(max_length=20)] = "",
    mailbox: Annotated[str, Query(max_length=20)] = "",
    intent: Annotated[str, Query(max_length=40)] = "",
    search: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[str, Query(max_length=10)] = "",
) -> QueueFilter:
    """The filter; what it does not know counts as not asked for, so that an old bookmark still opens."""
    return QueueFilter(
        view=next((one for one in QueueView if one.value == view), QueueView.OPEN),
        mailbox_id=int(mailbox) if _is_number(mailbox) else None,
        intent=next((one for one in Intent if one.value == intent), None),
        search=" ".join(search.split()),
        page=max(1, int(page)) if _is_number(page) else 1,
    )


Filter = Annotated[QueueFilter, Depends(filter_of)]


def query_of(wanted: QueueFilter, *, page: int | None = None, view: QueueView | None = None) -> str:
    """`?view=…` without what is the default; "" when all is. Another view begins at its first page."""
    chosen_view = view or wanted.view
    chosen_page = page or (1 if view else wanted.page)
    fields = {
        "view": "" if chosen_view is QueueView.OPEN else chosen_view.value,
        "mailbox": wanted.mailbox_id or "",
        "intent": wanted.intent.value if wanted.intent else "",
        "search": wanted.search,
        "page": "" if chosen_page == 1 else chosen_page,
    }
    kept = urlencode({name: value for name, value in fields.items() if value != ""})
    return f"?{kept}" if kept else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
