"""A mailbox's row as a command adds or changes it, with the teams that work it and the companies that it serves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, delete, select

from inbox_agent import db
from inbox_agent.domain.errors import NotFound, SettingsError
from inbox_agent.domain.taxonomy import Language
from inbox_agent.ledger.tables import CompanyRow
from inbox_agent.records.mailbox import Mailbox, MailboxCompany, MailboxKind
from inbox_agent.records.people import MailboxTeam, Team

_FIRST_TEAM = "Debiteuren"
_LONGEST_SIGNATURE = 2_000


@dataclass(frozen=True, slots=True)
class Given:
    """What was said of a mailbox beside its address and options; None leaves what it had.

    `teams` and `companies` (codes) take the place of those that it had. A mailbox that names no company serves all of them,
    those that are imported later as well. `language` "" is the mail's own.
    """

    display_name: str | None = None
    teams: Sequence[str] | None = None
    companies: Sequence[str] | None = None
    language: str | None = None
    signature: str | None = None


def save(
    session: Session, name: str, address: str, kind: MailboxKind, options: dict[str, Any], given: Given | None = None
) -> Mailbox:
    """Adds or changes the mailbox of this name; where it was read to is kept. A new one that names no team gets the first.

    Raises `NotFound` for an unknown company, `SettingsError` for a name or address that would fail only at the first reply.
    """
    check_names(name, address)
    given = given or Given()
    mailbox = session.exec(select(Mailbox).where(Mailbox.name == name)).first()
    teams = given.teams
    if mailbox is None:
        mailbox = Mailbox(name=name, address=address, kind=kind, options=options, created_at=db.now())
        teams = teams or (_FIRST_TEAM,)
    mailbox.address, mailbox.kind, mailbox.options = address, kind, options
    session.add(mailbox)
    session.flush()
    assert mailbox.id is not None
    if teams:
        _give_to(session, mailbox.id, teams)
    if given.companies is not None:
        _serve(session, mailbox.id, given.companies)
    if given.display_name is not None:
        mailbox.display_name = given.display_name
    if given.language is not None:
        mailbox.language = _language(given.language)
    if given.signature is not None:
        mailbox.signature = _signature(given.signature)
    session.add(mailbox)
    return mailbox


def named(session: Session, name: str) -> Mailbox:
    """The mailbox of this name. Raises `NotFound`."""
    mailbox = session.exec(select(Mailbox).where(Mailbox.name == name)).first()
    if mailbox is None:
        raise NotFound(f"There is no mailbox {name}. `inbox-agent mailbox list` names them.")
    return mailbox


def check_names(name: str, address: str) -> None:
    """Raises `SettingsError` for a name or address that would fail only later, at the first reply."""
    if not re.fullmatch(r"[\w.-]{1,64}", name):
        raise SettingsError(
            "A mailbox's name has at most 64 letters, digits, dots and hyphens, for instance `debiteuren`."
        )
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^\s@<>]{1,255}", address):
        raise SettingsError(f"{address!r} is no mail address. Write it as in `debiteuren@firma.example`.")


def _language(code: str) -> str:
    if code and code not in set(Language):
        raise SettingsError(
            f'There is no language {code!r}. There are: {", ".join(Language)}; or "" for the mail\'s own.'
        )
    return code


def _signature(text: str) -> str:
    if len(text) > _LONGEST_SIGNATURE or "\x00" in text:
        raise SettingsError(f"A signature has at most {_LONGEST_SIGNATURE} characters of plain text. Shorten it.")
    return text.strip("\r\n")


def _give_to(session: Session, mailbox_id: int, names: Sequence[str]) -> None:
    known = {team.name: team for team in session.exec(select(Team).where(col(Team.name).in_(names)))}
    teams = [known.get(name) or Team(name=name) for name in dict.fromkeys(names)]
    session.add_all(teams)
    session.flush()
    session.exec(delete(MailboxTeam).where(col(MailboxTeam.mailbox_id) == mailbox_id))
    session.add_all(MailboxTeam(mailbox_id=mailbox_id, team_id=team.id or 0) for team in teams)


def _serve(session: Session, mailbox_id: int, codes: Sequence[str]) -> None:
    known = {row.code: row.id for row in session.exec(select(CompanyRow))}
    session.exec(delete(MailboxCompany).where(col(MailboxCompany.mailbox_id) == mailbox_id))
    for position, code in enumerate(dict.fromkeys(codes)):
        company_id = known.get(code)
        if company_id is None:
            raise NotFound(f"There is no own company {code}. Import its ledger first: inbox-agent ledger import DIR.")
        session.add(MailboxCompany(mailbox_id=mailbox_id, company_id=company_id, position=position))
