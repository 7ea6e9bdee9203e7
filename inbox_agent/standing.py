"""How what a reply rests on stands now: asked when it is approved, and again when it is to leave. Four queries."""

from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from inbox_agent.domain.basis import Basis, ItemStanding
from inbox_agent.ledger.tables import ContactRow, CustomerContactRow, InvoiceRow
from inbox_agent.records.dispute import Dispute, DisputeInvoice, DisputeProgress
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.proposal import ProposalState


def standing(session: Session, answered: StoredMail, numbers: Iterable[str], addresses: Iterable[str]) -> Basis:
    """Of the customer of the mail that is answered: these invoices (those that the customer has), these contacts.

    A dispute counts from the moment that the machine reads one, until it is rejected or resolved.
    """
    return Basis(
        _items(session, answered.customer_id, sorted(set(numbers))),
        _contacts(session, answered.customer_id, sorted({address.lower() for address in addresses})),
        _newest(session, answered),
    )


def _items(session: Session, customer_id: int | None, numbers: list[str]) -> dict[str, ItemStanding]:
    if customer_id is None or not numbers:
        return {}
    rows = select(InvoiceRow.number, InvoiceRow.open_minor).where(
        InvoiceRow.customer_id == customer_id, col(InvoiceRow.number).in_(numbers)
    )
    contested = (
        select(DisputeInvoice.number)
        .join(Dispute, col(Dispute.id) == DisputeInvoice.dispute_id)
        .where(
            Dispute.customer_id == customer_id,
            Dispute.state != ProposalState.REJECTED,
            Dispute.progress == DisputeProgress.OPEN,
            col(DisputeInvoice.number).in_(numbers),
        )
    )
    disputed = set(session.exec(contested))
    return {number: ItemStanding(open_minor, number in disputed) for number, open_minor in session.exec(rows)}


def _contacts(session: Session, customer_id: int | None, addresses: list[str]) -> frozenset[str]:
    if customer_id is None or not addresses:
        return frozenset()
    named = (
        select(ContactRow.email)
        .join(CustomerContactRow, col(CustomerContactRow.contact_id) == ContactRow.id)
        .where(CustomerContactRow.customer_id == customer_id, col(ContactRow.email).in_(addresses))
    )
    return frozenset(session.exec(named))


def _newest(session: Session, answered: StoredMail) -> int:
    own = answered.id or 0
    if answered.thread_id is None:
        return own
    last = select(func.max(StoredMail.id)).where(StoredMail.thread_id == answered.thread_id)
    return max(own, session.exec(last).one() or 0)
