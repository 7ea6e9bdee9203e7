"""A mail and its ledger written as a record of the annotation guide: what `guide.read_record` reads, the other way round."""

import datetime
from collections.abc import Iterator, Sequence
from email.utils import getaddresses
from typing import Any

from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.taxonomy import Language

_EAST, _WEST = 14, 12
"""Hours that the local time of a place can be off UTC."""


def record(id: str, mail: Mail, ledger: Ledger, language: Language, gold: dict[str, Any]) -> dict[str, Any]:
    """The record, its keys in the guide's order.

    `received` bears an offset that makes its local date `Mail.received_on`, since relative dates resolve against that.
    """
    return {
        "id": id,
        "language": language.value,
        "received": _received(mail).isoformat(timespec="seconds"),
        "from": _header((mail.sender,)),
        "to": _header(mail.to),
        "subject": mail.subject,
        "body": mail.text,
        "attachments": [{"name": attachment.name, "text": attachment.text} for attachment in mail.attachments],
        "ledger": _ledger(ledger),
        "gold": gold,
    }


def _received(mail: Mail) -> datetime.datetime:
    """The reception, else (mail that lay in a queue for days) the sending, in local time; else noon of that day."""
    for instant in (mail.received_at, mail.sent_at):
        for moment in _local_times(instant) if instant else ():
            if moment.date() == mail.received_on:
                return moment
    return datetime.datetime.combine(mail.received_on, datetime.time(12), datetime.UTC)


def _local_times(instant: datetime.datetime) -> Iterator[datetime.datetime]:
    """The instant in UTC, then one hour off, then two."""
    for hours in sorted(range(-_WEST, _EAST + 1), key=lambda hours: (abs(hours), hours)):
        yield instant.astimezone(datetime.timezone(datetime.timedelta(hours=hours)))


def _header(addresses: Sequence[Address]) -> str:
    """As the guide shows it: `Name <address>`, or a bare address; several with their names quoted (RFC 5322)."""
    if len(addresses) > 1:
        return ", ".join(f"{_quoted(address.name)} <{address.email}>" for address in addresses)
    return "".join(_shown(address) for address in addresses)


def _shown(address: Address) -> str:
    name = address.name.replace("<", "").strip()
    is_plain = getaddresses([address.email]) == [("", address.email)]
    return address.email if is_plain and not name else f"{name} <{address.email}>".strip()


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _ledger(ledger: Ledger) -> dict[str, Any]:
    customer = ledger.customer
    return {
        "customer": {"name": customer.name, "number": customer.number} if customer else None,
        "invoices": [_invoice(invoice) for invoice in ledger.invoices],
    }


def _invoice(invoice: Invoice) -> dict[str, Any]:
    row = {
        "number": invoice.number,
        "date": invoice.issued_on.isoformat(),
        "due": invoice.due_on.isoformat(),
        "amount": str(invoice.amount),
        "open": str(invoice.open),
        "currency": invoice.amount.currency,
    }
    return row | ({"po": invoice.po_number} if invoice.po_number else {})
