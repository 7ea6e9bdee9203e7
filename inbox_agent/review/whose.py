"""Whose mail it is, for its page: which customers it could be, why, and what was said about its sender before."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from inbox_agent.domain.errors import NotFound
from inbox_agent.domain.ledger import Customer
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.recognition import Clue
from inbox_agent.domain.triage import Triage
from inbox_agent.ledger.tables import CompanyRow, CustomerRow, RememberedSenderRow
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import MailboxCompany
from inbox_agent.records.people import Controller
from inbox_agent.review.views import Viewer
from inbox_agent.review.visible import visible_mail

_MOST_SHOWN, _MOST_FOUND, _WORDS, _LONGEST = 8, 20, 4, 100


@dataclass(frozen=True, slots=True)
class Possible:
    """A customer that can be chosen, with what speaks for it, if anything does."""

    customer_id: int
    customer: Customer
    company_name: str
    clues: tuple[Clue, ...] = ()


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a person said of a sender: mail from this address, or domain, is this customer's."""

    remembered_id: int
    sender: str
    customer: Customer
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Whose:
    """`clues` speak for the customer whose mail it is taken to be; `possible` are the others, likeliest first.

    `senders` are what a choice can be remembered for: the writer's address, and the domain unless it is freemail.
    """

    clues: tuple[Clue, ...] = ()
    possible: tuple[Possible, ...] = ()
    remembered: tuple[Remembered, ...] = ()
    senders: tuple[str, ...] = ()


def whose(session: Session, row: StoredMail, mail: Mail | None, reading: Triage | None) -> Whose:
    """What the page of this mail shows. Two queries."""
    if reading is None or mail is None:
        return Whose()
    ledger = reading.ledger
    mine = next((one.clues for one in ledger.considered if one.customer == ledger.customer), ())
    shown = [one for one in ledger.considered if one.customer in ledger.candidates][:_MOST_SHOWN]
    keys = {(one.company, one.customer.number): one.clues for one in shown}
    found = {(code, one.customer.number): one for code, one in _customers(session, _is_one_of(keys))}
    senders = senders_of(mail, reading)
    return Whose(
        clues=mine,
        possible=tuple(
            Possible(found[key].customer_id, found[key].customer, found[key].company_name, clues)
            for key, clues in keys.items()
            if key in found
        ),
        remembered=_remembered(session, row.mailbox_id, senders),
        senders=senders,
    )


def senders_of(mail: Mail, reading: Triage) -> tuple[str, ...]:
    """The writer's address, and its domain unless it is freemail; empty when a colleague wrote the mail."""
    known = reading.ledger.acquaintance
    if not known.writer:  # also readings from before this was kept
        return () if known.is_ours or not mail.sender.key else (mail.sender.key,)
    domain = known.writer.rpartition("@")[2]
    return (known.writer,) if domain in known.freemail else (known.writer, domain)


def search(session: Session, viewer: Viewer, mail_id: int, words: str) -> tuple[Possible, ...]:
    """Customers of the companies that the mail's mailbox serves, each word in name or number; at most twenty, by name.

    Raises `NotFound`.
    """
    row = visible_mail(session, viewer, mail_id)
    wanted = words.replace("\x00", "")[:_LONGEST].split()[:_WORDS]
    if not wanted:
        return ()
    places = (col(CustomerRow.name), col(CustomerRow.number))
    every = [sa.or_(*(place.icontains(word, autoescape=True) for place in places)) for word in wanted]
    return tuple(one for _, one in _customers(session, sa.and_(served(row.mailbox_id), *every)))


def choosable(session: Session, row: StoredMail, customer_id: int) -> CustomerRow:
    """The customer, if the mail's mailbox serves its company. Raises `NotFound`."""
    found = session.exec(select(CustomerRow).where(CustomerRow.id == customer_id, served(row.mailbox_id))).first()
    if found is None:
        raise NotFound("This customer does not exist, or is of a company that this mailbox does not serve.")
    return found


def served(mailbox_id: int) -> sa.ColumnElement[bool]:
    """For a query over `CustomerRow`: whether the mailbox serves the customer's company (a mailbox that names none: all)."""
    named = sa.select(col(MailboxCompany.company_id)).where(col(MailboxCompany.mailbox_id) == mailbox_id)
    return sa.or_(~named.exists(), col(CustomerRow.company_id).in_(named))


def _is_one_of(keys: dict[tuple[str, str], tuple[Clue, ...]]) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(CompanyRow.code).in_({code for code, _ in keys}),
        col(CustomerRow.number).in_({number for _, number in keys}),
    )


def _customers(session: Session, where: sa.ColumnElement[bool]) -> list[tuple[str, Possible]]:
    wanted = (
        select(CustomerRow, CompanyRow)
        .join(CompanyRow, col(CompanyRow.id) == CustomerRow.company_id)
        .where(where)
        .order_by(CustomerRow.name, CustomerRow.number)
        .limit(_MOST_FOUND)
    )
    return [(company.code, Possible(row.id or 0, row.read(), company.name)) for row, company in session.exec(wanted)]


def _remembered(session: Session, mailbox_id: int, senders: tuple[str, ...]) -> tuple[Remembered, ...]:
    wanted = (
        select(RememberedSenderRow, CustomerRow, Controller.name)
        .join(CustomerRow, col(CustomerRow.id) == RememberedSenderRow.customer_id)
        .join(Controller, col(Controller.id) == RememberedSenderRow.remembered_by)
        .where(
            RememberedSenderRow.mailbox_id == mailbox_id,
            col(RememberedSenderRow.sender).in_(senders),
            col(RememberedSenderRow.ended_at).is_(None),
        )
        .order_by(col(RememberedSenderRow.id))
    )
    return tuple(
        Remembered(row.id or 0, row.sender, customer.read(), name, row.remembered_at)
        for row, customer, name in session.exec(wanted)
    )
