"""Microsoft Graph on this machine: the part of it that a mailbox needs, over real HTTP, misbehaving on command.

It behaves as documented: opaque delta tokens, partial pages, changes that show late, throttling, drafts that leave once,
subscriptions with their validation request. One server serves many mailboxes, each made by `box`.
"""

import base64
import itertools
import re
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from inbox_agent.bench.graph_box import KEY_PREFIX, Box, Fault, Item
from inbox_agent.bench.graph_wire import (
    Asked,
    GraphFaultError,
    entry,
    folder_fields,
    item_answer,
    mime,
    patch,
    selected,
)

_PATH = re.compile(r"^/v1\.0/users/(?P<user>[^/]+)/(?P<rest>.+)$")
_RULE_SENT = re.compile(r"internetMessageId eq '((?:[^']|'')*)'")
_RULE_PROPERTY = re.compile(
    r"singleValueExtendedProperties/Any\(ep: ep/id eq '((?:[^']|'')*)' and ep/value eq '((?:[^']|'')*)'\)"
)
_RULE_RECEIVED = re.compile(r"receivedDateTime ge (\S+)")


@dataclass
class _State:
    """What a token stands for: entries that are still to be told, then changes from number `seq` on."""

    folder_id: str
    entries: list[tuple[str, str]]
    seq: int
    select: str


