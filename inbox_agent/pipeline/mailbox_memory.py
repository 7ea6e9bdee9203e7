"""What a mailbox may ask of our own tables: `mailbox.memory.Memory` over the database, for one mailbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, delete, select

from inbox_agent import db
from inbox_agent.mailbox.memory import Subscription
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import Mailbox, MailboxSubscription

_AT_ONCE = 500
"""Keys in one query."""


class MailboxMemory:
    """Of the mailbox with this id. Every method opens its own session."""

    def __init__(self, engine: sa.Engine, mailbox_id: int) -> None:
        self._engine = engine
        self._mailbox_id = mailbox_id

    def places(self, source_keys: Sequence[str]) -> Mapping[str, str]:
        """The folder of each of these that is kept and was not seen to depart."""
        found: dict[str, str] = {}
        for first in range(0, len(source_keys), _AT_ONCE):
            kept = select(StoredMail.source_key, StoredMail.folder).where(
                StoredMail.mailbox_id == self._mailbox_id,
                col(StoredMail.source_key).in_(source_keys[first : first + _AT_ONCE]),
                col(StoredMail.gone_at).is_(None),
            )
            with db.reading(self._engine) as session:
                found.update(session.exec(kept).all())
        return found

    def still_here(self, source_keys: Sequence[str]) -> Sequence[str]:
        """Those that are kept and were not seen to depart."""
        kept = self.places(source_keys)
        return [key for key in source_keys if key in kept]

    def notified_at(self) -> datetime | None:
        """When the pages last took a notification for it."""
        with db.reading(self._engine) as session:
            return session.exec(select(Mailbox.notified_at).where(Mailbox.id == self._mailbox_id)).first()

    def subscriptions(self) -> Sequence[Subscription]:
        """The notifications that were asked for."""
        with db.reading(self._engine) as session:
            rows = session.exec(select(MailboxSubscription).where(MailboxSubscription.mailbox_id == self._mailbox_id))
            return [
                Subscription(row.subscription_id, row.resource, row.client_state_hash, row.expires_at) for row in rows
            ]

    def save_subscription(self, subscription: Subscription) -> None:
        """Adds it, or changes when it ends."""
        with db.writing(self._engine) as session:
            session.merge(
                MailboxSubscription(
                    subscription_id=subscription.subscription_id,
                    mailbox_id=self._mailbox_id,
                    resource=subscription.resource,
                    client_state_hash=subscription.client_state_hash,
                    expires_at=subscription.expires_at,
                )
            )

    def forget_subscription(self, subscription_id: str) -> None:
        """Takes it out, if it is there."""
        with db.writing(self._engine) as session:
            session.exec(
                delete(MailboxSubscription).where(
                    col(MailboxSubscription.subscription_id) == subscription_id,
                    col(MailboxSubscription.mailbox_id) == self._mailbox_id,
                )
            )
