"""From a mailbox to the queue: each message stored once, enqueued once, with the cursor, in one transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.domain.errors import DatabaseError, InboxAgentError
from inbox_agent.domain.mail import Mail
from inbox_agent.durable import Queue
from inbox_agent.mailbox.source import Departed, Fetched, MailSource
from inbox_agent.pipeline import copies
from inbox_agent.pipeline.sent import file_sent
from inbox_agent.records.mail import MailContent, MailReference, MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.raw_mail import RawStore

log = structlog.get_logger()


class Parse(Protocol):
    """`mailbox.mime.parse`: bytes and the instant the source got them -> `Mail`, or an `InboxAgentError` with the reason."""

    def __call__(self, raw: bytes, *, received_at: datetime) -> Mail: ...


_REFERENCES = 50
"""References kept per mail for threading: the first and the last ones; longer chains are attacks or bugs."""
_LONGEST_NAME = 300
"""Characters of a sender's name that a queue shows; the content keeps all of it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A message that could not become a `Mail`, and why."""

    reason: str


class Intake:
    """Takes in mail of any source. Parsing happens before the transaction opens."""

    def __init__(self, engine: sa.Engine, queue: Queue, raw_store: RawStore, parse: Parse) -> None:
        self._engine = engine
        self._queue = queue
        self._raw_store = raw_store
        self._parse = parse

    def take(self, mailbox_id: int, source: MailSource) -> int:
        """Takes in what arrived and departed since the mailbox's cursor; returns how many messages were new.

        Raises `MailboxError` or `DatabaseError` at the message where it failed; what came before is kept, and the cursor
        stands after it.
        """
        with db.reading(self._engine) as session:
            cursor = session.get_one(Mailbox, mailbox_id).cursor
        new = 0
        for event in source.fetch_since(cursor):
            if isinstance(event, Departed):
                self.depart(mailbox_id, event)
            else:
                new += self.store(mailbox_id, event)
        return new

    def store(self, mailbox_id: int, fetched: Fetched) -> bool:
        """Stores one message, unless it is known: by its key, or as one that was moved or given a new key. Returns whether it
        was new. An empty cursor (the message was asked for by its key) moves the mailbox's position nowhere."""
        with db.reading(self._engine) as session:
            known = _known(session, mailbox_id, fetched.source_key)
        if known is not None:
            self._note_place(mailbox_id, fetched)
            return False
        content = self._read(fetched)
        try:
            return self._keep(mailbox_id, fetched, content)
        except IntegrityError:
            # Another worker stored the same message, or another mailbox the same bytes: now they are there.
            return self._keep(mailbox_id, fetched, content)
        except OSError as error:
            raise DatabaseError(
                f"A mail cannot be kept in the raw folder: {error.strerror}. Free space or fix it."
            ) from error

    def depart(self, mailbox_id: int, departed: Departed) -> None:
        """Notes that a message left its place. One that was never taken in moves only the cursor."""
        with db.writing(self._engine) as session:
            mailbox = session.get_one(Mailbox, mailbox_id, with_for_update={"key_share": True})
            copies.depart(session, mailbox, departed.source_key, db.now())
            _advance(mailbox, departed.cursor)

    def _keep(self, mailbox_id: int, fetched: Fetched, content: Mail | Unread) -> bool:
        """One intake of a mailbox at a time. The lock lets a reading make its thread, which points at the mailbox, meanwhile: that one
        may hold the mail that this one wants to settle."""
        with db.writing(self._engine) as session:
            mailbox = session.get_one(Mailbox, mailbox_id, with_for_update={"key_share": True})
            if _known(session, mailbox_id, fetched.source_key) is not None:
                return False
            return self._insert(session, mailbox, fetched, content, db.now())

    def _read(self, fetched: Fetched) -> Mail | Unread:
        if fetched.problem:
            return Unread(fetched.problem)
        try:
            return self._parse(fetched.raw, received_at=fetched.received_at)
        except InboxAgentError as error:
            return Unread(error.sentence)
        except Exception as error:  # whatever a mail does to the parser, the next mail must still come in
            log.exception("parse_failed", source_key=fetched.source_key)
            return Unread(f"This mail could not be decoded ({type(error).__name__}). Open the original instead.")

    def _note_place(self, mailbox_id: int, fetched: Fetched) -> None:
        """A known message was offered again: it is there, and perhaps in another folder."""
        with db.writing(self._engine) as session:
            mailbox = session.get_one(Mailbox, mailbox_id, with_for_update={"key_share": True})
            row = _known(session, mailbox_id, fetched.source_key)
            place = fetched.folder[:400]
            if row is not None and (row.gone_at is not None or row.folder != place):
                row.gone_at, row.folder, row.changed_at = None, place, db.now()
            _advance(mailbox, fetched.cursor)

    def _insert(
        self, session: Session, mailbox: Mailbox, fetched: Fetched, content: Mail | Unread, now: datetime
    ) -> bool:
        assert mailbox.id is not None
        row = StoredMail(
            mailbox_id=mailbox.id,
            source_key=fetched.source_key,
            raw_sha256=sha256(fetched.raw).hexdigest(),
            received_at=fetched.received_at,
            received_on=fetched.received_at.astimezone(UTC).date(),
            fetched_at=now,
            state=MailState.FETCHED,
            folder=fetched.folder[:400],
            is_sent=fetched.is_sent,
            conversation=fetched.conversation[:500],
            changed_at=now,
        )
        if isinstance(content, Mail):
            _describe(row, content)
        found = copies.alike(session, row, fetched.raw)
        before = copies.former(found, row, fetched)
        _advance(mailbox, fetched.cursor)
        if before is not None:
            copies.rebind(before, fetched, row.conversation, now)
            return False
        self._raw_store.put(session, fetched.raw, now)
        if isinstance(content, Mail):
            _ignore_own_and_copies(session, row, content, mailbox, found)
        else:
            row.state, row.state_reason = MailState.PARKED, content.reason
        session.add(row)
        session.flush()
        mail_id = row.id
        assert mail_id is not None
        if isinstance(content, Mail):
            session.add(MailContent.of(mail_id, content))
            session.add_all(MailReference(mail_id=mail_id, message_id=named) for named in _references(content))
        if row.is_sent and row.copy_of is None:
            file_sent(session, row, content if isinstance(content, Mail) else None, mailbox, now)
        if row.state is MailState.FETCHED:
            self._queue.triage(session, mail_id)
        mailbox.fetched_count += 1
        return True


