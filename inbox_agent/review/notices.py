"""What a mail server tells our pages by itself: that something arrived, or that a subscription wants attention."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from inbox_agent.records.mailbox import Mailbox, MailboxSubscription

REMOVED = "subscriptionRemoved"
REAUTHORIZE = "reauthorizationRequired"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification as it came, nothing of it believed yet. `lifecycle` is "" where it tells of mail.

    https://learn.microsoft.com/graph/api/resources/changenotification
    """

    subscription_id: str
    client_state: str
    lifecycle: str = ""


def believed(session: Session, notices: Sequence[Notice]) -> list[Notice]:
    """Those that repeat their subscription's secret."""
    hashes = {key: row.client_state_hash for key, row in _rows(session, notices).items()}
    return [one for one in notices if _is_true(one, hashes.get(one.subscription_id, ""))]


def take(session: Session, notices: Sequence[Notice], now: datetime) -> None:
    """Notes what was believed; the worker does the rest at its next look.

    Whatever they say, the mailbox is looked at: a lifecycle notification means that others may have been missed. What wants
    authorising again counts as about to end, so that the worker renews it; what was removed is forgotten, so that it asks anew.
    """
    rows = _rows(session, notices)
    touched = {row.mailbox_id for row in rows.values()}
    for one in notices:
        row = rows.get(one.subscription_id)
        if row is not None and one.lifecycle == REAUTHORIZE:
            row.expires_at = min(row.expires_at, now)
    for key in {one.subscription_id for one in notices if one.lifecycle == REMOVED} & rows.keys():
        session.delete(rows[key])
    for mailbox in session.exec(select(Mailbox).where(col(Mailbox.id).in_(touched))):
        mailbox.notified_at = now


def _rows(session: Session, notices: Sequence[Notice]) -> dict[str, MailboxSubscription]:
    named = {one.subscription_id for one in notices}
    rows = session.exec(select(MailboxSubscription).where(col(MailboxSubscription.subscription_id).in_(named)))
    return {row.subscription_id: row for row in rows}


def _is_true(notice: Notice, client_state_hash: str) -> bool:
    sent = hashlib.sha256(notice.client_state.encode("utf-8", "replace")).hexdigest()
    return hmac.compare_digest(sent, client_state_hash)
