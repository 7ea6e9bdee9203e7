"""An office for tests of the pages: a real SQLite database, two teams, a ledger, and mails written as rows."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from inbox_agent import db, schema
from inbox_agent.domain.act import Act, Entity, Evidence, InvoiceLink, LinkReason, Source
from inbox_agent.domain.danger import DangerSign
from inbox_agent.domain.draft import Draft
from inbox_agent.domain.ledger import Company, Considered, Customer, Invoice, InvoiceKind, Ledger
from inbox_agent.domain.mail import Address, Attachment, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.recognition import Acquaintance, Clue, ClueKind
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, EntityKind, Intent, Language, Tone
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.domain.triage import Classification, Extraction, IntentScore, Triage
from inbox_agent.ledger.tables import (
    CompanyIbanRow,
    CompanyRow,
    ContactRow,
    CustomerContactRow,
    CustomerRow,
    InvoiceRow,
)
from inbox_agent.records.mail import MailContent, MailState, StoredMail, Thread
from inbox_agent.records.mailbox import Mailbox, MailboxKind
from inbox_agent.records.people import Controller, MailboxTeam, Role, Team
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.registry import RECORD_TYPES
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import Review, TriageRow
from inbox_agent.review import access
from inbox_agent.settings import Settings
from web.app import create_app
from web.dependencies import clock

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PASSWORD = "een-lang-wachtwoord"
IBAN = "NL91ABNA0417164300"


class Office:
    """A team "Debiteuren" with two people and a mailbox, a team "Elders" with its own, and one customer.

    `tokens` are their open sessions by e-mail address: checking a password takes half a second, on purpose.
    """

    def __init__(self, folder: Path, founded: "Office | None" = None) -> None:
        """A copy of another one, or the first, which migrates its database and hashes its passwords."""
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(data_dir=folder)
        self.now = NOW
        self._count = 0
        if founded is not None:
            there = founded.settings.data_dir / "inbox-agent.db"
            with closing(sqlite3.connect(there)) as source, closing(sqlite3.connect(folder / "inbox-agent.db")) as copy:
                source.backup(copy)
        self.engine = db.create_engine(self.settings.database)
        self.tokens: dict[str, str] = founded.tokens if founded is not None else {}
        if founded is None:
            schema.upgrade(self.engine)
            with db.writing(self.engine) as session:
                self._found(session)

    def _found(self, session: Session) -> None:
        access.add_controller(
            session, "sanne@office.example", "Sanne de Wit", PASSWORD, Role.CONTROLLER, "nl", ["Debiteuren"], NOW
        )
        access.add_controller(
            session, "lena@office.example", "Lena Bos", PASSWORD, Role.TEAM_LEAD, "en", ["Debiteuren"], NOW
        )
        access.add_controller(
            session, "elders@office.example", "Iemand Elders", PASSWORD, Role.CONTROLLER, "nl", ["Elders"], NOW
        )
        for position, name in enumerate(("debiteuren", "elders"), 1):
            session.add(
                Mailbox(id=position, name=name, address=f"{name}@office.example", kind=MailboxKind.FOLDER, options={},
                        polled_at=NOW - timedelta(seconds=20), created_at=NOW)
            )  # fmt: skip
        session.flush()
        for person in session.query(Controller):
            token = access.sign_in(session, person.email, PASSWORD, NOW, 24 * 365).token
            assert token is not None
            self.tokens[person.email] = token
        teams = {team.name: team.id for team in session.query(Team)}
        session.add(MailboxTeam(mailbox_id=1, team_id=teams["Debiteuren"]))
        session.add(MailboxTeam(mailbox_id=2, team_id=teams["Elders"]))
        session.add(CompanyRow(id=1, code="HT", name="Halvermaan Techniek", language=Language.NL, imported_at=NOW))
        session.flush()
        session.add(CompanyIbanRow(company_id=1, iban=IBAN))
        self.customer(session, 1, "D10001", "Bakkerij Veenkamp BV")
        session.add(ContactRow(id=1, email="ap@veenkamp.example", domain="veenkamp.example", name="Piet Veenkamp"))
        session.flush()
        session.add(CustomerContactRow(customer_id=1, contact_id=1))
        for number, due, minor, paid in (
            ("20261001", date(2026, 10, 12), 124_800, 0),
            ("20261002", date(2026, 11, 3), 88_050, 0),
            ("20261003", date(2026, 12, 20), 310_000, 0),
            ("20260900", date(2026, 9, 2), 45_000, 45_000),
        ):
            self.invoice(session, 1, number, due, minor, minor - paid)

    def customer(self, session: Session, id: int, number: str, name: str) -> None:
        session.add(CustomerRow(id=id, company_id=1, number=number, name=name, language=Language.NL, imported_at=NOW))
        session.flush()

    def invoice(self, session: Session, customer: int, number: str, due: date, minor: int, open_minor: int) -> None:
        session.add(
            InvoiceRow(company_id=1, customer_id=customer, number=number, kind=InvoiceKind.INVOICE if minor > 0 else InvoiceKind.CREDIT_NOTE,
                       issued_on=due - timedelta(days=30), due_on=due, amount_minor=minor, open_minor=open_minor,
                       currency="EUR", imported_at=NOW)
        )  # fmt: skip

    def mail(
        self,
        text: str = "Goedemorgen,\n\nFactuur 20261001 klopt niet.",
        *,
        subject: str = "Factuur",
        sender: Address = Address("ap@veenkamp.example", "Piet Veenkamp"),  # noqa: B008
        intents: Sequence[Intent] = (Intent.OTHER_QUERY,),
        acts: Sequence[Act] = (),
        draft: str | None = None,
        warnings: Sequence[str] = (),
        parts: Sequence[tuple[PartKind, str]] = (),
        state: MailState = MailState.TRIAGED,
        state_reason: str = "",
        mailbox: int = 1,
        age: timedelta = timedelta(minutes=12),
        html: str = "",
        raw: bytes = b"Subject: x\r\n\r\nx",
        attachments: Sequence[Attachment] = (),
        customer: int | None = 1,
        candidates: Sequence[Customer] = (),
        confidence: float = 0.93,
        clues: Sequence[Clue] = (Clue(ClueKind.CONTACT, "ap@veenkamp.example"),),
        entities: Sequence[Entity] = (),
        thread: int | None = None,
        possibly_same_as: int | None = None,
        tone: Tone = Tone.NEUTRAL,
        reply_to: Sequence[Address] = (),
        dangers: Sequence[DangerSign] = (),
        acquaintance: Acquaintance = Acquaintance(),  # noqa: B008
    ) -> int:
        """Writes one mail with its reading, and gives its id. `parts` follow the text, each as a part of its kind."""
        self._count += 1
        source = text + "".join(f"\n\n{part}" for _, part in parts)
        at = self.now - age
        mail = Mail(
            received_at=at, received_on=at.date(), sender=sender, subject=subject, text=source, html=html,
            message_id=f"<{self._count}@test>", to=(Address("debiteuren@office.example"),),
            attachments=tuple(attachments), reply_to=tuple(reply_to),
        )  # fmt: skip
        with db.writing(self.engine) as session:
            if thread is None:
                row = Thread(mailbox_id=mailbox, customer_id=customer, subject=subject, created_at=at, changed_at=at,
                             possibly_same_as=possibly_same_as)  # fmt: skip
                session.add(row)
                session.flush()
                thread = row.id
            sha256 = RawStore().put(session, raw, at)
            stored = StoredMail(
                mailbox_id=mailbox, source_key=f"k{self._count}", raw_sha256=sha256, thread_id=thread, customer_id=customer,
                message_id=mail.message_id, sender_email=sender.key, sender_name=sender.name, subject=subject,
                received_at=at, received_on=at.date(), fetched_at=at, state=state, state_reason=state_reason,
                triaged_at=at if state is MailState.TRIAGED else None, changed_at=at,
            )  # fmt: skip
            session.add(stored)
            session.get_one(Mailbox, mailbox).fetched_count += 1
            session.flush()
            session.add(MailContent.of(stored.id, mail))
            if state is MailState.TRIAGED:
                triage = self._triage(session, mail, text, parts, intents, acts, draft, warnings, customer, candidates,
                                      confidence, clues, entities, tone)  # fmt: skip
                ledger = replace(triage.ledger, acquaintance=acquaintance)
                triage = replace(triage, ledger=ledger, dangers=tuple(dangers))
                reading = TriageRow.of(stored.id, triage, 0.4, at)
                session.add(reading)
                session.flush()
                self._propose(session, triage, stored.id, reading.id, customer, at)
            return stored.id

    def _triage(self, session: Session, mail: Mail, text: str, parts: Any, intents: Any, acts: Any, draft: Any,
                warnings: Any, customer: Any, candidates: Any, confidence: float, clues: Any, entities: Any,
                tone: Tone) -> Triage:  # fmt: skip
        cut, at = [TextPart(PartKind.NEW, 0, len(text))], len(text)
        for kind, part in parts:
            cut.append(TextPart(kind, at, at + 2 + len(part)))
            at += 2 + len(part)
        rows = session.query(InvoiceRow).filter(InvoiceRow.customer_id == customer).all() if customer else []
        found = session.get(CustomerRow, customer) if customer else None
        ledger = Ledger(
            customer=Customer(found.number, found.name) if found else None,
            invoices=tuple(
                Invoice(row.number, row.issued_on, row.due_on, Money(row.amount_minor), Money(row.open_minor), row.kind)
                for row in rows
            ),
            company=Company("HT", "Halvermaan Techniek", ibans=(IBAN,)),
            candidates=tuple(candidates),
            considered=tuple([Considered(Customer(found.number, found.name), "HT", 80, tuple(clues))] if found else [])
            + tuple(Considered(one, "HT", 50, (Clue(ClueKind.INVOICE_NUMBER, "20261001"),)) for one in candidates),
        )
        labels = tuple(dict.fromkeys([*(act.intent for act in acts), *(intents if not acts else ())]))
        return Triage(
            text=MailText(mail.text, tuple(cut), Language.NL),
            ledger=ledger,
            classification=Classification(
                tuple(
                    IntentScore(intent, 0.97 - 0.06 * n, tuple(a.evidence for a in acts if a.intent is intent))
                    for n, intent in enumerate(labels)
                ),
                tone,
                bool(draft),
                confidence,
                "phrases-1",
            ),
            extraction=Extraction(tuple(acts), tuple(entities)),
            draft=Draft(Language.NL, f"Re: {mail.subject}", draft, warnings=tuple(warnings)) if draft else None,
        )

    def _propose(
        self, session: Session, triage: Triage, mail_id: int, triage_id: int, customer: Any, at: datetime
    ) -> None:
        for index, act in enumerate(triage.extraction.acts):
            record = INTENTS[act.intent].record
            if record is None:
                continue
            _, about, propose = RECORD_TYPES[record]
            row = propose(act, index, mail_id, triage_id, customer, at)
            session.add(row)
            session.flush()
            for link in act.invoices:
                session.add(about(**{f"{record.value}_id": row.id, "number": link.number}))

    def reply(self, mail_id: int, state: ReplyState, problem: str = "") -> int:
        """An approved reply in some state; the mail counts as decided."""
        with db.writing(self.engine) as session:
            mail = session.get_one(StoredMail, mail_id)
            review = Review(mail_id=mail_id, controller_id=1, decision="approved", decided_at=self.now)
            session.add(review)
            session.flush()
            reply = OutgoingReply(
                mail_id=mail_id, thread_id=mail.thread_id, mailbox_id=mail.mailbox_id, review_id=review.id,
                message_id=f"<reply-{mail_id}@office.example>", recipients=[mail.sender_email], subject="Re: x",
                body="Dank u.", state=state, problem=problem, approved_by=1, approved_at=self.now, send_after=self.now, changed_at=self.now,
            )  # fmt: skip
            mail.decided_at, mail.decided_by, mail.changed_at = self.now, 1, self.now
            session.add(reply)
            session.flush()
            return reply.id

    def stored(self, mail_id: int) -> StoredMail:
        """The mail's row as it is now."""
        with db.reading(self.engine) as session:
            row = session.get_one(StoredMail, mail_id)
            session.expunge(row)
            return row


