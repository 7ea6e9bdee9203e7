"""Change notifications of Microsoft Graph: asked for, renewed, taken back. They only hurry; polling goes on without them."""

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from inbox_agent.domain.errors import MailboxError
from inbox_agent.mailbox.graph_client import GraphClient
from inbox_agent.mailbox.graph_failure import GraphRefusal
from inbox_agent.mailbox.graph_message import instant, written
from inbox_agent.mailbox.graph_settings import GraphSettings
from inbox_agent.mailbox.memory import Memory, Subscription

log = structlog.get_logger(__name__)

_LIFETIME = timedelta(days=2)
"""Less than the service allows for messages (https://learn.microsoft.com/graph/api/resources/subscription)."""
_RENEWED_BEFORE = timedelta(days=1)
_LOOK = 60.0
_LOOK_AFTER_FAILURE = 120.0


def resource(address: str, folder_id: str) -> str:
    """What a subscription to one folder watches."""
    return f"users/{address}/mailFolders/{folder_id}/messages"


def digest(client_state: str) -> str:
    """How the secret of a subscription is kept."""
    return hashlib.sha256(client_state.encode()).hexdigest()


class Subscriptions:
    """Those of one mailbox. Their failures are logged and never stop mail."""

    def __init__(self, client: GraphClient, settings: GraphSettings, memory: Memory) -> None:
        self._client = client
        self._settings = settings
        self._memory = memory
        self._next_look = 0.0
        self._compared = False

    def keep_up(self, resources: Sequence[str]) -> None:
        """One live subscription for each resource, or none without `notify_url`; looks once a minute at most.

        The web process shortens what the service wants authorised again, and takes out what the service removed.
        """
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK
        wanted = list(resources) if self._settings.notify_url else []
        try:
            live = set()
            for one in self._memory.subscriptions():
                if self._is_kept(one, wanted):
                    live.add(one.resource)
            for missing in wanted:
                if missing not in live:
                    self._ask_for(missing)
            self._compared = True
        except MailboxError as error:
            log.warning("notifications_not_kept_up", mailbox=self._settings.name, problem=error.sentence)
            self._next_look = time.monotonic() + _LOOK_AFTER_FAILURE

    def _is_kept(self, one: Subscription, wanted: list[str]) -> bool:
        """Whether it lives on, renewed if it is time; else it is taken back and forgotten."""
        address = self._client.address("subscriptions", one.subscription_id)
        try:
            if one.resource not in wanted or not (self._compared or self._leads_here(address)):
                self._client.delete(address)
            elif one.expires_at - datetime.now(UTC) > _RENEWED_BEFORE:
                return True
            else:
                until = datetime.now(UTC) + _LIFETIME
                self._client.patch(address, {"expirationDateTime": written(until)})
                self._memory.save_subscription(replace(one, expires_at=until))
                return True
        except GraphRefusal as error:
            if error.http_status not in (404, 410):
                raise
        self._memory.forget_subscription(one.subscription_id)
        return False

    def _leads_here(self, address: str) -> bool:
        """Whether it still leads to the address of our pages, which may have changed while no worker ran."""
        return self._client.get(address).get("notificationUrl") == self._settings.notify_url

    def _ask_for(self, wanted: str) -> None:
        client_state = secrets.token_urlsafe(48)
        answer = self._client.post(
            self._client.address("subscriptions"),
            {
                "changeType": "created,updated",
                "notificationUrl": self._settings.notify_url,
                "lifecycleNotificationUrl": self._settings.notify_url,
                "resource": wanted,
                "expirationDateTime": written(datetime.now(UTC) + _LIFETIME),
                "clientState": client_state,
            },
            once=True,
        )
        expires_at = instant(answer.get("expirationDateTime")) or datetime.now(UTC) + _LIFETIME
        self._memory.save_subscription(Subscription(str(answer["id"]), wanted, digest(client_state), expires_at))
