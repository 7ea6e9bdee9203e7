"""An ERP's export as validated values: `read_export` turns a folder of CSV files into rows and refusals, nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from inbox_agent.domain.ledger import Company, InvoiceKind
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Language
from inbox_agent.ledger import fields
from inbox_agent.ledger.csv_table import LARGEST_FILE, CsvTable, Row
from inbox_agent.ledger.keys import number_key
from inbox_agent.ledger.layout import Layout, read_layout
from inbox_agent.ledger.refusal import Refusal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ExportCustomer:
    """A debtor. `language` None: not given, or none that the product writes. `vat_number` and `ibans` without blanks and marks."""

    number: str
    name: str
    language: Language | None
    country: str
    vat_number: str
    ibans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportContact:
    """An address that writes for a customer; `email` lower-cased."""

    customer_number: str
    email: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class ExportInvoice:
    """An invoice, or a credit note with negative amounts."""

    number: str
    customer_number: str
    kind: InvoiceKind
    issued_on: date
    due_on: date
    amount: Money
    open: Money
    po_number: str


@dataclass(frozen=True, slots=True)
class ExportPayment:
    """A booked payment; `invoice_number` "": on account. `line` is where it stands, as its invoice is looked up later."""

    line: int

    reference: str
    customer_number: str
    invoice_number: str
    paid_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Export:
    """Everything in a folder. `has_contacts` says whether the export has that file at all, `has_ibans` that column."""

    company: Company
    customers: tuple[ExportCustomer, ...]
    contacts: tuple[ExportContact, ...]
    invoices: tuple[ExportInvoice, ...]
    payments: tuple[ExportPayment, ...]
    has_contacts: bool
    has_ibans: bool
    refusals: tuple[Refusal, ...]


def read_export(folder: Path, largest: int = LARGEST_FILE) -> Export:
    """Reads and checks every row. `largest` bytes a file. Raises `LedgerError` only for `ledger.toml`; the rest is refused.

    Rules: numbers are unique; customers exist; an invoice's open amount lies between zero and its amount; a credit note
    written with positive amounts becomes negative; without a kind column a negative amount is a credit note. A contact
    without an e-mail address is left out, a repeated one counts once. An empty row is skipped.
    """
    layout = read_layout(folder)

    def table(name: str) -> CsvTable:
        return CsvTable(folder, name, layout, largest)

    customers, contacts, invoices, payments = (
        table(name) for name in ("customers", "contacts", "invoices", "payments")
    )
    has_contacts, has_payments = (folder / contacts.file).exists(), (folder / payments.file).exists()
    debtors = _unique(customers, lambda row: _customer(row, layout), lambda one: one.number)
    items = _unique(invoices, lambda row: _invoice(row, layout, debtors), lambda one: one.number)
    people: dict[tuple[str, str], ExportContact] = {}
    if has_contacts:
        for contact in _read(contacts, lambda row: _contact(row, debtors)):
            if contact.email:
                people.setdefault((contact.customer_number, contact.email), contact)
    booked: dict[tuple[str, str], ExportPayment] = {}
    if has_payments:
        booked = _unique(
            payments, lambda row: _payment(row, layout, debtors), lambda one: (one.reference, one.invoice_number)
        )
    return Export(
        company=layout.company,
        customers=tuple(debtors.values()),
        contacts=tuple(people.values()),
        invoices=tuple(items.values()),
        payments=tuple(booked.values()),
        has_contacts=has_contacts,
        has_ibans="ibans" in customers.columns,
        refusals=tuple(refusal for one in (customers, contacts, invoices, payments) for refusal in one.refusals),
    )


def _read(table: CsvTable, parse: Callable[[Row], T]) -> Iterator[T]:
    for row in table.rows():
        try:
            yield parse(row)
        except ValueError as error:
            table.refuse(row.line, str(error))


K = TypeVar("K")


def _unique(table: CsvTable, parse: Callable[[Row], T], key: Callable[[T], K]) -> dict[K, T]:
    """The rows by their key; a second row of the same key is refused."""
    found: dict[K, T] = {}
    for row in table.rows():
        try:
            value = parse(row)
            if key(value) in found:
                shown = key(value)
                raise ValueError(f"{' / '.join(shown) if isinstance(shown, tuple) else shown} is there twice")
            found[key(value)] = value
        except ValueError as error:
            table.refuse(row.line, str(error))
    return found


def _word(row: Row, layout: Layout, file: str, name: str) -> str:
    """The field's value in our words, where the layout translates it."""
    written = row[name].strip()
    return layout.values.get(file, {}).get(name, {}).get(written, written)


