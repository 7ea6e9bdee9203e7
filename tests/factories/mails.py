"""Stored mails, as fetched, triaged or parked."""

from datetime import UTC, datetime, timedelta
from itertools import count

from sqlmodel import Session

from inbox_agent.domain.act import Act, Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.draft import Draft
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Address, Automatic, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import INTENTS, Intent, Language, Tone
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.domain.triage import Classification, Extraction, IntentScore, Triage
from inbox_agent.ledger.tables import CustomerRow
from inbox_agent.pipeline.saving import propose_records
from inbox_agent.records.mail import MailContent, MailReference, MailState, StoredMail, Thread
from inbox_agent.records.mailbox import Mailbox, MailboxKind
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.triage import TriageRow

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_numbers = count(1)


def a_mailbox(session: Session, name: str = "debiteuren") -> Mailbox:
    """A mailbox `<name>@halvermaan.example`."""
    mailbox = Mailbox(
        name=name, address=f"{name}@halvermaan.example", kind=MailboxKind.FOLDER, options={}, created_at=NOW
    )
    session.add(mailbox)
    session.flush()
    return mailbox


def a_mail(**fields: object) -> Mail:
    """A decoded mail of a customer's bookkeeper."""
    number = next(_numbers)
    known: dict[str, object] = {
        "received_at": NOW - timedelta(hours=1) + timedelta(seconds=number),
        "received_on": NOW.date(),
        "sender": Address("jan@boer.example", "Jan de Boer"),
        "subject": "Factuur 26700001",
        "text": "Factuur 26700001 klopt niet.",
        "message_id": f"<{number}@boer.example>",
    }
    return Mail(**(known | fields))  # type: ignore[arg-type]


def store(
    session: Session,
    mailbox: Mailbox,
    mail: Mail | None = None,
    state: MailState = MailState.FETCHED,
    raw: bytes = b"",
    raw_store: RawStore | None = None,
) -> StoredMail:
    """The row of a fetched mail, with its content and raw bytes (`mail` None: it could not be decoded)."""
    number = next(_numbers)
    row = StoredMail(
        mailbox_id=mailbox.id,
        source_key=f"1:{number}",
        raw_sha256=(raw_store or RawStore()).put(session, raw or f"Subject: {number}\r\n\r\nhallo\r\n".encode(), NOW),
        received_at=mail.received_at if mail else NOW,
        received_on=NOW.date(),
        fetched_at=NOW,
        state=state,
        changed_at=NOW,
    )
    if mail is not None:
        row.message_id, row.sender_email, row.sender_name = mail.message_id, mail.sender.key, mail.sender.name
        row.subject, row.automatic = mail.subject, mail.automatic
    session.add(row)
    mailbox.fetched_count += 1
    session.flush()
    assert row.id is not None
    if mail is not None:
        session.add(MailContent.of(row.id, mail))
        session.add_all(MailReference(mail_id=row.id, message_id=one) for one in mail.references)
    session.flush()
    return row


def a_triage(
    *intents: Intent,
    number: str = "26700001",
    draft: str | None = "Beste Jan,\n\nWe zoeken het uit.",
    mail: Mail | None = None,
) -> Triage:
    """A reading with one act an intent that becomes a record, about the invoice `number`."""
    source = mail.text if mail else "Factuur 26700001 klopt niet."
    evidence = Evidence(source[:8], 0, min(8, len(source)))
    acts = tuple(
        Act(intent, evidence, (InvoiceLink(number, LinkReason.NUMBER),), amount=Money(12100))
        for intent in intents
        if INTENTS[intent].record is not None
    )
    return Triage(
        text=MailText(source, (TextPart(PartKind.NEW, 0, len(source)),), Language.NL),
        ledger=Ledger(),
        classification=Classification(
            tuple(IntentScore(intent, 0.9) for intent in intents), Tone.NEUTRAL, draft is not None, 0.8, "test"
        ),
        extraction=Extraction(acts, ()),
        draft=None if draft is None else Draft(Language.NL, "Re: Factuur 26700001", draft),
    )


def a_triaged_mail(
    session: Session,
    mailbox: Mailbox,
    *intents: Intent,
    customer: CustomerRow | None = None,
    thread: Thread | None = None,
    mail: Mail | None = None,
    draft: str | None = "Beste Jan,\n\nWe zoeken het uit.",
    raw: bytes = b"",
    raw_store: RawStore | None = None,
) -> StoredMail:
    """A mail that was read, in its own thread unless one is given; intents default to a dispute."""
    mail = mail or a_mail()
    row = store(session, mailbox, mail, MailState.TRIAGED, raw, raw_store)
    if thread is None:
        thread = Thread(
            mailbox_id=row.mailbox_id,
            customer_id=customer.id if customer else None,
            subject=mail.subject,
            created_at=NOW,
            changed_at=NOW,
        )
        session.add(thread)
        session.flush()
    row.thread_id, row.customer_id, row.triaged_at = thread.id, customer.id if customer else None, NOW
    row.version = 2
    triage = a_triage(*(intents or (Intent.DISPUTE,)), draft=draft, mail=mail)
    assert row.id is not None
    kept = TriageRow.of(row.id, triage, 0.1, NOW)
    session.add(kept)
    session.flush()
    assert kept.id is not None
    propose_records(session, triage, row.id, kept.id, customer, NOW)
    session.flush()
    return row


def an_automatic_mail(automatic: Automatic = Automatic.OUT_OF_OFFICE) -> Mail:
    """A mail that no person wrote."""
    return a_mail(automatic=automatic, subject="Afwezig", text="Ik ben er niet.")
