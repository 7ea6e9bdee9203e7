"""What the ledger says now of each field of a mail's acts. Judged whenever the page is made, never kept: ledgers move."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from inbox_agent.domain.ledger import Customer, ForeignInvoice, Invoice, Ledger
from inbox_agent.domain.triage import Extraction
from inbox_agent.domain.verdict import Policy, Verdicts
from inbox_agent.domain.verdict_rules import judge, written_numbers
from inbox_agent.domain.written_number import spellings
from inbox_agent.ledger.tables import CustomerRow, InvoiceRow
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import MailboxCompany

_MOST_NAMED, _MOST_FOREIGN = 400, 50


def named_numbers(extraction: Extraction) -> tuple[str, ...]:
    """Every ledger number that the mail's acts and numbers may mean, at most 400: as linked, and as written in any spelling."""
    linked = [link.number for act in extraction.acts for link in act.invoices]
    mentions = [link.mention for act in extraction.acts for link in act.invoices]
    written = (spelling for number in (*written_numbers(extraction), *mentions) for spelling in spellings(number))
    return tuple(dict.fromkeys([*linked, *written]))[:_MOST_NAMED]


def present_verdicts(
    session: Session,
    row: StoredMail,
    extraction: Extraction,
    customer: Customer | None,
    invoices: Sequence[Invoice],
    policy: Policy,
) -> Verdicts:
    """The verdicts on the acts of `extraction`, given the customer's present `invoices`. One query, for foreign numbers."""
    known = {invoice.number for invoice in invoices}
    asked = tuple(number for number in named_numbers(extraction) if number not in known)
    ledger = Ledger(customer=customer, invoices=tuple(invoices), others=_foreign(session, row, asked))
    return judge(extraction, ledger, row.received_on, policy)


def _foreign(session: Session, row: StoredMail, numbers: Sequence[str]) -> tuple[ForeignInvoice, ...]:
    """Which of `numbers` other customers own, in the companies that the mail's mailbox serves."""
    if not numbers:
        return ()
    served = sa.select(col(MailboxCompany.company_id)).where(col(MailboxCompany.mailbox_id) == row.mailbox_id)
    wanted = (
        select(InvoiceRow.number, CustomerRow)
        .join(CustomerRow, col(CustomerRow.id) == InvoiceRow.customer_id)
        .where(
            col(InvoiceRow.number).in_(numbers),
            sa.or_(col(InvoiceRow.company_id).in_(served), ~served.exists()),
            col(InvoiceRow.customer_id).is_distinct_from(row.customer_id),
        )
        .order_by(col(InvoiceRow.number), col(CustomerRow.id))
        .limit(_MOST_FOREIGN)
    )
    return tuple(ForeignInvoice(number, owner.read()) for number, owner in session.exec(wanted))
