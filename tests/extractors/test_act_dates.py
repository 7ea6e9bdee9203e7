"""What a date is the date of, and which of a mail's days is an act's. Received on Wednesday 12 March 2025."""

from datetime import UTC, date, datetime

import pytest

from extractors.act_dates import ActDates
from extractors.date_roles import DateRole, DateRoles
from extractors.dates import Dates
from extractors.segments import Said
from extractors.stated import Stated
from inbox_agent.domain.act import Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.ledger import Customer, Invoice, Ledger
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Intent, Language
from inbox_agent.domain.text import MailText, PartKind, TextPart

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
DATES = Dates()
ROLES = DateRoles()
ACT_DATES = ActDates()

SAID_ROLES = [
    ("nl", "De factuur van 3 maart is onjuist.", ["invoice"]),
    ("nl", "Uw brief van 3 maart ligt hier.", ["referred"]),
    ("nl", "Wij betalen vrijdag.", ["promised"]),
    ("nl", "Die is op 3 maart betaald.", ["paid"]),
    ("en", "We will pay on 20 March instead of 14 March.", ["promised", "instead"]),
    ("en", "The goods were delivered on 3 March.", ["delivery"]),
    ("en", "I will be back on 24 March.", ["back"]),
    ("de", "Können wir in Raten zahlen, die erste am 1. April?", ["first_instalment"]),
    ("de", "Wir zahlen am 14. April statt am 15. März.", ["promised", "instead"]),
    ("fr", "La facture du 3 mars sera payée vendredi.", ["invoice", "promised"]),
    ("fr", "je paie à l'échéance", ["due"]),
]

PICKED = [
    (Intent.PROMISE_TO_PAY, "nl", "De factuur van 3 maart betalen wij vrijdag.", "betalen wij vrijdag", "2025-03-14"),
    (Intent.PROMISE_TO_PAY, "en", "Invoice dated 3 March will be paid on 28 March.", "will be paid on", "2025-03-28"),
    (
        Intent.PROMISE_TO_PAY,
        "de",
        "Die Rechnung vom 3. März zahlen wir am 28. März.",
        "zahlen wir am 28. März",
        "2025-03-28",
    ),
    (Intent.PROMISE_TO_PAY, "fr", "Ce sera réglé vendredi prochain.", "Ce sera réglé vendredi prochain", "2025-03-21"),
    (Intent.PAYMENT_NOTIFICATION, "nl", "Die van 3 februari is gisteren betaald.", "is gisteren betaald", "2025-03-11"),
    (Intent.PAYMENT_NOTIFICATION, "en", "We paid it on the 24th.", "We paid it on the 24th", "2025-02-24"),
    (
        Intent.PAYMENT_PLAN_REQUEST,
        "nl",
        "Mag het in drie termijnen, 1 april, 1 mei en 1 juni?",
        "in drie termijnen",
        "2025-04-01",
    ),
    (
        Intent.PAYMENT_PLAN_REQUEST,
        "de",
        "Können wir statt am 15. März erst am 14. April zahlen?",
        "Können wir",
        "2025-04-14",
    ),
    (Intent.OUT_OF_OFFICE, "en", "I am back on 24 March.", "I am back on 24 March", "2025-03-24"),
    (Intent.OUT_OF_OFFICE, "en", "Closed until and including Friday 21 March.", "Closed until", "2025-03-24"),
    (Intent.OUT_OF_OFFICE, "nl", "Met verlof tot 25 maart.", "Met verlof tot 25 maart", "2025-03-25"),
]


@pytest.mark.parametrize(("language", "text", "roles"), SAID_ROLES)
def test_roles(language: str, text: str, roles: list[str]) -> None:
    phrases = DATES.phrases(text, 0, len(text), RECEIVED.date(), Language(language))
    found = ROLES.roles(text, 0, len(text), phrases, Language(language))
    assert [one.role for one in found] == [DateRole(role) for role in roles]


@pytest.mark.parametrize(("intent", "language", "body", "words", "day"), PICKED)
def test_the_day_of_an_act(intent: Intent, language: str, body: str, words: str, day: str) -> None:
    assert picked(intent, language, body, words) == date.fromisoformat(day)


def test_the_due_date_is_the_one_of_the_row_that_is_meant() -> None:
    body, words = "Die wordt gewoon op de vervaldag betaald.", "op de vervaldag betaald"
    assert picked(Intent.PROMISE_TO_PAY, "nl", body, words, "24-1") == date(2025, 4, 2)


def test_two_due_dates_are_none() -> None:
    body, words = "Beide worden gewoon op de vervaldag betaald.", "op de vervaldag betaald"
    assert picked(Intent.PROMISE_TO_PAY, "nl", body, words, "24-1", "24-2") is None


def test_a_dispute_has_no_day() -> None:
    assert picked(Intent.DISPUTE, "nl", "Vrijdag geleverd en kapot.", "kapot") is None


def test_the_day_of_a_letter_is_no_promise() -> None:
    assert picked(Intent.PROMISE_TO_PAY, "nl", "Uw brief van 3 februari. Wij betalen.", "Wij betalen") is None


def picked(intent: Intent, language: str, body: str, words: str, *numbers: str) -> date | None:
    mail = Mail(RECEIVED, RECEIVED.date(), Address("jan@klant.example", "Jan"), text=body)
    text = MailText(body, (TextPart(PartKind.NEW, 0, len(body)),), Language(language))
    start = body.index(words)
    place = Said(intent, Evidence(words, start, start + len(words)), (0, len(body)), (0, len(body)))
    links = [InvoiceLink(number, LinkReason.NUMBER) for number in numbers]
    return ACT_DATES.of(Stated(mail, text, LEDGER, DATES), [place]).day_of(place, links)


def _row(number: str, due: date) -> Invoice:
    return Invoice(number, date(2025, 3, 3), due, Money(10_000, "EUR"), Money(10_000, "EUR"))


LEDGER = Ledger(Customer("1", "Klant"), (_row("24-1", date(2025, 4, 2)), _row("24-2", date(2025, 4, 9))))
