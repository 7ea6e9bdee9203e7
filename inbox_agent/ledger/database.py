"""The imported ledger as a `LedgerSource`: who writes, and that customer's items. A fixed number of queries a mail."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice

import sqlalchemy as sa
from sqlmodel import Session, col, select

from inbox_agent import db
from inbox_agent.domain.ledger import Company, ForeignInvoice, Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.ledger.recognition import Clues, Recognised, freemail_domains, recognise
from inbox_agent.ledger.tables import (
    CompanyIbanRow,
    CompanyRow,
    ContactRow,
    CustomerContactRow,
    CustomerRow,
    InvoiceRow,
    NumberSeriesRow,
    last_payment,
)
from inbox_agent.ledger.tokens import tokens

_CLOSED_DAYS = 400
"""Settled items issued within so many days before the mail still belong to the picture (the ledger has no closing date)."""
_MOST_INVOICES, _MOST_CANDIDATES, _MOST_ADDRESSES, _MOST_OTHERS = 2000, 20, 20, 20


class DatabaseLedger:
    """The ledger of these own companies, in the order in which they answer a mail whose company is not known."""

    def __init__(self, engine: sa.Engine, company_ids: Sequence[int]) -> None:
        self._engine = engine
        self._company_ids = tuple(company_ids)

    def for_mail(self, mail: Mail) -> Ledger:
        """See `LedgerSource`. Open items, those issued in the last 400 days, and any that the mail names."""
        with db.reading(self._engine) as session:
            companies = _companies(session, self._company_ids)
            if not companies:
                return Ledger()
            patterns = [pattern for company in companies.values() for _, pattern in company.number_series]
            named = tokens(mail, patterns)
            clues = _clues(session, mail, named, self._company_ids)
            found = recognise(clues)
            return _ledger(session, found, _foreign(clues, found), companies, named, mail.received_on)


def _companies(session: Session, company_ids: tuple[int, ...]) -> Mapping[int, Company]:
    rows = {row.id: row for row in session.exec(select(CompanyRow).where(col(CompanyRow.id).in_(company_ids)))}
    series = session.exec(select(NumberSeriesRow).where(col(NumberSeriesRow.company_id).in_(company_ids))).all()
    accounts = select(CompanyIbanRow).where(col(CompanyIbanRow.company_id).in_(company_ids))
    ibans = session.exec(accounts.order_by(col(CompanyIbanRow.position))).all()
    return {
        company_id: Company(
            code=rows[company_id].code,
            name=rows[company_id].name,
            country=rows[company_id].country,
            language=rows[company_id].language,
            ibans=tuple(row.iban for row in ibans if row.company_id == company_id),
            number_series=tuple((row.kind, row.pattern) for row in series if row.company_id == company_id),
        )
        for company_id in company_ids
        if company_id in rows
    }


def _clues(session: Session, mail: Mail, named: tuple[str, ...], company_ids: tuple[int, ...]) -> Clues:
    addresses = [mail.sender.key, *(one.key for one in mail.reply_to), *(one.lower() for one in mail.failed_recipients)]
    asked = [one for one in dict.fromkeys(addresses) if one][:_MOST_ADDRESSES]
    domain = mail.sender.domain
    domains = [domain] if domain and domain not in freemail_domains() else []
    writers = (
        select(ContactRow.email, ContactRow.domain, CustomerContactRow.customer_id)
        .join(CustomerContactRow, col(CustomerContactRow.contact_id) == ContactRow.id)
        .join(CustomerRow, col(CustomerRow.id) == CustomerContactRow.customer_id)
        .where(
            col(CustomerRow.company_id).in_(company_ids),
            sa.or_(col(ContactRow.email).in_(asked), col(ContactRow.domain).in_(domains)),
        )
    )
    found = session.exec(writers).all()
    numbers = select(CustomerRow.number, CustomerRow.id).where(
        col(CustomerRow.company_id).in_(company_ids), col(CustomerRow.number).in_(named)
    )
    owners = select(InvoiceRow.number, InvoiceRow.customer_id).where(
        col(InvoiceRow.company_id).in_(company_ids), col(InvoiceRow.number).in_(named)
    )
    return Clues(
        by_address={one: frozenset(customer for email, _, customer in found if email == one) for one in asked},
        by_domain=frozenset(customer for _, its, customer in found if its in domains),
        by_invoice=_grouped(session.exec(owners)),
        by_number=_grouped(session.exec(numbers)),
    )


def _grouped(pairs: Iterable[tuple[str, int | None]]) -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, customer_id in pairs:
        found.setdefault(number, set()).add(customer_id or 0)
    return {number: frozenset(customers) for number, customers in found.items()}


def _foreign(clues: Clues, found: Recognised) -> Mapping[str, int]:
    """Numbers in the mail that are not the customer's -> an owner of each."""
    owners = {number: min(ids) for number, ids in clues.by_invoice.items() if found.customer_id not in ids}
    return dict(islice(owners.items(), _MOST_OTHERS))


def _ledger(
    session: Session, found: Recognised, foreign: Mapping[str, int], companies: Mapping[int, Company],
    named: tuple[str, ...], on: date,
) -> Ledger:  # fmt: skip
    """The answer; without a customer the first company stands for the house."""
    others = sorted(found.candidates)[:_MOST_CANDIDATES]
    wanted = [*others, *foreign.values(), *([found.customer_id] if found.customer_id is not None else [])]
    rows = {row.id: row for row in session.exec(select(CustomerRow).where(col(CustomerRow.id).in_(wanted)))}
    candidates = tuple(rows[one].read() for one in others if one in rows)
    owned = tuple(ForeignInvoice(number, rows[one].read()) for number, one in foreign.items() if one in rows)
    row = rows.get(found.customer_id)
    if row is None:
        house = next(iter(companies.values()))
        return Ledger(company=house, why=found.why, candidates=candidates, others=owned)
    items = (
        select(InvoiceRow, last_payment())
        .where(
            InvoiceRow.customer_id == row.id,
            sa.or_(
                col(InvoiceRow.open_minor) != 0,
                col(InvoiceRow.issued_on) >= on - timedelta(days=_CLOSED_DAYS),
                col(InvoiceRow.number).in_(named),
            ),
        )
        .order_by(col(InvoiceRow.open_minor) == 0, col(InvoiceRow.issued_on).desc(), col(InvoiceRow.number))
        .limit(_MOST_INVOICES)
    )
    found_items = [item.read(paid_on) for item, paid_on in session.exec(items)]
    return Ledger(
        customer=row.read(),
        invoices=tuple(sorted(found_items, key=lambda item: (item.issued_on, item.number))),
        company=companies.get(row.company_id),
        why=found.why,
        candidates=candidates,
        sender_known=found.sender_known,
        others=owned,
    )
