"""`inbox-agent mailbox add` adds a mailbox or changes it: who works it and what it serves is as asked, or as it was."""

import pytest
import sqlalchemy as sa
from factories.pipeline import NOW, raw_mail
from sqlmodel import select

from inbox_agent import bootstrap, db
from inbox_agent.commands import mailbox_saving as command
from inbox_agent.commands.mailbox_saving import Given
from inbox_agent.domain.errors import NotFound, SettingsError
from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.ledger.tables import CompanyRow, ContactRow, CustomerContactRow, CustomerRow
from inbox_agent.mailbox.mime import parse
from inbox_agent.records.mailbox import MailboxCompany, MailboxKind
from inbox_agent.records.people import MailboxTeam, Team


def save(engine: sa.Engine, *teams: str, companies: list[str] | None = None) -> int:
    with db.writing(engine) as session:
        given = Given(teams=teams or None, companies=companies)
        kept = command.save(session, "box", "box@h.example", MailboxKind.FOLDER, {"path": "/x"}, given)
        return kept.id


def teams(engine: sa.Engine) -> list[str]:
    with db.reading(engine) as session:
        return list(session.exec(select(Team.name).join(MailboxTeam, MailboxTeam.team_id == Team.id)))


def a_company(code: str) -> CompanyRow:
    return CompanyRow(code=code, name=code, language=Language.NL, imported_at=NOW)


def test_another_team_takes_the_place_of_the_first(engine: sa.Engine) -> None:
    """Whoever is not named any more sees its mail no longer."""
    save(engine)
    assert teams(engine) == ["Debiteuren"]
    save(engine, "Juridisch")
    assert teams(engine) == ["Juridisch"]


def test_a_change_of_something_else_leaves_team_and_companies(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        session.add_all([a_company("A"), a_company("B")])
    save(engine, "Juridisch", companies=["B"])
    save(engine)
    assert teams(engine) == ["Juridisch"]
    with db.reading(engine) as session:
        assert len(session.exec(select(MailboxCompany)).all()) == 1
    with pytest.raises(NotFound, match="no own company C"):
        save(engine, companies=["C"])


@pytest.mark.parametrize("address", ["geen adres", "debiteuren", "a@b\r\nBcc: x@y.example", "jörg@h.example"])
def test_an_address_that_could_not_send_is_refused_at_once(address: str) -> None:
    with pytest.raises(SettingsError, match="no mail address"):
        command.check_names("box", address)


def test_a_mailbox_that_names_no_company_serves_those_that_are_imported_later(engine: sa.Engine) -> None:
    """Mailbox first, ledger afterwards: the order must not leave every customer unknown."""
    mailbox_id = save(engine)
    with db.writing(engine) as session:
        company, contact = a_company("A"), ContactRow(email="jan@boer.example", domain="boer.example")
        session.add_all([company, contact])
        session.flush()
        customer = CustomerRow(company_id=company.id, number="1001", name="Boer BV", imported_at=NOW)
        session.add(customer)
        session.flush()
        session.add(CustomerContactRow(customer_id=customer.id, contact_id=contact.id))
    mail = parse(raw_mail(), received_at=NOW)
    text = MailText(mail.text, (TextPart(PartKind.NEW, 0, len(mail.text)),), Language.NL)
    ledger = bootstrap.ledger_of(engine, mailbox_id).for_mail(mail, text)
    assert ledger.customer is not None
    assert ledger.customer.number == "1001"
