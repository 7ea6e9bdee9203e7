"""An export into the database: all of it, or, when a single row is refused, nothing. Importing it again changes nothing.

An invoice that is no longer in the export was settled: its open amount becomes zero, the row stays, as mails and records
refer to it. A contact that is no longer there stops writing for the customer. Customers and payments are never removed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, delete, select

from inbox_agent.domain.errors import LedgerError
from inbox_agent.ledger import layout
from inbox_agent.ledger.contacts import import_contacts
from inbox_agent.ledger.export import Export, read_export
from inbox_agent.ledger.keys import name_key
from inbox_agent.ledger.refusal import Refusal, RowsRefused
from inbox_agent.ledger.tables import (
    CompanyIbanRow,
    CompanyRow,
    CustomerIbanRow,
    CustomerRow,
    InvoiceRow,
    NumberSeriesRow,
    PaymentRow,
)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did to customers, contacts, invoices and payments together. `company` is its code.

    `settled` counts invoices that were open and are no longer in the export, `removed` contacts that no longer write.
    """

    company: str
    inserted: int
    updated: int
    unchanged: int
    settled: int
    removed: int

    def __str__(self) -> str:
        return (
            f"{self.company}: {self.inserted} added, {self.updated} changed, {self.unchanged} unchanged, "
            f"{self.settled} settled, {self.removed} contacts removed"
        )


def import_tree(session: Session, folder: Path, now: datetime) -> tuple[ImportReport, ...]:
    """Imports the export in `folder`, or each one in its subfolders, in one transaction (the caller commits).

    Raises `RowsRefused` with the refusals of all of them, `LedgerError` when there is no export or one company twice.
    """
    folders = [folder] if (folder / layout.FILE).exists() else sorted(found.parent for found in _inner(folder))
    if not folders:
        raise LedgerError(f"There is no {layout.FILE} in {folder} or in a folder below it. Name the export's folder.")
    exports = [(one, read_export(one)) for one in folders]
    codes = Counter(export.company.code for _, export in exports)
    twice = next((code for code, count in codes.items() if count > 1), None)
    if twice is not None:
        raise LedgerError(f"Two exports in {folder} are of the company {twice}. Leave one of them.")
    refused = tuple(
        refusal if one == folder else replace(refusal, file=f"{one.name}/{refusal.file}")
        for one, export in exports
        for refusal in export.refusals
    )
    if refused:
        raise RowsRefused(refused)
    return tuple(_import(session, export, now) for _, export in exports)


def import_folder(session: Session, folder: Path, now: datetime) -> ImportReport:
    """Imports one export (the caller commits, or rolls back when this raises). Raises `RowsRefused`, `LedgerError`."""
    export = read_export(folder)
    if export.refusals:
        raise RowsRefused(export.refusals)
    return _import(session, export, now)


def _inner(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.glob(f"*/{layout.FILE}") if path.is_file()]
    except OSError as error:
        raise LedgerError(f"The folder {folder} cannot be read: {error.strerror}.") from error


def _import(session: Session, export: Export, now: datetime) -> ImportReport:
    tally: Counter[str] = Counter()
    company_id = _company(session, export, now)
    customers = _customers(session, export, company_id, now, tally)
    tally["removed"] += import_contacts(session, export, customers, tally)
    invoices = _invoices(session, export, company_id, customers, now, tally)
    _payments(session, export, company_id, customers, invoices, now, tally)
    return ImportReport(
        company=export.company.code,
        inserted=tally["inserted"],
        updated=tally["updated"],
        unchanged=tally["unchanged"],
        settled=tally["settled"],
        removed=tally["removed"],
    )


def _company(session: Session, export: Export, now: datetime) -> int:
    company = export.company
    row = session.exec(select(CompanyRow).where(CompanyRow.code == company.code).with_for_update()).first()
    if row is None:
        row = CompanyRow(code=company.code, name=company.name, language=company.language, imported_at=now)
    row.name, row.country, row.language, row.imported_at = company.name, company.country, company.language, now
    session.add(row)
    session.flush()
    assert row.id is not None
    session.exec(delete(CompanyIbanRow).where(col(CompanyIbanRow.company_id) == row.id))
    session.exec(delete(NumberSeriesRow).where(col(NumberSeriesRow.company_id) == row.id))
    session.add_all(
        CompanyIbanRow(company_id=row.id, iban=iban, position=place) for place, iban in enumerate(company.ibans)
    )
    session.add_all(NumberSeriesRow(company_id=row.id, kind=kind, pattern=one) for kind, one in company.number_series)
    session.flush()
    return row.id


def _customers(
    session: Session, export: Export, company_id: int, now: datetime, tally: Counter[str]
) -> Mapping[str, int]:
    wanted = [
        {
            "company_id": company_id,
            "number": one.number,
            "name": one.name,
            "language": one.language,
            "country": one.country,
            "vat_number": one.vat_number,
            "name_key": name_key(one.name),
        }
        for one in export.customers
    ]
    _merge(session, CustomerRow, company_id, ("number",), wanted, now, tally)
    rows = session.exec(select(CustomerRow.number, CustomerRow.id).where(CustomerRow.company_id == company_id))
    ids = {number: found or 0 for number, found in rows}
    if export.has_ibans:
        _accounts(session, export, ids, tally)
    return ids