def evidence(text: str, quote: str, source: Source = Source.BODY, attachment: int = -1) -> Evidence:
    """Where `quote` stands in `text`."""
    start = text.index(quote)
    return Evidence(quote, start, start + len(quote), source, attachment)


def link(number: str) -> InvoiceLink:
    """An invoice named by its number."""
    return InvoiceLink(number, LinkReason.NUMBER, number)


def dispute(text: str, quote: str, number: str = "20261001") -> Act:
    """A contested price."""
    return Act(Intent.DISPUTE, evidence(text, quote), (link(number),), DisputeReason.PRICE, Money(12_500))


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office that the others are copies of."""
    office = Office(tmp_path_factory.mktemp("founded"))
    yield office
    office.engine.dispose()


@pytest.fixture
def office(tmp_path: Path, founded: Office) -> Iterator[Office]:
    office = Office(tmp_path / "office", founded)
    yield office
    office.engine.dispose()


@pytest.fixture
def browse(office: Office) -> Iterator[Any]:
    """Makes browsers: `browse("sanne@office.example")` is signed in, `browse()` is not. `csrf` is the session's token."""
    opened: list[TestClient] = []

    def open_browser(email: str | None = None, **settings: Any) -> TestClient:
        app = create_app(office.settings.model_copy(update=settings), office.engine)
        app.dependency_overrides[clock] = lambda: office.now
        client = TestClient(app, follow_redirects=False, raise_server_exceptions=True)
        opened.append(client)
        client.csrf = ""
        if email:
            client.cookies.set("session", office.tokens[email])
            with db.reading(office.engine) as session:
                client.csrf = access.viewer(session, office.tokens[email], office.now).csrf_token
        return client

    yield open_browser
    for client in opened:
        client.close()


__all__ = ["IBAN", "NOW", "PASSWORD", "Attachment", "EntityKind", "Office", "dispute", "evidence", "link"]