def _customer(row: Row, layout: Layout) -> ExportCustomer:
    language = _word(row, layout, "customers", "language").lower()
    if language and not (len(language) == 2 and language.isalpha()):
        raise ValueError(f"language {language[:40]!r} is not a code of two letters")
    return ExportCustomer(
        number=fields.text(row["number"], "number", 64, required=True),
        name=fields.text(row["name"], "name", 200, required=True),
        language=Language(language) if language in set(Language) else None,
        country=fields.country(row["country"]),
        vat_number=fields.text(number_key(row["vat_number"]), "vat_number", 32),
        ibans=fields.accounts(row["ibans"]),
    )


def _contact(row: Row, customers: dict[str, ExportCustomer]) -> ExportContact:
    return ExportContact(
        customer_number=_known(row["customer_number"], customers),
        email=fields.email(row["email"]),
        name=fields.text(row["name"], "name", 200),
        phone=fields.text(row["phone"], "phone", 64),
    )


def _invoice(row: Row, layout: Layout, customers: dict[str, ExportCustomer]) -> ExportInvoice:
    currency = fields.currency(_word(row, layout, "invoices", "currency"))
    amount = fields.amount(row["amount"], "amount", layout.decimal, currency)
    still_open = fields.amount(row["open_amount"], "open_amount", layout.decimal, currency)
    word = _word(row, layout, "invoices", "kind")
    if word and word not in set(InvoiceKind):
        raise ValueError(f"kind {word[:40]!r} is none of {', '.join(InvoiceKind)}; map it in [values.invoices.kind]")
    kind = InvoiceKind(word) if word else InvoiceKind.CREDIT_NOTE if amount.minor < 0 else InvoiceKind.INVOICE
    if kind is InvoiceKind.CREDIT_NOTE and amount.minor > 0:
        amount, still_open = (replace(money, minor=-money.minor) for money in (amount, still_open))
    if kind is InvoiceKind.INVOICE and amount.minor < 0:
        raise ValueError(f"an invoice has a negative amount ({amount})")
    if not min(0, amount.minor) <= still_open.minor <= max(0, amount.minor):
        raise ValueError(f"the open amount {still_open} is not between zero and the amount {amount}")
    return ExportInvoice(
        number=fields.text(row["number"], "number", 64, required=True),
        customer_number=_known(row["customer_number"], customers),
        kind=kind,
        issued_on=fields.day(row["issued_on"], "issued_on", layout.date_format),
        due_on=fields.day(row["due_on"], "due_on", layout.date_format),
        amount=amount,
        open=still_open,
        po_number=fields.text(row["po_number"], "po_number", 64),
    )


def _payment(row: Row, layout: Layout, customers: dict[str, ExportCustomer]) -> ExportPayment:
    currency = fields.currency(_word(row, layout, "payments", "currency"))
    return ExportPayment(
        line=row.line,
        reference=fields.text(row["reference"], "reference", 64, required=True),
        customer_number=_known(row["customer_number"], customers),
        invoice_number=fields.text(row["invoice_number"], "invoice_number", 64),
        paid_on=fields.day(row["paid_on"], "paid_on", layout.date_format),
        amount=fields.amount(row["amount"], "amount", layout.decimal, currency),
    )


def _known(number: str, customers: dict[str, ExportCustomer]) -> str:
    stripped = number.strip()
    if stripped not in customers:
        raise ValueError(f"customer {stripped[:64]!r} is not in customers.csv")
    return stripped
