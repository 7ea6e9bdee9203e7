"""How the Microsoft Graph of `graph_service.py` writes mailboxes down, and what it reads of a request."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from starlette.responses import JSONResponse, Response

from inbox_agent.bench.graph_box import Box, Item


class GraphFaultError(Exception):
    """The answer to a request that is refused."""

    def __init__(self, status: int, code: str, message: str = "", retry_after: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.retry_after = status, code, retry_after
        self.message = message or code


@dataclass(frozen=True)
class Asked:
    """A request as the service sees it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body; {} for one that is no object."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            raise GraphFaultError(400, "BadRequest", "The body is no JSON.") from None
        return found if isinstance(found, dict) else {}


def entry(box: Box, key: str, kind: str, select: str) -> dict[str, Any]:
    """Of a message that only changed, no more than its id and the changed properties need be told."""
    item = box.shown(key)
    if kind == "removed":
        return {"@odata.type": "#microsoft.graph.message", "id": key, "@removed": {"reason": "deleted"}}
    if item is None:
        return {}
    if kind == "updated":
        return {"id": key, "isRead": item.is_read, "categories": item.categories}
    return chosen(item, select)


def selected(item: Item, asked: Asked) -> dict[str, Any]:
    """A message, as far as the request selects."""
    return chosen(item, asked.query.get("$select", ""))


def chosen(item: Item, select: str) -> dict[str, Any]:
    """A message, as far as `select` names its properties; all of them for ""."""
    every = {
        "id": item.item_id,
        "receivedDateTime": item.received_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "isDraft": item.is_draft,
        "isRead": item.is_read,
        "categories": item.categories,
        "conversationId": item.conversation_id,
        "internetMessageId": item.message_id,
        "parentFolderId": item.folder_id,
        "subject": item.subject,
    }
    wanted = {"id", *select.split(",")} if select else set(every)
    return {"@odata.etag": 'W/"CQAA"', **{name: value for name, value in every.items() if name in wanted}}


def item_answer(item: Item, status: int) -> Response:
    """The whole message as an answer."""
    return JSONResponse(chosen(item, ""), status)


def folder_fields(box: Box, folder_id: str) -> dict[str, Any]:
    """A folder."""
    name, parent = box.folders[folder_id]
    return {
        "id": folder_id,
        "displayName": name,
        "parentFolderId": parent,
        "totalItemCount": len(box.listed(folder_id)),
    }


def patch(item: Item, body: dict[str, Any]) -> None:
    """Changes the properties that `body` names. Raises `GraphFaultError` for those that only a draft lets change."""
    draft_only = {"subject", "toRecipients", "ccRecipients", "bccRecipients", "internetMessageId"}
    if not item.is_draft and draft_only & body.keys():
        raise GraphFaultError(400, "ErrorInvalidPropertySet", "This can be changed in a draft only.")
    item.is_read = body.get("isRead", item.is_read)
    item.categories = body.get("categories", item.categories)
    item.subject = body.get("subject", item.subject)
    item.message_id = body.get("internetMessageId", item.message_id)
    for field, name in (("to", "toRecipients"), ("cc", "ccRecipients"), ("bcc", "bccRecipients")):
        if name in body:
            setattr(item, field, [one["emailAddress"]["address"] for one in body[name]])
    for one in body.get("singleValueExtendedProperties", []):
        item.properties[one["id"]] = one["value"]


def mime(asked: Asked) -> bytes:
    """The bytes of a body in MIME. Raises `GraphFaultError`."""
    if asked.headers.get("content-type") != "text/plain":
        raise GraphFaultError(400, "BadRequest", "MIME content comes as text/plain.")
    if len(asked.body) > 4 * 1024 * 1024:
        raise GraphFaultError(413, "RequestEntityTooLarge", "The request is larger than 4 MB.")
    try:
        return base64.b64decode(asked.body, validate=True)
    except ValueError:
        raise GraphFaultError(
            400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content."
        ) from None
