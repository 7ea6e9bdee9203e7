"""The look-ups behind a recognition: a mail's own addresses, numbers and names against the ledger's indexes. Four queries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TypeAlias

import sqlalchemy as sa
from sqlmodel import Session, col

from inbox_agent.domain.lookalike import imitated_keys, imitates, registered
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.recognition import Acquaintance, Alike, Clue, ClueKind
from inbox_agent.domain.text import MailText
from inbox_agent.ledger.keys import name_key, word_list
from inbox_agent.ledger.mentions import mentions
from inbox_agent.ledger.recognition import Lead
from inbox_agent.ledger.tables import (
    ContactRow,
    CustomerContactRow,
    CustomerIbanRow,
    CustomerRow,
    InvoiceRow,
    RememberedSenderRow,
)

_MOST_ADDRESSES, _MOST_ROWS = 20, 2000
_SHORTEST_SIMILAR, _SIMILAR = 6, 0.85


@dataclass(frozen=True, slots=True)
class House:
    """The own side: the companies that a mailbox serves, the mailbox (None: none in particular), own people's addresses."""

    company_ids: tuple[int, ...]
    mailbox_id: int | None = None
    own_addresses: frozenset[str] = frozenset()

    @property
    def own_domains(self) -> frozenset[str]:
        """The domains of own people's addresses, where nobody else gets one."""
        return frozenset(one.rpartition("@")[2] for one in self.own_addresses) - word_list("freemail") - {""}


