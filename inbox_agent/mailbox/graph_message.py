"""One message as Microsoft Graph lists it, and its bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from inbox_agent.domain.errors import MailboxError
from inbox_agent.mailbox.graph_client import GraphClient
from inbox_agent.mailbox.graph_failure import GraphRefusal

FIELDS = "id,receivedDateTime,isDraft,conversationId,internetMessageId,parentFolderId"

_UNDELIVERABLE = (
    "Microsoft 365 lists this mail but does not deliver it, also when asked again. Open it in the mail program."
)
_HEADERS_AT_MOST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """What the service says of a message without its content. `received_at` is aware, UTC."""

    source_key: str
    received_at: datetime
    is_draft: bool
    conversation: str
    message_id: str
    folder_id: str

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "Message | None":
        """None where the service left out what is needed: of a changed message it may tell only what changed."""
        received_at = instant(raw.get("receivedDateTime"))
        if received_at is None or not isinstance(raw.get("isDraft"), bool):
            return None
        return cls(
            source_key=str(raw["id"]),
            received_at=received_at,
            is_draft=bool(raw["isDraft"]),
            conversation=str(raw.get("conversationId") or "")[:500],
            message_id=" ".join(str(raw.get("internetMessageId") or "").split()),
            folder_id=str(raw.get("parentFolderId") or ""),
        )


def ask(client: GraphClient, source_key: str) -> Message | None:
    """The message as it is now; None when it is not there (any more)."""
    try:
        return Message.of(client.get(client.user("messages", source_key), {"$select": FIELDS}))
    except GraphRefusal as error:
        if error.is_gone or error.http_status == 400:  # no key of this service
            return None
        raise


def content(client: GraphClient, source_key: str, max_bytes: int) -> tuple[bytes, str] | None:
    """The message's bytes, unchanged, and what is wrong: of one that is too large only its headers, of one that the service
    cannot give out nothing. None when it went away meanwhile.

    Raises `MailboxError` when it is the service that is unwell, not this message.
    """
    address = client.user("messages", source_key, "$value")
    for last in (False, True):
        try:
            raw, whole = client.content(address, max_bytes)
            break
        except GraphRefusal as error:
            if error.http_status in (401, 403):
                raise
            if ask(client, source_key) is None:
                return None
            if last:
                return b"", _UNDELIVERABLE
    if whole:
        return raw, ""
    most = -(-max_bytes // (1024 * 1024))
    return _headers(raw[:_HEADERS_AT_MOST]), (
        f"This mail is larger than {most} MB; such mails are not read. Open it in the mail program."
    )


def instant(text: object) -> datetime | None:
    """An instant as the service writes it (ISO 8601, UTC); None for anything else."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def written(moment: datetime) -> str:
    """An instant as the service reads it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_lost_position(error: MailboxError) -> bool:
    """Whether the service no longer knows a delta or next link: then the folder is read from its beginning.

    HTTP 410, or `syncStateNotFound`, `syncStateInvalid`, `resyncRequired` with any status
    (https://learn.microsoft.com/graph/delta-query-overview); 400 for a link that it cannot read at all.
    """
    if not isinstance(error, GraphRefusal):
        return False
    return error.http_status in (400, 410) or "sync" in error.code.lower()


def _headers(start: bytes) -> bytes:
    """The bytes up to and with the empty line."""
    ends = [at + len(line) for line in (b"\r\n\r\n", b"\n\n") if (at := start.find(line)) >= 0]
    return start[: min(ends)] if ends else start
