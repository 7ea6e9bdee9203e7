"""A mail written as a guide record reads back as the mail that it was."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_agent.domain.guide import read_record
from inbox_agent.domain.guide_record import record
from inbox_agent.domain.ledger import Customer, Invoice, InvoiceKind, Ledger
from inbox_agent.domain.mail import Address, Attachment, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Language

LEDGER = Ledger(
    Customer("10014", "De Boer & Zn."),
    (
        Invoice("26700001", date(2026, 10, 1), date(2026, 10, 31), Money(125000), Money(5), po_number="PO-7"),
        Invoice(
            "C260001",
            date(2026, 10, 5),
            date(2026, 10, 5),
            Money(-5000, "JPY"),
            Money(-5000, "JPY"),
            InvoiceKind.CREDIT_NOTE,
        ),
    ),
)


def a_mail(**changes: Any) -> Mail:
    known: dict[str, Any] = {
        "received_at": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        "received_on": date(2026, 11, 24),
        "sender": Address("jan@boer.example", "Jan de Boer"),
        "to": (Address("debiteuren@halvermaan.example"),),
        "subject": "Factuur 26700001",
        "text": "Klopt niet.\r\n\r\nGroet — Jan",
        "attachments": (Attachment("lijst.xlsx", "application/octet-stream", 4, 0, "1250"),),
    }
    return Mail(**(known | changes))


def back(mail: Mail, ledger: Ledger = LEDGER) -> tuple[str, Mail, Ledger]:
    written = json.dumps(record("7", mail, ledger, Language.NL, {}), ensure_ascii=False)
    return read_record(json.loads(written))


def test_the_mail_reads_back() -> None:
    assert back(a_mail()) == ("7", a_mail(), LEDGER)


def test_an_unknown_customer_reads_back() -> None:
    assert back(a_mail(), Ledger())[2] == Ledger()


def test_keys_are_the_guides() -> None:
    written = record("7", a_mail(), LEDGER, Language.NL, {"intents": []})
    assert list(written) == [
        "id", "language", "received", "from", "to", "subject", "body", "attachments", "ledger", "gold",
    ]  # fmt: skip
    assert written["received"] == "2026-11-24T09:30:00+00:00"
    assert "po" not in written["ledger"]["invoices"][1]


@pytest.mark.parametrize(
    ("received_at", "received_on", "written"),
    [
        ("2026-11-23T23:30+00:00", date(2026, 11, 24), "2026-11-24T00:30:00+01:00"),
        ("2026-11-24T04:00+00:00", date(2026, 11, 23), "2026-11-23T23:00:00-05:00"),
        ("2026-11-24T10:00+00:00", date(2026, 11, 25), "2026-11-25T00:00:00+14:00"),
    ],
)
def test_the_offset_gives_the_senders_day(received_at: str, received_on: date, written: str) -> None:
    mail = a_mail(received_at=datetime.fromisoformat(received_at), received_on=received_on)
    assert record("7", mail, LEDGER, Language.NL, {})["received"] == written


def test_mail_that_lay_for_days_counts_from_the_day_that_it_was_sent() -> None:
    """Relative dates resolve against that day; without it noon of the day stands for it."""
    sent = datetime(2026, 11, 19, 16, tzinfo=UTC)
    assert back(a_mail(sent_at=sent, received_on=sent.date()))[1].received_at == sent
    assert back(a_mail(received_on=sent.date()))[1].received_at == datetime(2026, 11, 19, 12, tzinfo=UTC)


ADDRESSES = st.builds(
    Address,
    st.from_regex(r"[a-z0-9][a-z0-9.+_-]{0,8}[a-z0-9]@[a-z0-9]{1,9}\.example", fullmatch=True),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="<>\"'\\"), max_size=9),
)


@given(ADDRESSES, st.lists(ADDRESSES, max_size=4), st.integers(-14, 14))
def test_any_addresses_read_back(sender: Address, to: list[Address], days: int) -> None:
    mail = a_mail(sender=sender, to=tuple(to), received_on=date(2026, 11, 24) + timedelta(days=days))
    read = back(mail)[1]
    assert (read.sender, read.to, read.received_on) == (sender, tuple(to), mail.received_on)


@pytest.mark.parametrize("name", ["", "Boer, Jan", 'Jan "de Boer"', "<<a@b>>", "a@b.example", "Jan\\", "🧾"])
@pytest.mark.parametrize("email", ["", "jan@boer.example", "niet een adres", "a,b@c"])
def test_whoever_is_named_a_record_can_be_read(name: str, email: str) -> None:
    assert back(a_mail(sender=Address(email, name)))[1].sender.email == email
