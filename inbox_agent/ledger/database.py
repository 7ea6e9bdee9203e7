"""The imported ledger as a `LedgerSource`: who writes, and that customer's items. A fixed number of queries a mail."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

import sqlalchemy as sa
from sqlmodel import Session, col, select

from inbox_agent import db
from inbox_agent.domain.ledger import Company, Considered, ForeignInvoice, Invoice, Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.recognition import Acquaintance
from inbox_agent.domain.text import MailText
from inbox_agent.ledger.leads import House, look_up, similar_names
from inbox_agent.ledger.recognition import Recognised, recognise
from inbox_agent.ledger.tables import (
    CompanyIbanRow,
    CompanyRow,
    ContactRow,
    CustomerContactRow,
    CustomerIbanRow,
    CustomerRow,
    InvoiceRow,
    NumberSeriesRow,
    last_payment,
)
from inbox_agent.ledger.tokens import tokens

_CLOSED_DAYS = 400
"""Settled items issued within so many days before the mail still belong to the picture (the ledger has no closing date)."""
_MOST_INVOICES, _MOST_CANDIDATES, _MOST_OTHERS = 2000, 20, 20
_MOST_DETAILS = 200
"""Domains and accounts of the customers in question that the danger signs are held against."""


class DatabaseLedger:
    """The ledger of a house; its companies stand in the order in which they answer a mail whose company is not known."""

    def __init__(self, engine: sa.Engine, house: House) -> None:
        self._engine = engine
        self._house = house

    def for_mail(self, mail: Mail, text: MailText, chosen: int | None = None) -> Ledger:
        """See `LedgerSource`. Open items, those issued in the last 400 days, and any that the mail names."""
        with db.reading(self._engine) as session:
            companies = _companies(session, self._house.company_ids)
            if not companies:
                return Ledger()
            patterns = [pattern for company in companies.values() for _, pattern in company.number_series]
            named = tokens(mail, patterns)
            found = look_up(session, self._house, mail, text, named)
            ranked = [score.customer_id for score in recognise(found.leads, chosen).scores][:_MOST_CANDIDATES]
            owned = islice((min(ids) for ids in found.owners.values()), _MOST_OTHERS)
            people = _customers(session, {*ranked, *owned})
            keys = {one: people[one].name_key for one in ranked if one in people}
            found.leads += similar_names(found.names, keys)
            who = recognise(found.leads, chosen)
            known = _detailed(session, found.acquaintance, who)
            shown = _read(who, found.owners, people, companies, known)
            customer = people.get(who.customer_id) if who.customer_id is not None else None
            if customer is None:
                return replace(shown, company=next(iter(companies.values())))
            invoices = _items(session, customer, named, mail.received_on)
            return replace(
                shown, customer=customer.read(), company=companies.get(customer.company_id), invoices=invoices
            )


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


def _customers(session: Session, ids: set[int]) -> Mapping[int, CustomerRow]:
    rows = session.exec(select(CustomerRow).where(col(CustomerRow.id).in_(ids)))
    return {row.id: row for row in rows if row.id is not None}


def _detailed(session: Session, known: Acquaintance, who: Recognised) -> Acquaintance:
    """With the domains and accounts of the customers that the mail may be from."""
    ids = [who.customer_id] if who.customer_id is not None else list(who.candidates)
    domains = (
        sa.select(sa.literal("domain"), col(ContactRow.domain))
        .join(CustomerContactRow, col(CustomerContactRow.contact_id) == col(ContactRow.id))
        .where(col(CustomerContactRow.customer_id).in_(ids))
    )
    accounts = sa.select(sa.literal("iban"), col(CustomerIbanRow.iban)).where(col(CustomerIbanRow.customer_id).in_(ids))
    rows = session.execute(sa.union(domains, accounts).limit(_MOST_DETAILS)).all()
    return replace(
        known,
        domains=tuple(sorted(value for kind, value in rows if kind == "domain")),
        ibans=tuple(sorted(value for kind, value in rows if kind == "iban")),
    )


def _read(
    who: Recognised, owners: Mapping[str, frozenset[int]], people: Mapping[int, CustomerRow],
    companies: Mapping[int, Company], known: Acquaintance,
) -> Ledger:  # fmt: skip
    """The answer without the customer's items."""
    foreign = islice(((number, min(ids)) for number, ids in owners.items() if who.customer_id not in ids), _MOST_OTHERS)
    return Ledger(
        candidates=tuple(people[one].read() for one in who.candidates if one in people),
        sender_known=who.sender_known,
        others=tuple(ForeignInvoice(number, people[one].read()) for number, one in foreign if one in people),
        considered=tuple(
            Considered(row.read(), companies[row.company_id].code, score.points, score.clues)
            for score in who.scores
            if (row := people.get(score.customer_id)) is not None and row.company_id in companies
        ),
        acquaintance=known,
    )


def _items(session: Session, customer: CustomerRow, named: tuple[str, ...], on: date) -> tuple[Invoice, ...]:
    items = (
        select(InvoiceRow, last_payment())
        .where(
            InvoiceRow.customer_id == customer.id,
            sa.or_(
                col(InvoiceRow.open_minor) != 0,
                col(InvoiceRow.issued_on) >= on - timedelta(days=_CLOSED_DAYS),
                col(InvoiceRow.number).in_(named),
            ),
        )
        .order_by(col(InvoiceRow.open_minor) == 0, col(InvoiceRow.issued_on).desc(), col(InvoiceRow.number))
        .limit(_MOST_INVOICES)
    )
    found = [item.read(paid_on) for item, paid_on in session.exec(items)]
    return tuple(sorted(found, key=lambda item: (item.issued_on, item.number)))