def _advance(mailbox: Mailbox, cursor: str) -> None:
    if cursor:
        mailbox.cursor = cursor


def _known(session: Session, mailbox_id: int, source_key: str) -> StoredMail | None:
    key = select(StoredMail).where(StoredMail.mailbox_id == mailbox_id, StoredMail.source_key == source_key)
    return session.exec(key).first()


def _describe(row: StoredMail, mail: Mail) -> None:
    """What the queue shows of a mail, cut to the columns. A reply of ours among the sent mail goes by the Message-ID that we
    gave it: some servers write another one over it."""
    row.message_id = ((row.is_sent and mail.own_message_id) or mail.message_id)[:1000]
    row.sender_email = mail.sender.key[:320]
    row.sender_name = mail.sender.name[:_LONGEST_NAME]
    row.subject = mail.subject
    row.automatic = mail.automatic
    row.received_at = mail.received_at
    row.received_on = mail.received_on
    row.content_sha256 = copies.content_hash(mail)
    row.conversation = row.conversation or mail.conversation


def _ignore_own_and_copies(
    session: Session, row: StoredMail, mail: Mail, mailbox: Mailbox, found: list[StoredMail]
) -> None:
    """A mail that this mailbox sent, or a message that is there already (`found` are those alike), needs nobody.

    A web form or portal writes in the mailbox's own name and puts the customer into Reply-To: that mail is a customer's.
    """
    first = copies.first_of(session, found, row)
    own = {address.key for address in (mail.sender, *mail.reply_to)} == {mailbox.address.strip().lower()}
    if first is not None:
        copies.mark_copy(session, row, first)
    elif own and not row.is_sent:
        row.state, row.state_reason = MailState.IGNORED, "Sent by this mailbox itself."


def _references(mail: Mail) -> tuple[str, ...]:
    named = list(dict.fromkeys(one[:1000] for one in mail.named_message_ids if one))
    return tuple(named if len(named) <= _REFERENCES else named[:5] + named[5 - _REFERENCES :])