@dataclass
class Found:
    """What the look-ups gave. `owners` are invoice numbers in the mail -> the customers that own such an invoice; `names`
    keys of the lines that may name who writes -> the line."""

    leads: list[Lead] = field(default_factory=list)
    owners: dict[str, frozenset[int]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    acquaintance: Acquaintance = field(default_factory=Acquaintance)


def look_up(session: Session, house: House, mail: Mail, text: MailText, named: tuple[str, ...]) -> Found:
    """Everything that speaks for a customer, and what is known of the sender. `named`: the mail's tokens."""
    writer = Writer(house, mail, text)
    rows = session.execute(_contacts(house, writer)).all()
    found = Found(acquaintance=_acquaintance(house, writer, rows))
    found.leads += _by_contact(writer, rows)
    said = mentions(mail, text, writer.passed_on is not None)
    found.names = said.names
    found.owners = _grouped(session.execute(_owners(house, named)).all())
    found.leads += [Lead(Clue(ClueKind.INVOICE_NUMBER, number), owners) for number, owners in found.owners.items()]
    announced = set(said.customer_numbers)
    for row in session.execute(_customers(house, {*named, *announced}, said.vat_numbers, said.names)):
        its = frozenset({row.id})
        if row.number in announced:
            found.leads.append(Lead(Clue(ClueKind.CUSTOMER_NUMBER, row.number), its))
        elif row.number in named:
            found.leads.append(Lead(Clue(ClueKind.BARE_NUMBER, row.number), its))
        if row.vat_number and row.vat_number in said.vat_numbers:
            found.leads.append(Lead(Clue(ClueKind.VAT_NUMBER, row.vat_number), its))
        if row.name_key in said.names:
            found.leads.append(Lead(Clue(ClueKind.NAME, said.names[row.name_key]), its))
    for kind, value, customer_id in session.execute(_accounts_and_remembered(house, writer, said.ibans)):
        found.leads.append(Lead(Clue(ClueKind(kind), value), frozenset({customer_id})))
    return found


class Writer:
    """Who wrote a mail, by its addresses alone: the sender, or who stands behind a mail that comes from our own people.

    That is the first sender of a mail that a colleague passed on, or the Reply-To of a web form that writes in our name.
    `address` is empty when a colleague wrote it and nobody stands behind; `is_ours`: it came from our own people.
    """

    def __init__(self, house: House, mail: Mail, text: MailText) -> None:
        sender, origin = mail.sender, text.forwarded_from
        self.is_ours = sender.key in house.own_addresses or sender.domain in house.own_domains
        self.passed_on = origin if self.is_ours else None
        behind = (one for one in mail.reply_to if one.key not in house.own_addresses)
        self.address = (origin or next(behind, Address(""))) if self.is_ours else sender
        self.roles: dict[ClueKind, tuple[str, ...]] = {
            ClueKind.CONTACT: () if self.is_ours else (sender.key,),
            ClueKind.REPLY_TO: tuple(one.key for one in mail.reply_to if one.key != sender.key),
            ClueKind.BOUNCED: tuple(one.lower() for one in mail.failed_recipients),
            (ClueKind.FORWARDED if self.is_ours else ClueKind.PASSED_ON): (origin.key,) if origin else (),
        }
        self.suspects = tuple(
            dict.fromkeys(
                one.domain
                for one in (self.address, *mail.reply_to)
                if one.domain and one.domain not in house.own_domains | word_list("freemail")
            )
        )
        """Domains that could be made to look like another one."""
        self.every_domain = frozenset(one.domain for one in (sender, self.address, *mail.reply_to))

    @property
    def domains(self) -> frozenset[str]:
        """The writer's domain and what it is a subdomain of; empty for freemail, which tells nothing."""
        domain = self.address.domain
        return frozenset({domain, registered(domain)} - {""}) if domain not in word_list("freemail") else frozenset()

    @property
    def name(self) -> str:
        """Key of the writer's full name, "" for a single word."""
        return name_key(self.address.name) if " " in self.address.name.strip() else ""


def similar_names(names: Mapping[str, str], customers: Mapping[int, str]) -> Iterator[Lead]:
    """Leads from names that are nearly a customer's: `names` as in `Found`, `customers` id -> name key.

    One holds the other, or at most about one letter in six differs. Equal ones have their lead already.
    """
    for customer_id, key in customers.items():
        for name, line in names.items():
            shorter, longer = sorted((name, key), key=len)
            if name != key and len(shorter) >= _SHORTEST_SIMILAR:
                alike = shorter in longer and 2 * len(shorter) >= len(longer)
                if alike or SequenceMatcher(None, name, key, autojunk=False).ratio() >= _SIMILAR:
                    yield Lead(Clue(ClueKind.SIMILAR_NAME, line), frozenset({customer_id}))
                    break


_Contact: TypeAlias = sa.Row[str, str, str, str, int]


def _contacts(house: House, writer: Writer) -> sa.Select[str, str, str, str, int]:
    """Contacts with one of the addresses, the domain, a domain that looks like it, or exactly the writer's name."""
    asked = [one for one in dict.fromkeys(key for keys in writer.roles.values() for key in keys) if one]
    alike = {key for domain in writer.suspects for key in imitated_keys(domain, word_list("domain_words"))}
    return (
        sa.select(
            col(ContactRow.email), col(ContactRow.domain), col(ContactRow.name_key), col(ContactRow.domain_key),
            col(CustomerContactRow.customer_id),
        )
        .join(CustomerContactRow, col(CustomerContactRow.contact_id) == col(ContactRow.id))
        .join(CustomerRow, col(CustomerRow.id) == col(CustomerContactRow.customer_id))
        .where(
            _is_ours(house),
            _any_of(
                (ContactRow.email, asked[:_MOST_ADDRESSES]),
                (ContactRow.domain, writer.domains),
                (ContactRow.domain_key, alike),
                (ContactRow.name_key, [writer.name] if writer.name else []),
            ),
        )
        .limit(_MOST_ROWS)
    )  # fmt: skip


def _by_contact(writer: Writer, rows: Sequence[_Contact]) -> Iterator[Lead]:
    """Leads from the addresses in their roles, and from the writer's domain."""
    by_email: dict[str, set[int]] = {}
    for row in rows:
        by_email.setdefault(row.email, set()).add(row.customer_id)
    for kind, keys in writer.roles.items():
        yield from (Lead(Clue(kind, key), frozenset(by_email[key])) for key in keys if key in by_email)
    of_domain = frozenset(row.customer_id for row in rows if row.domain in writer.domains)
    if of_domain:
        kind = ClueKind.FORWARDED_DOMAIN if writer.passed_on else ClueKind.DOMAIN
        yield Lead(Clue(kind, writer.address.domain), of_domain)


def _acquaintance(house: House, writer: Writer, rows: Sequence[_Contact]) -> Acquaintance:
    """What the contacts tell of the sender; the customers' own domains and accounts are added once it is clear who they are."""
    domains = {row.domain for row in rows}
    namesakes = (row.email for row in rows if writer.name and row.name_key == writer.name)
    return Acquaintance(
        is_known=writer.address.key in {row.email for row in rows} or bool(writer.domains & domains),
        is_ours=writer.is_ours,
        alike=tuple(_alike(house, writer, domains)),
        namesakes=tuple(dict.fromkeys(one for one in namesakes if one.rpartition("@")[2] not in writer.domains)),
        own_domains=tuple(sorted(house.own_domains)),
        freemail=tuple(sorted(writer.every_domain & word_list("freemail"))),
        writer=writer.address.key,
    )


def _alike(house: House, writer: Writer, known: set[str]) -> Iterator[Alike]:
    """Own domains count first. A domain that a customer is known by imitates nobody."""
    words = word_list("domain_words")
    theirs = known - word_list("freemail")
    for domain in writer.suspects:
        if domain in known or registered(domain) in known:
            continue
        pairs = [(one, True) for one in sorted(house.own_domains)] + [(one, False) for one in sorted(theirs)]
        found = next(((one, is_ours) for one, is_ours in pairs if imitates(domain, one, words)), None)
        if found:
            yield Alike(domain, *found)


def _is_ours(house: House) -> sa.ColumnElement[bool]:
    """Whether a customer is one of the house's. As a sum, so that no database starts from all customers of a company: what
    the mail has narrows far more."""
    return (col(CustomerRow.company_id) + 0).in_(house.company_ids)


def _any_of(*ways: tuple[str, Iterable[str]]) -> sa.ColumnElement[bool]:
    """Whether one of the columns has one of its values; columns without values stay out, as SQLite scans for an empty list."""
    told = [(column, list(values)) for column, values in ways]
    return sa.or_(sa.false(), *(col(column).in_(values) for column, values in told if values))


def _owners(house: House, named: tuple[str, ...]) -> sa.Select[str, int]:
    return sa.select(col(InvoiceRow.number), col(InvoiceRow.customer_id)).where(
        col(InvoiceRow.company_id).in_(house.company_ids), col(InvoiceRow.number).in_(named)
    )


def _customers(
    house: House, numbers: Iterable[str], vat_numbers: Iterable[str], names: Iterable[str]
) -> sa.Select[int | None, str, str, str]:
    return (
        sa.select(col(CustomerRow.id), col(CustomerRow.number), col(CustomerRow.vat_number), col(CustomerRow.name_key))
        .where(
            _is_ours(house),
            sa.or_(
                # by the index of both together
                sa.and_(col(CustomerRow.company_id).in_(house.company_ids), _any_of((CustomerRow.number, numbers))),
                _any_of((CustomerRow.vat_number, vat_numbers), (CustomerRow.name_key, names)),
            ),
        )
        .limit(_MOST_ROWS)
    )


def _accounts_and_remembered(house: House, writer: Writer, ibans: tuple[str, ...]) -> sa.CompoundSelect[str, str, int]:
    """(kind of clue, value, customer): customers' accounts in the mail, and what a person said of the sender."""
    accounts = (
        sa.select(sa.literal(ClueKind.IBAN.value), col(CustomerIbanRow.iban), col(CustomerIbanRow.customer_id))
        .join(CustomerRow, col(CustomerRow.id) == col(CustomerIbanRow.customer_id))
        .where(_is_ours(house), col(CustomerIbanRow.iban).in_(ibans))
    )
    senders = [one for one in (writer.address.key, writer.address.domain) if one]
    remembered = (
        sa.select(
            sa.literal(ClueKind.REMEMBERED.value), col(RememberedSenderRow.sender), col(RememberedSenderRow.customer_id)
        )
        .join(CustomerRow, col(CustomerRow.id) == col(RememberedSenderRow.customer_id))
        .where(
            col(RememberedSenderRow.mailbox_id) == house.mailbox_id,
            col(RememberedSenderRow.sender).in_(senders),
            col(RememberedSenderRow.ended_at).is_(None),
            _is_ours(house),
        )
    )
    return sa.union_all(accounts, remembered)


def _grouped(pairs: Iterable[sa.Row[str, int]]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, customer_id in pairs:
        found.setdefault(number, set()).add(customer_id)
    return {number: frozenset(customers) for number, customers in found.items()}
