"""What pipeline tests need: a mailbox row, a source that holds its messages in a list, mails written in the test."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Event, Thread

import sqlalchemy as sa
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.errors import MailboxError
from inbox_agent.mailbox.source import Fetched, Listed
from inbox_agent.pipeline.worker import Worker
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import Mailbox, MailboxKind
from inbox_agent.records.people import Controller, Role
from inbox_agent.records.reply import OutgoingReply
from inbox_agent.records.triage import Review

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def a_mailbox_row(engine: sa.Engine, name: str = "debiteuren") -> int:
    """The id of a new mailbox."""
    with db.writing(engine) as session:
        mailbox = Mailbox(
            name=name, address=f"{name}@halvermaan.example", kind=MailboxKind.FOLDER, options={}, created_at=NOW
        )
        session.add(mailbox)
        session.flush()
        assert mailbox.id is not None
        return mailbox.id


@contextmanager
def at_work(worker: Worker) -> Iterator[Worker]:
    """The worker, running; stopped and gone afterwards."""
    thread = Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop.set()
        thread.join(timeout=30)
        assert not thread.is_alive()


def raw_mail(text: str = "Graag een kopie van 26700001.", sender: str = "jan@boer.example", **headers: str) -> bytes:
    """A small raw mail; header names are written with underscores."""
    lines = {"From": sender, "To": "debiteuren@halvermaan.example", "Subject": "Factuur", **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return (head + "\r\n" + text + "\r\n").encode()


@dataclass
class ListSource:
    """A mailbox in memory. `replies` are what was sent; `fail` is raised by the next `put_reply` before or after it left.

    Of the messages, by number: `instants` are when they came (else `NOW`), `skipped` are not offered by `fetch_since`,
    `undeliverable` by `fetch_keys` neither, `gone` lie there no longer.
    """

    raws: list[bytes] = field(default_factory=list)
    instants: dict[int, datetime] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    undeliverable: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    expires_at: datetime | None = None
    replies: dict[str, bytes] = field(default_factory=dict)
    fail: MailboxError | None = None
    fail_after_leaving: bool = False
    sent_folder_works: bool = True

    def fetch_since(self, cursor: str) -> Iterator[Fetched]:
        for number in range(int(cursor or 0), len(self.raws)):
            if number not in self.skipped | self.gone:
                yield self._fetched(number, str(number + 1))

    def list_since(self, day: date) -> Iterator[Listed]:
        for number in range(len(self.raws)):
            received_at = self.instants.get(number, NOW)
            if number not in self.gone and received_at.date() >= day:
                yield Listed(f"1:{number}", "", received_at, f"<{number}@boer.example>")

    def fetch_keys(self, source_keys: Sequence[str]) -> Iterator[Fetched]:
        for key in source_keys:
            number = int(key.removeprefix("1:"))
            if number not in self.gone | self.undeliverable:
                yield self._fetched(number, "")

    def _fetched(self, number: int, cursor: str) -> Fetched:
        return Fetched(f"1:{number}", self.raws[number], self.instants.get(number, NOW), cursor)

    def wait(self, seconds: float, stop: Event) -> None:
        stop.wait(seconds)

    def put_reply(
        self, raw: bytes, message_id: str, sender: str, recipients: tuple[str, ...], answers: str = ""
    ) -> None:
        if self.fail is not None and not self.fail_after_leaving:
            raise self.fail
        self.replies[message_id] = raw
        if self.fail is not None:
            raise self.fail

    def has_reply(self, message_id: str) -> bool:
        return self.sent_folder_works and message_id in self.replies

    def mark_handled(self, source_key: str) -> None:
        pass

    def sign_in_expires_at(self) -> datetime | None:
        return self.expires_at

    def check(self) -> str:
        return "in memory"

    def close(self) -> None:
        pass


def an_approved_reply(engine: sa.Engine, message_id: str, **fields: object) -> int:
    """To the one mail that was taken in; `fields` override. Gives its id."""
    with db.writing(engine) as session:
        mail = session.exec(select(StoredMail)).one()
        sanne = Controller(email="s@h.example", name="S", role=Role.CONTROLLER, password_hash="x", created_at=NOW)
        session.add(sanne)
        session.flush()
        review = Review(mail_id=mail.id, controller_id=sanne.id, decision="approved", decided_at=NOW)
        session.add(review)
        session.flush()
        usual = {
            "recipients": ["Jan de Boer <jan@boer.example>"],
            "subject": "Re: Factuur",
            "body": "Beste Jan,\n\nHierbij de kopie.\n",
        }
        reply = OutgoingReply(
            mail_id=mail.id, mailbox_id=mail.mailbox_id, review_id=review.id, message_id=message_id, approved_by=sanne.id,
            approved_at=NOW, send_after=NOW, changed_at=NOW, **{**usual, **fields},
        )  # fmt: skip
        session.add(reply)
        session.flush()
        return reply.id
