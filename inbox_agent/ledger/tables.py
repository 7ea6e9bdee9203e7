"""The ledger's rows, as imported from the ERP. Amounts are integer minor units; instants are UTC."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel, UniqueConstraint, col

from inbox_agent.db import EnumText, UtcDateTime
from inbox_agent.domain.ledger import Customer, Invoice, InvoiceKind
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Language


class CompanyRow(SQLModel, table=True):
    """An own company (administratie)."""

    __tablename__ = "company"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=200)
    country: str = Field(default="NL", max_length=2)
    language: Language = Field(sa_type=EnumText(Language))
    imported_at: datetime = Field(sa_type=UtcDateTime)


class CompanyIbanRow(SQLModel, table=True):
    """A bank account of an own company; the only ones a draft may state."""

    __tablename__ = "company_iban"
    __table_args__ = (UniqueConstraint("company_id", "iban"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id", index=True)
    iban: str = Field(max_length=34)
    position: int = 0


class NumberSeriesRow(SQLModel, table=True):
    """How an own company numbers its documents, as a regular expression."""

    __tablename__ = "number_series"
    __table_args__ = (UniqueConstraint("company_id", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id", index=True)
    kind: InvoiceKind = Field(sa_type=EnumText(InvoiceKind))
    pattern: str = Field(max_length=200)


class CustomerRow(SQLModel, table=True):
    """A debtor of one own company. `vat_number` and `name_key` are as `ledger.keys` writes them, so that an index finds them."""

    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("company_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id", index=True)
    number: str = Field(max_length=64)
    name: str = Field(max_length=200)
    language: Language | None = Field(default=None, sa_type=EnumText(Language))
    country: str = Field(default="", max_length=2)
    vat_number: str = Field(default="", max_length=32, index=True)
    name_key: str = Field(default="", max_length=200, index=True)
    imported_at: datetime = Field(sa_type=UtcDateTime)

    def read(self) -> Customer:
        """The customer as the domain knows it."""
        return Customer(number=self.number, name=self.name, language=self.language, country=self.country)


class CustomerIbanRow(SQLModel, table=True):
    """A bank account that the ERP knows of a customer: letters and digits only, in capitals. Never used to pay."""

    __tablename__ = "customer_iban"
    customer_id: int = Field(foreign_key="customer.id", primary_key=True)
    iban: str = Field(max_length=34, primary_key=True, index=True)


class ContactRow(SQLModel, table=True):
    """A person or address that writes for one or several customers. `email` is lower-cased.

    `name_key` and `domain_key` (what a reader takes the domain for) are as `ledger.keys` writes them.
    """

    __tablename__ = "contact"
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(max_length=320, unique=True)
    domain: str = Field(max_length=255, index=True)
    name: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=64)
    name_key: str = Field(default="", max_length=200, index=True)
    domain_key: str = Field(default="", max_length=80, index=True)


class CustomerContactRow(SQLModel, table=True):
    """Which customers a contact writes for."""

    __tablename__ = "customer_contact"
    customer_id: int = Field(foreign_key="customer.id", primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", primary_key=True, index=True)


class RememberedSenderRow(SQLModel, table=True):
    """A person's word on whose mail this is: what `sender` (an address, or a domain alone) writes to a mailbox is the customer's.

    The one thing here that no ERP exported. It holds until `ended_at`; of one sender one holds at a time.
    """

    __tablename__ = "remembered_sender"
    __table_args__ = (
        Index(
            "uq_remembered_sender_holding",
            "mailbox_id",
            "sender",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    mailbox_id: int = Field(foreign_key="mailbox.id")
    sender: str = Field(max_length=320)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    remembered_by: int = Field(foreign_key="controller.id")
    remembered_at: datetime = Field(sa_type=UtcDateTime)
    ended_by: int | None = Field(default=None, foreign_key="controller.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class InvoiceRow(SQLModel, table=True):
    """An invoice or credit note; `open_minor` is what is still to be paid, negative for an unused credit note."""

    __tablename__ = "invoice"
    __table_args__ = (UniqueConstraint("company_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id", index=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    number: str = Field(max_length=64, index=True)
    kind: InvoiceKind = Field(sa_type=EnumText(InvoiceKind))
    issued_on: date
    due_on: date
    amount_minor: int = Field(sa_type=BigInteger)
    open_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    po_number: str = Field(default="", max_length=64)
    imported_at: datetime = Field(sa_type=UtcDateTime)

    def read(self, paid_on: date | None = None) -> Invoice:
        """The item as the domain knows it; `paid_on` as `last_payment` tells it."""
        return Invoice(
            number=self.number,
            issued_on=self.issued_on,
            due_on=self.due_on,
            amount=Money(self.amount_minor, self.currency),
            open=Money(self.open_minor, self.currency),
            kind=self.kind,
            po_number=self.po_number,
            paid_on=paid_on,
        )


class PaymentRow(SQLModel, table=True):
    """Money in the bank, as the ERP booked it; `invoice_id` None: on account."""

    __tablename__ = "payment"
    __table_args__ = (UniqueConstraint("company_id", "reference", "invoice_id"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id", index=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    invoice_id: int | None = Field(default=None, foreign_key="invoice.id", index=True)
    reference: str = Field(max_length=64)
    paid_on: date
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    imported_at: datetime = Field(sa_type=UtcDateTime)


def last_payment() -> sa.ColumnElement[date | None]:
    """For a query over `InvoiceRow`: the day of the last payment on each settled item; NULL for the open ones."""
    paid = (
        sa.select(sa.func.max(col(PaymentRow.paid_on)))
        .where(col(PaymentRow.invoice_id) == col(InvoiceRow.id))
        .correlate(InvoiceRow)
        .scalar_subquery()
    )
    return sa.case((col(InvoiceRow.open_minor) == 0, paid), else_=None)


TABLES: tuple[type[SQLModel], ...] = (
    CompanyRow, CompanyIbanRow, NumberSeriesRow, CustomerRow, CustomerIbanRow, ContactRow, CustomerContactRow,
    InvoiceRow, PaymentRow, RememberedSenderRow,
)  # fmt: skip
"""Every table of the ledger."""
