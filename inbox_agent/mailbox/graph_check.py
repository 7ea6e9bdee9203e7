"""`inbox-agent mailbox check` for Microsoft 365: step by step what works, and what an administrator must grant.

Permissions that Exchange Online gives by role (RBAC for Applications) do not show in the token; what does not show there is tried.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from inbox_agent.domain.errors import MailboxError
from inbox_agent.mailbox import graph_folders
from inbox_agent.mailbox.graph_client import GraphClient
from inbox_agent.mailbox.graph_message import FIELDS
from inbox_agent.mailbox.graph_settings import GraphSettings
from inbox_agent.mailbox.memory import Memory

_READ = frozenset({"Mail.ReadWrite", "Mail.ReadWrite.Shared"})
_SEND = frozenset({"Mail.Send", "Mail.Send.Shared"})
_READ_ONLY = frozenset(
    {"Mail.Read", "Mail.Read.Shared", "Mail.ReadBasic", "Mail.ReadBasic.All", "Mail.ReadBasic.Shared"}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One step. `fine` is False where somebody has to act, None where the step can only be told about."""

    fine: bool | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of itself. It is shown, never trusted: only the service decides."""

    application: str
    tenant: str
    account: str
    permissions: frozenset[str]

    @property
    def as_person(self) -> bool:
        """Whether a person signed in, rather than the application by itself."""
        return bool(self.account)

    @classmethod
    def of(cls, token: str) -> "Claims | None":
        """None for a token that is no readable JWT."""
        try:
            part = token.split(".")[1]
            found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            named = found.get("roles") or str(found.get("scp") or "").split()
            person = found.get("upn") or found.get("preferred_username") or found.get("unique_name") or ""
            return cls(
                str(found.get("app_displayname") or found.get("appid") or found.get("azp") or "?")[:100],
                str(found.get("tid") or "?")[:100],
                str(person or ("?" if found.get("scp") else ""))[:320],
                frozenset(map(str, named)),
            )
        except (ValueError, IndexError, TypeError, AttributeError):
            return None


def findings(settings: GraphSettings, memory: Memory, write: bool = False) -> Iterator[Finding]:
    """Every step that can still be taken; the first that fails and makes the others pointless is the last."""
    client = GraphClient(settings)
    try:
        yield from _steps(client, settings, memory, write)
    except MailboxError as error:
        yield Finding(False, error.sentence)
    finally:
        client.close()


def _steps(client: GraphClient, settings: GraphSettings, memory: Memory, write: bool) -> Iterator[Finding]:
    claims = Claims.of(settings.tokens.token())
    yield from _signed_in(claims, settings)
    yield from _permissions(claims, settings)
    folders = graph_folders.find(client, settings.name, settings.scope.folders, settings.scope.read_sent)
    listed = "; ".join(f"{one.path} ({one.count})" for one in folders)
    yield Finding(True, f"The mailbox {settings.address} can be opened. Folders that are read: {listed}.")
    for folder in folders:
        address = client.user("mailFolders", folder.folder_id, "messages", "delta")
        client.get(address, {"$select": FIELDS}, ("odata.maxpagesize=1",))
        yield Finding(True, f"Changes in {folder.path} are told.")
    yield from _writing(client, claims, settings, write)
    yield from _sending(claims, settings)
    yield from _notifications(settings, memory)


def _signed_in(claims: Claims | None, settings: GraphSettings) -> Iterator[Finding]:
    if claims is None:
        yield Finding(None, "Signed in. The token cannot be read, so what it permits is only tried.")
    elif claims.as_person:
        yield Finding(
            True, f"Signed in as {claims.account} through application {claims.application}, tenant {claims.tenant}."
        )
    else:
        yield Finding(True, f"Signed in as application {claims.application}, tenant {claims.tenant}.")
    ends_at = settings.tokens.expires_at()
    if ends_at is not None:
        left = (ends_at - datetime.now(UTC)).days
        told = f"The sign-in ends on {ends_at.date().isoformat()}, in {left} days."
        yield Finding(
            left > 7, told if left > 7 else f"{told} Renew the secret, certificate or sign-in before that day."
        )


def _permissions(claims: Claims | None, settings: GraphSettings) -> Iterator[Finding]:
    if claims is None:
        return
    missing = [
        name for name, group in (("Mail.ReadWrite", _READ), ("Mail.Send", _SEND)) if not claims.permissions & group
    ]
    if claims.as_person:
        if missing:
            wanted = ", ".join(f"{name}.Shared" for name in missing)
            yield Finding(
                False,
                f"The sign-in lacks the delegated permission {wanted}. Add it to the application in Microsoft Entra, have an "
                f"administrator consent, and sign in again: inbox-agent mailbox sign-in {settings.name}",
            )
        else:
            yield Finding(True, "The delegated permissions to read, change and send mail are there.")
    elif missing and claims.permissions & _READ_ONLY:
        yield Finding(
            False,
            "The application may only read mail. An administrator must give it the application permissions Mail.ReadWrite and "
            "Mail.Send, best by role for this one mailbox (docs/microsoft365.md).",
        )
    elif missing:
        yield Finding(
            None,
            f"The token names no {' and no '.join(missing)}. That is right when Exchange Online grants it by role for this "
            "mailbox (RBAC for Applications); the next steps try it.",
        )
    else:
        yield Finding(
            None,
            "The application has Mail.ReadWrite and Mail.Send for every mailbox of the tenant, unless an application access policy "
            "limits it. To limit it to this mailbox, grant both by role in Exchange Online and take the consent in Microsoft Entra "
            "away (docs/microsoft365.md).",
        )


def _writing(client: GraphClient, claims: Claims | None, settings: GraphSettings, write: bool) -> Iterator[Finding]:
    if write:
        with _tried("A draft could not be made and taken away again.") as failed:
            draft = client.post(
                client.user("messages"), {"subject": "Inbox Agent: dry run, is removed at once"}, once=True
            )
            client.delete(client.user("messages", str(draft["id"])))
        yield (
            Finding(False, failed.sentence)
            if failed.sentence
            else Finding(True, "A draft could be made, and was taken away again: mail can be marked and answered.")
        )
    elif claims is not None and claims.permissions & _READ:
        yield Finding(
            True,
            "Mail may be marked and answered, by what the token says. --dry-run-write makes a draft and removes it.",
        )
    else:
        yield Finding(
            None, "Whether mail may be marked and answered was not tried: --dry-run-write makes a draft and removes it."
        )


def _sending(claims: Claims | None, settings: GraphSettings) -> Iterator[Finding]:
    if claims is not None and claims.permissions & _SEND:
        whose = f" if the account has Send As on {settings.address}" if claims.as_person else ""
        yield Finding(True, f"Replies may be sent{whose}, by what the token says.")
    elif claims is None or not claims.as_person:
        yield Finding(
            None,
            "Whether replies may be sent shows only when one is sent. An administrator can see it with: "
            f"Test-ServicePrincipalAuthorization -Identity APPLICATION-ID -Resource {settings.address}",
        )


def _notifications(settings: GraphSettings, memory: Memory) -> Iterator[Finding]:
    if not settings.notify_url:
        yield Finding(
            None,
            "Change notifications are off: new mail is found at the next poll. The setting public_url turns them on.",
        )
        return
    ends = [one.expires_at for one in memory.subscriptions()]
    if ends:
        yield Finding(
            True, f"Change notifications come to {settings.notify_url}, renewed before {min(ends):%Y-%m-%d %H:%M} UTC."
        )
    else:
        yield Finding(
            None, f"Change notifications are asked for when a worker runs; they come to {settings.notify_url}."
        )


@dataclass
class _Failed:
    sentence: str = ""


@contextmanager
def _tried(otherwise: str) -> Iterator[_Failed]:
    """Keeps the sentence of a step whose failure does not end the others."""
    failed = _Failed()
    try:
        yield failed
    except MailboxError as error:
        failed.sentence = error.sentence
    except KeyError:
        failed.sentence = otherwise