def _accounts(session: Session, export: Export, customers: Mapping[str, int], tally: Counter[str]) -> None:
    """Makes the accounts of the export's customers those of the export."""
    theirs = select(CustomerRow.id).where(col(CustomerRow.id).in_(sa.select(col(CustomerIbanRow.customer_id))))
    wanted = {(customers[one.number], iban) for one in export.customers for iban in one.ibans}
    concerned = {customers[one.number] for one in export.customers} & set(session.exec(theirs))
    known = {
        (row.customer_id, row.iban) for row in session.exec(select(CustomerIbanRow)) if row.customer_id in concerned
    }
    for customer_id, iban in sorted(known - wanted):
        row = session.get_one(CustomerIbanRow, (customer_id, iban))
        session.delete(row)
    added = [{"customer_id": customer_id, "iban": iban} for customer_id, iban in sorted(wanted - known)]
    if added:
        session.execute(sa.insert(CustomerIbanRow), added)
    tally["updated"] += len({one for one, _ in wanted ^ known})


def _invoices(
    session: Session,
    export: Export,
    company_id: int,
    customers: Mapping[str, int],
    now: datetime,
    tally: Counter[str],
) -> Mapping[str, int]:
    """Number -> id of every invoice of the company, those of earlier exports included."""
    wanted = [
        {
            "company_id": company_id,
            "customer_id": customers[one.customer_number],
            "number": one.number,
            "kind": one.kind,
            "issued_on": one.issued_on,
            "due_on": one.due_on,
            "amount_minor": one.amount.minor,
            "open_minor": one.open.minor,
            "currency": one.amount.currency,
            "po_number": one.po_number,
        }
        for one in export.invoices
    ]
    existing = _merge(session, InvoiceRow, company_id, ("number",), wanted, now, tally)
    exported = {one.number for one in export.invoices}
    settled = [row["id"] for row in existing if row["open_minor"] != 0 and row["number"] not in exported]
    if settled and not exported:
        raise LedgerError(
            f"invoices.csv of {export.company.code} has no invoice, while {len(settled)} are open. "
            "Nothing was imported; check the export."
        )
    _bulk_update(session, InvoiceRow, [{"id": found, "open_minor": 0, "imported_at": now} for found in settled])
    tally["settled"] += len(settled)
    ids = session.exec(select(InvoiceRow.number, InvoiceRow.id).where(InvoiceRow.company_id == company_id))
    return {number: found or 0 for number, found in ids}


def _payments(
    session: Session,
    export: Export,
    company_id: int,
    customers: Mapping[str, int],
    invoices: Mapping[str, int],
    now: datetime,
    tally: Counter[str],
) -> None:
    unknown = [one for one in export.payments if one.invoice_number and one.invoice_number not in invoices]
    if unknown:
        raise RowsRefused(
            tuple(Refusal("payments.csv", one.line, f"invoice {one.invoice_number} is not known") for one in unknown)
        )
    wanted = [
        {
            "company_id": company_id,
            "customer_id": customers[one.customer_number],
            "invoice_id": invoices.get(one.invoice_number),
            "reference": one.reference,
            "paid_on": one.paid_on,
            "amount_minor": one.amount.minor,
            "currency": one.amount.currency,
        }
        for one in export.payments
    ]
    _merge(session, PaymentRow, company_id, ("reference", "invoice_id"), wanted, now, tally)


def _merge(
    session: Session,
    table: type[SQLModel],
    company_id: int,
    key: tuple[str, ...],
    wanted: Iterable[dict[str, Any]],
    now: datetime,
    tally: Counter[str],
) -> Sequence[Mapping[str, Any]]:
    """Inserts what is new and updates what differs, two statements at most; returns the company's rows as they were."""
    columns = sa.inspect(table).local_table.c
    rows = session.execute(sa.select(*columns).where(columns.company_id == company_id)).mappings().all()
    existing = {tuple(row[name] for name in key): row for row in rows}
    inserts, updates = [], []
    for values in wanted:
        row = existing.get(tuple(values[name] for name in key))
        if row is None:
            inserts.append(values | {"imported_at": now})
        elif any(row[name] != value for name, value in values.items()):
            updates.append(values | {"id": row["id"], "imported_at": now})
        else:
            tally["unchanged"] += 1
    if inserts:
        session.execute(sa.insert(table), inserts)
    _bulk_update(session, table, updates)
    tally["inserted"] += len(inserts)
    tally["updated"] += len(updates)
    return [dict(row) for row in rows]


def _bulk_update(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Each row by its id, in one statement."""
    if rows:
        session.execute(sa.update(table), rows)
