"""Replies through Microsoft Graph: a draft, stamped with our Message-ID, that is sent once.

Exchange may put a Message-ID of its own on a draft made from MIME. Ours is written over it (`internetMessageId` can be changed
while a message is a draft: https://learn.microsoft.com/graph/api/message-update) and kept in a property of our own beside it, so
that the reply is found whatever the service does with the first. The stamp is written last: a draft that bears it is complete,
and one draft can leave only once.
"""

import base64
import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from inbox_agent.domain.errors import MailboxError, ReplyRefused, ReplyUncertain
from inbox_agent.domain.sending import OWN_HEADER
from inbox_agent.domain.subject import subject_key
from inbox_agent.mailbox.graph_client import GraphClient, NoAnswerError
from inbox_agent.mailbox.graph_failure import GraphRefusal
from inbox_agent.mailbox.graph_settings import GraphSettings

STAMP = "String {6c0f1e1e-9b3a-4b0e-8f0e-2f6f6f0a7c51} Name InboxAgentMessageId"
"""Our named property: https://learn.microsoft.com/graph/api/resources/singlevaluelegacyextendedproperty"""

_MOST_MIME = 2_900_000
"""Bytes; a request may have 4 MB, and base64 makes four of three."""
_MOST_ATTACHMENT = 2_900_000
_PIECE = 12 * 320 * 1024
"""Bytes of one piece of an upload session; less than 4 MB each (https://learn.microsoft.com/graph/outlook-large-attachments)."""

_MOST_DRAFTS = 25
_MOST_HEADERS = 64 * 1024
_LOOKS_AFTER = (0.0, 1.0, 2.0, 4.0)
"""Seconds between the looks for a reply of which the service did not say whether it took it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the mailbox holds of one reply: whether it was sent; ids of its drafts, complete and unfinished."""

    sent: bool
    complete: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()