class GraphService:
    """A server on a free loopback port. `watch` sees every request first and may raise; what it raised is in `complaints`."""

    def __init__(self, watch: Callable[[Asked], None] | None = None) -> None:
        self.watch = watch
        self.complaints: list[str] = []
        self.boxes: dict[str, Box] = {}
        self.refused_tokens: set[str] = set()
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self._states: dict[str, tuple[str, _State]] = {}
        self._uploads: dict[str, tuple[Item, str, int, bytes]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        # Only a socket that says TCP gets TCP_NODELAY from asyncio; else every answer waits 40 ms for an acknowledgement.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.base_url = f"{self.origin}/v1.0"
        routes = [Route("/{path:path}", self._answer, methods=["GET", "POST", "PATCH", "DELETE", "PUT"])]
        config = uvicorn.Config(
            Starlette(routes=routes), log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> "GraphService":
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def box(self, address: str = "") -> Box:
        """A new, empty mailbox."""
        address = address or f"debiteuren{next(self._numbers)}@halvermaan.example"
        made = self.boxes[address.lower()] = Box(address)
        return made

    def deliver(self, box: Box, raw: bytes, folder: str = "inbox", **fields: Any) -> Item:
        """A message arrives, and whoever asked for it is told."""
        with self._lock:
            item = box.deliver(raw, folder, **fields)
        self.notify(box, item)
        return item

    def notify(self, box: Box, item: Item | None = None, lifecycle: str = "") -> list[int]:
        """Sends a change notification, or a lifecycle one, to every subscription of the mailbox; the answers' statuses."""
        statuses = []
        for one in list(self.subscriptions.values()):
            folder = re.search(r"mailFolders/([^/]+)/messages", one["resource"])
            if box.address not in one["resource"] or (item and folder and folder.group(1) != item.folder_id):
                continue
            told = {
                "subscriptionId": one["id"],
                "subscriptionExpirationDateTime": one["expirationDateTime"],
                "clientState": one["clientState"],
                "tenantId": "84bd8158-6d4d-4958-8b9f-9d6445542f95",
            }
            if lifecycle:
                told["lifecycleEvent"] = lifecycle
            else:
                told |= {
                    "changeType": "created",
                    "resource": f"Users/{box.address}/Messages/{item.item_id if item else ''}",
                }
            statuses.append(httpx.post(one["notificationUrl"], json={"value": [told]}, timeout=10).status_code)
        return statuses

    def expire_tokens(self) -> None:
        """Forgets every delta and next link, as after a week or a move of the mailbox."""
        self._states.clear()

    async def _answer(self, request: Request) -> Response:
        asked = Asked(
            request.method, request.url.path, dict(request.query_params), dict(request.headers), await request.body()
        )
        return await run_in_threadpool(self._serve, asked)

    def _serve(self, asked: Asked) -> Response:
        if self.watch is not None:
            try:
                self.watch(asked)
            except Exception as error:  # a test looks at these at its end
                self.complaints.append(f"{asked.method} {asked.path}: {error}")
                return _error(GraphFaultError(400, "BadRequest", str(error)))
        try:
            with self._lock:
                return self._dispatch(asked)
        except GraphFaultError as error:
            return _error(error)

    def _dispatch(self, asked: Asked) -> Response:
        if asked.path.startswith("/upload/"):
            return self._upload(asked)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") in {"", *self.refused_tokens}:
            raise GraphFaultError(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        if asked.path.startswith("/v1.0/subscriptions"):
            return self._subscribe(asked)
        found = _PATH.match(asked.path)
        box = self.boxes.get(found.group("user").lower()) if found else None
        if found is None or box is None:
            raise GraphFaultError(404, "ErrorInvalidUser", "The requested user is invalid.")
        box.requests.append((asked.method, found.group("rest")))
        fault = _due(box, asked)
        if fault is not None and not fault.accepted and not fault.cut:
            raise GraphFaultError(fault.status, fault.code, fault.message, fault.retry_after)
        answer = self._of_box(box, asked, found.group("rest"))
        if fault is not None and fault.cut:
            return StreamingResponse(_broken(bytes(answer.body)), media_type="text/plain")
        if fault is not None:
            raise GraphFaultError(fault.status, fault.code, fault.message, fault.retry_after)
        return answer

    def _of_box(self, box: Box, asked: Asked, rest: str) -> Response:
        rest = re.sub(r"^mailFolders\('([^']+)'\)", r"mailFolders/\1", rest)
        parts = rest.split("/")
        if parts[0] == "mailFolders":
            return self._folders(box, asked, parts[1:])
        if parts == ["messages"] and asked.method == "POST":
            is_json = asked.headers.get("content-type") == "application/json"
            draft = box.draft(b"" if is_json else mime(asked), None)
            if is_json:
                patch(draft, asked.json)
            return item_answer(draft, 201)
        if parts == ["messages"]:
            return self._list(box, asked, "")
        item = box.shown(parts[1])
        if not parts[1].startswith(KEY_PREFIX):
            raise GraphFaultError(400, "ErrorInvalidIdMalformed", "Id is malformed.")
        if item is None:
            raise GraphFaultError(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        return self._message(box, asked, item, "/".join(parts[2:]))

    def _folders(self, box: Box, asked: Asked, parts: list[str]) -> Response:
        folder_id = box.folder(parts[0]) if parts else ""
        if parts and not folder_id:
            raise GraphFaultError(404, "ErrorItemNotFound", "The specified folder could not be found in the store.")
        if not parts or parts[1:] == ["childFolders"]:
            there = [folder_fields(box, one) for one, (_, parent) in box.folders.items() if parent == folder_id]
            return self._paged(asked, there, int(asked.query.get("$top", 10)))
        if len(parts) == 1:
            return JSONResponse(folder_fields(box, folder_id))
        if parts[1:] == ["messages", "delta"]:
            return self._delta(box, asked, folder_id)
        return self._list(box, asked, folder_id)

    def _list(self, box: Box, asked: Asked, folder_id: str) -> Response:
        condition = asked.query.get("$filter", "")
        items = box.listed(folder_id)
        if named := _RULE_SENT.fullmatch(condition):
            items = [one for one in items if one.message_id == _plain(named.group(1))]
        elif stamped := _RULE_PROPERTY.fullmatch(condition):
            items = [one for one in items if one.properties.get(stamped.group(1)) == _plain(stamped.group(2))]
        elif received := _RULE_RECEIVED.fullmatch(condition):
            since = datetime.fromisoformat(received.group(1))
            items = [one for one in items if one.received_at >= since]
        elif condition:
            raise GraphFaultError(400, "ErrorInvalidUrlQueryFilter", f"The query filter {condition} is invalid.")
        return self._paged(asked, [selected(one, asked) for one in items], int(asked.query.get("$top", 10)))

    def _paged(self, asked: Asked, entries: list[dict[str, Any]], most: int) -> Response:
        first = int(asked.query.get("$skip", 0))
        answer: dict[str, Any] = {"value": entries[first : first + most]}
        if first + most < len(entries):
            query = asked.query | {"$skip": str(first + most)}
            shown = "&".join(f"{name}={quote(value)}" for name, value in query.items())
            answer["@odata.nextLink"] = f"{self.origin}{quote(asked.path)}?{shown}"
        return JSONResponse(answer)

    def _delta(self, box: Box, asked: Asked, folder_id: str) -> Response:
        token = asked.query.get("$skiptoken") or asked.query.get("$deltatoken") or ""
        if not token:
            box.delta_calls += 1
            seen = box.seen_changes()
            last = {one.item_id: one for one in box.changes[:seen] if one.folder_id == folder_id}
            entries = [(key, "created") for key, one in last.items() if one.kind != "removed"]
            if box.newest_first:
                entries.reverse()
            state = _State(folder_id, entries, seen, asked.query.get("$select", ""))
        elif token not in self._states or self._states[token][0] != box.address:
            raise GraphFaultError(410, "SyncStateNotFound", "The sync state generation is not found.")
        else:
            state = self._states[token][1]
            if "$deltatoken" in asked.query:
                box.delta_calls += 1
                seen = box.seen_changes()
                state = _State(folder_id, _merged(box, folder_id, state.seq, seen), seen, state.select)
        wished = re.search(r"odata\.maxpagesize=(\d+)", asked.headers.get("prefer", ""))
        most = min(box.page, int(wished.group(1)) if wished else 10)
        told, left = state.entries[:most], state.entries[most:]
        value = [entry(box, key, kind, state.select) for key, kind in told]
        following, kind = _State(folder_id, left, state.seq, state.select), "skip" if left else "delta"
        fresh = secrets.token_urlsafe(24)
        self._states[fresh] = (box.address, following)
        link = f"{self.base_url}/users/{box.address}/mailFolders('{folder_id}')/messages/delta?${kind}token={fresh}"
        return JSONResponse({"value": [one for one in value if one], f"@odata.{'next' if left else 'delta'}Link": link})

    def _message(self, box: Box, asked: Asked, item: Item, action: str) -> Response:
        if asked.method == "GET":
            return (
                Response(item.raw, media_type="text/plain")
                if action == "$value"
                else JSONResponse(selected(item, asked))
            )
        if asked.method == "DELETE":
            box.remove(item)
            return Response(status_code=204)
        if asked.method == "PATCH":
            patch(item, asked.json)
            box.update(item)
            return item_answer(item, 200)
        if action == "createReply":
            return item_answer(box.draft(mime(asked), item), 201)
        if action == "send":
            if not item.is_draft:
                raise GraphFaultError(400, "ErrorInvalidOperation", "Only a draft can be sent.")
            if not (item.to or item.cc or item.bcc):
                raise GraphFaultError(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.")
            box.send(item)
            return Response(status_code=202)
        if action == "attachments":
            content = base64.b64decode(asked.json["contentBytes"])
            item.attachments[asked.json["name"]] = content
            return JSONResponse({"id": f"AAMkatt{len(item.attachments)}="}, 201)
        if action == "attachments/createUploadSession":
            wanted = asked.json["AttachmentItem"]
            name = f"/upload/{secrets.token_hex(8)}"
            self._uploads[name] = (item, wanted["name"], wanted["size"], b"")
            return JSONResponse({"uploadUrl": f"{self.origin}{name}", "nextExpectedRanges": ["0-"]}, 201)
        raise GraphFaultError(405, "MethodNotAllowed")

    def _upload(self, asked: Asked) -> Response:
        if "authorization" in asked.headers:
            raise GraphFaultError(401, "Unauthorized", "An upload address takes no token.")
        item, name, size, come = self._uploads[asked.path]
        if asked.headers.get("content-range") != f"bytes {len(come)}-{len(come) + len(asked.body) - 1}/{size}":
            raise GraphFaultError(416, "InvalidContentRange")
        if len(asked.body) >= 4 * 1024 * 1024:
            raise GraphFaultError(413, "RequestEntityTooLarge")
        come += asked.body
        self._uploads[asked.path] = (item, name, size, come)
        if len(come) == size:
            item.attachments[name] = come
        return Response(status_code=201 if len(come) == size else 200)

    def _subscribe(self, asked: Asked) -> Response:
        key = asked.path.removeprefix("/v1.0/subscriptions").strip("/")
        if asked.method == "POST" and not key:
            wanted = asked.json
            for url in {wanted["notificationUrl"], wanted["lifecycleNotificationUrl"]}:
                token = f"Validation: Testing client application reachability. Request-Id: {secrets.token_hex(8)}"
                answer = httpx.post(f"{url}?validationToken={quote(token)}", timeout=10)
                plain = answer.headers.get("content-type", "").startswith("text/plain")
                if answer.status_code != 200 or answer.text != token or not plain:
                    raise GraphFaultError(
                        400, "ValidationError", "The notification address did not answer as it should."
                    )
            made = {"id": secrets.token_hex(16), **wanted}
            self.subscriptions[made["id"]] = made
            return JSONResponse(made, 201)
        if key not in self.subscriptions:
            raise GraphFaultError(404, "ResourceNotFound", "The object was not found.")
        if asked.method == "DELETE":
            del self.subscriptions[key]
            return Response(status_code=204)
        if asked.method == "PATCH":
            self.subscriptions[key] |= asked.json
        return JSONResponse({name: value for name, value in self.subscriptions[key].items() if name != "clientState"})


def _due(box: Box, asked: Asked) -> Fault | None:
    for fault in box.faults:
        if fault.times > 0 and fault.method == asked.method and fault.path in asked.path:
            fault.times -= 1
            return fault
    return None


def _merged(box: Box, folder_id: str, since: int, until: int) -> list[tuple[str, str]]:
    """What a delta query tells of the changes in between: each message once, as it ended."""
    found: dict[str, str] = {}
    for change in box.changes[since:until]:
        if change.folder_id == folder_id:
            before = found.pop(change.item_id, "")
            found[change.item_id] = "created" if before == "created" and change.kind == "updated" else change.kind
    return list(found.items())


def _plain(text: str) -> str:
    return text.replace("''", "'")


async def _broken(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    raise ConnectionResetError("cut on command")


def _error(error: GraphFaultError) -> Response:
    headers = {"Retry-After": error.retry_after} if error.retry_after else None
    return JSONResponse({"error": {"code": error.code, "message": error.message}}, error.status, headers)
