"""From a mailbox to the queue: each message stored once, enqueued once, with the cursor, in one transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.domain.errors import DatabaseError, InboxAgentError
from inbox_agent.domain.mail import Mail
from inbox_agent.durable import Queue
from inbox_agent.mailbox.source import Fetched, MailSource
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
        """Stores what arrived since the mailbox's cursor; returns how many messages were new.

        Raises `MailboxError` or `DatabaseError` at the message where it failed; what came before is kept, and the cursor
        stands after it.
        """
        with db.reading(self._engine) as session:
            cursor = session.get_one(Mailbox, mailbox_id).cursor
        return sum(self.store(mailbox_id, fetched) for fetched in source.fetch_since(cursor))

    def store(self, mailbox_id: int, fetched: Fetched) -> bool:
        """Stores one message, unless its key is known. Returns whether it was new."""
        with db.reading(self._engine) as session:
            if _known(session, mailbox_id, fetched.source_key):
                self._advance(mailbox_id, fetched)
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

    def _keep(self, mailbox_id: int, fetched: Fetched, content: Mail | Unread) -> bool:
        with db.writing(self._engine) as session:
            mailbox = session.get_one(Mailbox, mailbox_id, with_for_update=True)
            if _known(session, mailbox_id, fetched.source_key):
                return False
            self._insert(session, mailbox, fetched, content, db.now())
        return True

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

    def _advance(self, mailbox_id: int, fetched: Fetched) -> None:
        with db.writing(self._engine) as session:
            mailbox = session.get_one(Mailbox, mailbox_id)
            mailbox.cursor = fetched.cursor

    def _insert(
        self, session: Session, mailbox: Mailbox, fetched: Fetched, content: Mail | Unread, now: datetime
    ) -> None:
        assert mailbox.id is not None
        raw_sha256 = self._raw_store.put(session, fetched.raw, now)
        row = StoredMail(
            mailbox_id=mailbox.id,
            source_key=fetched.source_key,
            raw_sha256=raw_sha256,
            received_at=fetched.received_at,
            received_on=fetched.received_at.astimezone(UTC).date(),
            fetched_at=now,
            state=MailState.FETCHED,
            changed_at=now,
        )
        if isinstance(content, Unread):
            row.state, row.state_reason = MailState.PARKED, content.reason
        else:
            _describe(row, content)
            _ignore_own_and_copies(session, row, content, mailbox)
        session.add(row)
        session.flush()
        mail_id = row.id
        assert mail_id is not None
        if isinstance(content, Mail):
            session.add(MailContent.of(mail_id, content))
            session.add_all(MailReference(mail_id=mail_id, message_id=named) for named in _references(content))
        if row.state is MailState.FETCHED:
            self._queue.triage(session, mail_id)
        mailbox.cursor = fetched.cursor
        mailbox.fetched_count += 1
        session.add(mailbox)


def _known(session: Session, mailbox_id: int, source_key: str) -> bool:
    key = select(StoredMail.id).where(StoredMail.mailbox_id == mailbox_id, StoredMail.source_key == source_key)
    return session.exec(key).first() is not None


def _describe(row: StoredMail, mail: Mail) -> None:
    """What the queue shows of a mail, cut to the columns."""
    row.message_id = mail.message_id[:1000]
    row.sender_email = mail.sender.key[:320]
    row.sender_name = mail.sender.name[:_LONGEST_NAME]
    row.subject = mail.subject
    row.automatic = mail.automatic
    row.received_at = mail.received_at
    row.received_on = mail.received_on


def _ignore_own_and_copies(session: Session, row: StoredMail, mail: Mail, mailbox: Mailbox) -> None:
    """A mail that this mailbox sent, or the very same bytes again (a moved or copied message), needs nobody.

    A web form or portal writes in the mailbox's own name and puts the customer into Reply-To: that mail is a customer's.
    """
    if {address.key for address in (mail.sender, *mail.reply_to)} == {mailbox.address.strip().lower()}:
        row.state, row.state_reason = MailState.IGNORED, "Sent by this mailbox itself."
        return
    same = select(StoredMail.id).where(StoredMail.mailbox_id == row.mailbox_id, StoredMail.raw_sha256 == row.raw_sha256)
    first = session.exec(same.order_by(StoredMail.id)).first()  # type: ignore[arg-type]
    if first is not None:
        row.state, row.state_reason = MailState.IGNORED, f"The same message as mail {first}, byte for byte."


def _references(mail: Mail) -> tuple[str, ...]:
    named = list(
        dict.fromkeys(one[:1000] for one in (*mail.references, mail.in_reply_to, mail.original_message_id) if one)
    )
    return tuple(named if len(named) <= _REFERENCES else named[:5] + named[5 - _REFERENCES :])
