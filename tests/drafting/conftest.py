"""One way into the drafter for these tests: a mail and its reading from a few words, the ledger written out."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from drafting.drafter import TemplateDrafter
from inbox_agent.domain.act import Act, Entity, Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.danger import DangerSign
from inbox_agent.domain.draft import Draft
from inbox_agent.domain.ledger import Company, Customer, Invoice, InvoiceKind, Ledger
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, EntityKind, Intent, Language, Tone
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.domain.triage import Classification, Extraction, IntentScore

KEES = Address("kees.vandewal@vdwal-bouw.nl", "Kees van de Wal")
LEDGER = Ledger(
    customer=Customer("31877", "Van der Wal Bouw"),
    company=Company("1", "Betonwaren Zuid B.V.", ibans=("NL91ABNA0417164300",)),
    invoices=(
        Invoice("2026-0314", date(2026, 9, 19), date(2026, 10, 19), Money(148620), Money(148620)),
        Invoice("2026-0298", date(2026, 8, 10), date(2026, 9, 12), Money(61240), Money(61240)),
        Invoice("2026-0355", date(2026, 11, 5), date(2026, 12, 1), Money(20400), Money(0)),
        Invoice("CN-12", date(2026, 11, 6), date(2026, 11, 6), Money(-5000), Money(-5000), InvoiceKind.CREDIT_NOTE),
    ),
)


def act(
    intent: Intent,
    *numbers: str,
    reason: DisputeReason | None = None,
    amount: int | None = None,
    on: date | None = None,
) -> Act:
    """An act about ledger rows; `amount` in cents."""
    links = tuple(InvoiceLink(number, LinkReason.NUMBER, number) for number in numbers)
    return Act(intent, Evidence("x", 0, 1), links, reason, None if amount is None else Money(amount), on)


def draft(
    *intents: Intent,
    acts: tuple[Act, ...] = (),
    ledger: Ledger = LEDGER,
    language: Language = Language.NL,
    subject: str = "Factuur",
    body: str = "Hallo",
    signature: str = "",
    sender: Address = KEES,
    written: tuple[tuple[EntityKind, str], ...] = (),
    tone: Tone = Tone.NEUTRAL,
    requires_reply: bool = True,
    dangers: tuple[DangerSign, ...] = (),
    **headers: object,
) -> Draft | None:
    """What the drafter makes of such a mail."""
    source = body + signature
    mail = Mail(
        datetime(2026, 11, 2, 9, tzinfo=UTC),
        date(2026, 11, 2),
        sender,
        subject,
        source,
        **headers,  # type: ignore[arg-type]
    )
    parts = (TextPart(PartKind.NEW, 0, len(body)), TextPart(PartKind.SIGNATURE, len(body), len(source)))
    reading = Classification(tuple(IntentScore(intent, 0.9) for intent in intents), tone, requires_reply, 0.9, "test")
    entities = tuple(Entity(kind, Evidence(text, 0, len(text))) for kind, text in written)
    text = MailText(source, parts, language)
    return TemplateDrafter().draft(mail, text, reading, Extraction(acts, entities), ledger, dangers)


@pytest.fixture(name="act")
def _act() -> Callable[..., Act]:
    return act


@pytest.fixture(name="draft")
def _draft() -> Callable[..., Draft | None]:
    return draft


@pytest.fixture
def ledger() -> Ledger:
    return LEDGER
