"""What the ERP knows, as far as one mail needs it. Amounts are `Money`; dates are local to the company."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from inbox_agent.domain.money import Money
from inbox_agent.domain.recognition import Acquaintance, Certainty, Clue
from inbox_agent.domain.taxonomy import Language


class InvoiceKind(StrEnum):
    """What an open item is; a credit note has a negative amount."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class Company:
    """An own company (administratie). `invoice_pattern` etc. are regular expressions of its number series."""

    code: str
    name: str
    country: str = "NL"
    language: Language = Language.NL
    ibans: tuple[str, ...] = ()
    number_series: tuple[tuple[InvoiceKind, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Customer:
    """A debtor of one own company."""

    number: str
    name: str
    language: Language | None = None
    country: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """One item of the ledger; `open` is what is still to be paid (zero when settled).

    `paid_on` is the day of the last payment on a settled item; None while it is open, or when the ledger does not tell.
    """

    number: str
    issued_on: date
    due_on: date
    amount: Money
    open: Money
    kind: InvoiceKind = InvoiceKind.INVOICE
    po_number: str = ""
    paid_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be paid or to be set off."""
        return self.open.minor != 0

    def is_overdue(self, on: date) -> bool:
        """Whether it is unpaid after its due date on day `on`."""
        return self.open.minor > 0 and self.due_on < on


@dataclass(frozen=True, slots=True)
class ForeignInvoice:
    """An item that the mail names and that another customer owns. For the controller alone: never part of a reply."""

    number: str
    customer: Customer


@dataclass(frozen=True, slots=True)
class Considered:
    """A customer that a mail may be from: what speaks for it, and how much (points, see `ledger.recognition`).

    `company` is the code of the own company whose customer it is.
    """

    customer: Customer
    company: str
    points: int
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger as one mail sees it: the customer that writes (or None, unknown) and that customer's items.

    `considered` are this customer and the others that something in the mail speaks for, most points first.
    `candidates` are other customers that it could be, when it is not clear. `sender_known` is False when only a number in
    the mail led to the customer: anybody can name a number, so ledger figures need a second look before they leave.
    `others` are items of other customers that the mail names by number. `acquaintance` is what is known about the sender.
    """

    customer: Customer | None = None
    invoices: tuple[Invoice, ...] = ()
    company: Company | None = None
    candidates: tuple[Customer, ...] = ()
    sender_known: bool = True
    others: tuple[ForeignInvoice, ...] = ()
    considered: tuple[Considered, ...] = ()
    acquaintance: Acquaintance = field(default_factory=Acquaintance)

    @property
    def certainty(self) -> Certainty:
        """Whether it is clear who writes."""
        if self.customer is not None:
            return Certainty.CLEAR
        return Certainty.AMBIGUOUS if self.candidates else Certainty.UNKNOWN

    def invoice(self, number: str) -> Invoice | None:
        """The item with exactly this ledger number."""
        return next((invoice for invoice in self.invoices if invoice.number == number), None)
