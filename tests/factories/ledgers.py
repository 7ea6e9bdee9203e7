"""Ledger rows: a company, its customers and their invoices."""

from datetime import UTC, date, datetime
from email.utils import parseaddr

from sqlmodel import Session, select

from inbox_agent.domain.ledger import InvoiceKind
from inbox_agent.domain.taxonomy import Language
from inbox_agent.ledger.keys import domain_key, name_key
from inbox_agent.ledger.tables import (
    CompanyRow,
    ContactRow,
    CustomerContactRow,
    CustomerIbanRow,
    CustomerRow,
    InvoiceRow,
    NumberSeriesRow,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def a_company(session: Session, code: str = "HMT", series: str = r"2670\d{4}") -> CompanyRow:
    """An own company with a number series."""
    company = CompanyRow(code=code, name=f"Halvermaan {code}", language=Language.NL, imported_at=NOW)
    session.add(company)
    session.flush()
    session.add(NumberSeriesRow(company_id=company.id, kind=InvoiceKind.INVOICE, pattern=series))
    return company


def a_customer(
    session: Session,
    company: CompanyRow,
    number: str,
    *emails: str,
    invoices: tuple[str, ...] = (),
    name: str = "",
    vat: str = "",
    ibans: tuple[str, ...] = (),
) -> CustomerRow:
    """A customer with contacts ("Piet Boer <piet@boer.example>" or the address alone) and open invoices of 121,00 euro."""
    name = name or f"Klant {number}"
    customer = CustomerRow(
        company_id=company.id, number=number, name=name, name_key=name_key(name), vat_number=vat, imported_at=NOW
    )
    session.add(customer)
    session.flush()
    session.add_all(CustomerIbanRow(customer_id=customer.id, iban=iban) for iban in ibans)
    for written in emails:
        person, email = parseaddr(written)
        contact = session.exec(select(ContactRow).where(ContactRow.email == email)).first()
        if contact is None:
            domain = email.partition("@")[2]
            keys = {"name_key": name_key(person), "domain_key": domain_key(domain)}
            contact = ContactRow(email=email, domain=domain, name=person, **keys)
            session.add(contact)
            session.flush()
        session.add(CustomerContactRow(customer_id=customer.id, contact_id=contact.id))
    for invoice in invoices:
        an_invoice(session, customer, invoice)
    session.flush()
    return customer


def an_invoice(
    session: Session, customer: CustomerRow, number: str, open_minor: int = 12100, issued_on: date = date(2026, 10, 1)
) -> InvoiceRow:
    """An invoice of 121,00 euro."""
    invoice = InvoiceRow(
        company_id=customer.company_id,
        customer_id=customer.id,
        number=number,
        kind=InvoiceKind.INVOICE,
        issued_on=issued_on,
        due_on=date(2026, 10, 31),
        amount_minor=12100,
        open_minor=open_minor,
        currency="EUR",
        imported_at=NOW,
    )
    session.add(invoice)
    session.flush()
    return invoice