class GraphReplies:
    """Replies of one mailbox."""

    def __init__(self, client: GraphClient, settings: GraphSettings) -> None:
        self._client = client
        self._settings = settings

    def put(self, raw: bytes, message_id: str, recipients: tuple[str, ...], answers: str) -> None:
        """Sends the reply, unless it left before. See `MailSource.put_reply`."""
        bare = message_id.strip()
        with self._nothing_sent():
            found = self.find(bare)
            if found.sent:
                return
            if not found.complete:
                for draft in {*found.unfinished, *self._orphans(raw, bare)}:
                    self._client.delete(self._client.user("messages", draft))
        draft = found.complete[0] if found.complete else self._prepared(raw, bare, recipients, answers)
        self._send(draft, bare)

    def find(self, message_id: str) -> Found:
        """Looks for the reply by Message-ID and by our stamp, in all folders."""
        wanted = f"<{message_id.strip().strip('<>')}>".replace("'", "''")
        stamped = self._drafts(f"singleValueExtendedProperties/Any(ep: ep/id eq '{STAMP}' and ep/value eq '{wanted}')")
        named = self._drafts(f"internetMessageId eq '{wanted}'")
        complete = tuple(key for key, is_draft in stamped.items() if is_draft)
        unfinished = tuple(key for key, is_draft in named.items() if is_draft and key not in stamped)
        sent = not all(stamped.values()) or not all(named.values())
        return Found(sent, complete, unfinished)

    def _orphans(self, raw: bytes, message_id: str) -> Iterator[str]:
        """Ids of drafts that an earlier attempt made of this reply and lost before it could stamp them.

        The service gave them Message-IDs of its own; our header is among theirs.
        """
        wanted = _subject(raw)
        query = {"$select": "id,subject", "$orderby": "createdDateTime desc", "$top": str(_MOST_DRAFTS)}
        newest = self._client.get(self._client.user("mailFolders", "drafts", "messages"), query).get("value", [])
        for one in newest:
            if subject_key(str(one.get("subject") or "")) == wanted:
                start, _ = self._client.content(self._client.user("messages", str(one["id"]), "$value"), _MOST_HEADERS)
                if email.message_from_bytes(start).get(OWN_HEADER, "").strip().strip("<>") == message_id.strip("<>"):
                    yield str(one["id"])

    def _drafts(self, condition: str) -> dict[str, bool]:
        """Ids of the messages for which it holds, and whether each is a draft."""
        query = {"$filter": condition, "$select": "id,isDraft", "$top": "10"}
        found = self._client.get(self._client.user("messages"), query).get("value", [])
        return {str(one["id"]): bool(one.get("isDraft")) for one in found}

    def _prepared(self, raw: bytes, message_id: str, recipients: tuple[str, ...], answers: str) -> str:
        """Id of a complete draft. Raises `ReplyRefused`, the draft removed as far as possible."""
        message = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.SMTP)
        attachments: list[EmailMessage] = []
        if len(raw) > _MOST_MIME:
            attachments = _taken_out(message)
            raw = message.as_bytes()
        draft = ""
        with self._nothing_sent():
            try:
                draft = self._draft(base64.b64encode(raw), answers)
                for attachment in attachments:
                    self._attach(draft, attachment)
                self._stamp(draft, message, message_id, recipients)
            except MailboxError:
                self._drop(draft)
                raise
        return draft

    def _stamp(self, draft: str, message: EmailMessage, message_id: str, recipients: tuple[str, ...]) -> None:
        """Recipients, subject and our Message-ID; should the service keep its own, the stamp alone finds the reply again."""
        wanted = f"<{message_id.strip('<>')}>"
        fields = {
            **_addressed(message, recipients),
            "subject": str(message.get("Subject", "")),
            "singleValueExtendedProperties": [{"id": STAMP, "value": wanted}],
        }
        address = self._client.user("messages", draft)
        try:
            self._client.patch(address, fields | {"internetMessageId": wanted})
        except GraphRefusal as error:
            if error.http_status != 400:
                raise
            self._client.patch(address, fields)

    def _draft(self, mime: bytes, answers: str) -> str:
        """In the conversation of the mail that it answers; a new one when that mail is not there any more."""
        if answers:
            try:
                return str(self._client.post_text(self._client.user("messages", answers, "createReply"), mime)["id"])
            except GraphRefusal as error:
                if not error.is_gone and error.code.lower() != "errorinvalididmalformed":
                    raise
        return str(self._client.post_text(self._client.user("messages"), mime)["id"])

    def _attach(self, draft: str, attachment: EmailMessage) -> None:
        content = attachment.get_payload(decode=True)
        data = content if isinstance(content, bytes) else b""
        name = attachment.get_filename() or "attachment"
        kind = attachment.get_content_type()
        address = self._client.user("messages", draft, "attachments")
        if len(data) <= _MOST_ATTACHMENT:
            self._client.post(
                address,
                {
                    "@odata.type": "#microsoft.graph.fileAttachment",
                    "name": name,
                    "contentType": kind,
                    "contentBytes": base64.b64encode(data).decode(),
                },
                once=True,
            )
            return
        item = {"attachmentType": "file", "name": name, "size": len(data), "contentType": kind}
        session = self._client.post(f"{address}/createUploadSession", {"AttachmentItem": item}, once=True)
        for first in range(0, len(data), _PIECE):
            self._client.upload(str(session.get("uploadUrl", "")), data[first : first + _PIECE], first, len(data))

    def _send(self, draft: str, message_id: str) -> None:
        address = self._client.user("messages", draft)
        try:
            self._client.post(f"{address}/send", once=True)
        except NoAnswerError as error:
            if not self._left(draft, message_id):
                raise ReplyUncertain(
                    f"{error.sentence} Nobody knows whether the reply left. Look among the sent mail of mailbox "
                    f"{self._settings.name}."
                ) from error
        except MailboxError as error:
            if isinstance(error, GraphRefusal) and error.is_gone and self._left(draft, message_id):
                return
            self._drop(draft)
            raise ReplyRefused(f"{error.sentence} Nothing was sent.") from error

    def _left(self, draft: str, message_id: str) -> bool:
        """Whether the service shows that it was sent; looks for a few seconds, for sent mail may show late. False when it does
        not show it (yet)."""
        for pause in _LOOKS_AFTER:
            self._client.rest(pause)
            try:
                shown = self._client.get(self._client.user("messages", draft), {"$select": "id,isDraft"})
                if shown.get("isDraft") is False:
                    return True
            except MailboxError:
                with suppress(MailboxError):
                    if self.find(message_id).sent:
                        return True
        return False

    def _drop(self, draft: str) -> None:
        """Takes an unsent draft away; where that fails, the next attempt finds it."""
        if draft:
            with suppress(MailboxError):
                self._client.delete(self._client.user("messages", draft))

    @contextmanager
    def _nothing_sent(self) -> Iterator[None]:
        """Any failure here comes before the sending."""
        try:
            yield
        except (MailboxError, KeyError) as error:
            why = error.sentence if isinstance(error, MailboxError) else "Microsoft 365 made no draft of the reply."
            raise ReplyRefused(f"{why} Nothing was sent.") from error


def _subject(raw: bytes) -> str:
    message = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.SMTP)
    return subject_key(str(message.get("Subject", "")))


def _taken_out(message: EmailMessage) -> list[EmailMessage]:
    """The attachments, which are no longer in the message afterwards. Raises `ReplyRefused` when there are none."""
    parts = message.get_payload()
    attachments = [part for part in message.iter_attachments() if isinstance(part, EmailMessage)]
    if not attachments or not isinstance(parts, list):
        raise ReplyRefused("The reply's text is too large for Microsoft 365. Nothing was sent; shorten it.")
    message.set_payload([part for part in parts if part not in attachments])
    return attachments


def _addressed(message: EmailMessage, recipients: tuple[str, ...]) -> dict[str, Any]:
    """The recipients that were approved, in the fields where the reply names them, whoever the service would have taken."""
    left = {one.strip().lower(): one.strip() for one in recipients}
    fields: dict[str, Any] = {}
    for field, header in (("toRecipients", "To"), ("ccRecipients", "Cc")):
        named = getaddresses([str(value) for value in message.get_all(header, [])])
        fields[field] = [
            {"emailAddress": {"name": name, "address": address} if name else {"address": address}}
            for name, address in named
            if left.pop(address.lower(), None)
        ]
    fields["bccRecipients"] = [{"emailAddress": {"address": address}} for address in left.values()]
    if not fields["toRecipients"] and left:
        fields["toRecipients"], fields["bccRecipients"] = fields["bccRecipients"], []
    return fields
