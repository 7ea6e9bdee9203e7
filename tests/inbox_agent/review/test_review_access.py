"""Signing in and out, on both databases, with real argon2 hashes."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from factories.mails import NOW, a_mailbox
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.errors import NotAllowed
from inbox_agent.records.people import Controller, MailboxTeam, Role, SignIn, SignInAttempt, Team
from inbox_agent.review import access
from inbox_agent.review.access import SignInResult
from inbox_agent.review.views import Viewer

EMAIL, PASSWORD = "sanne@halvermaan.example", "een-lang-wachtwoord"


@pytest.fixture
def mailbox_id(engine: sa.Engine) -> int:
    """A mailbox of the team that Sanne is in; another one belongs to another team."""
    with db.writing(engine) as session:
        mine, other = a_mailbox(session), a_mailbox(session, "export")
        access.add_controller(
            session, " Sanne@Halvermaan.example ", "Sanne", PASSWORD, Role.TEAM_LEAD, "en", ("A",), NOW
        )
        team = session.exec(select(Team).where(Team.name == "A")).one()
        stranger = Team(name="B")
        session.add(stranger)
        session.flush()
        session.add(MailboxTeam(mailbox_id=mine.id, team_id=team.id))
        session.add(MailboxTeam(mailbox_id=other.id, team_id=stranger.id))
        assert mine.id is not None
        return mine.id


def sign_in(engine: sa.Engine, password: str = PASSWORD, email: str = EMAIL, minutes: int = 0) -> SignInResult:
    with db.writing(engine) as session:
        return access.sign_in(session, email, password, NOW + timedelta(minutes=minutes), 12)


def viewer(engine: sa.Engine, token: str | None, hours: float = 1) -> Viewer | None:
    with db.reading(engine) as session:
        return access.viewer(session, token or "", NOW + timedelta(hours=hours))


def test_a_session_shows_the_teams_mailboxes_until_it_ends(engine: sa.Engine, mailbox_id: int) -> None:
    token = sign_in(engine, email="SANNE@halvermaan.example").token
    seen = viewer(engine, token)
    assert seen is not None
    assert (seen.name, seen.email, seen.is_lead, seen.interface_language) == ("Sanne", EMAIL, True, "en")
    assert seen.mailbox_ids == (mailbox_id,)
    assert len(seen.csrf_token) > 30
    assert viewer(engine, token, hours=12) is None
    assert viewer(engine, "something else") is None


def test_the_database_does_not_hold_the_token(engine: sa.Engine, mailbox_id: int) -> None:
    token = sign_in(engine).token
    with db.reading(engine) as session:
        assert [row.token_hash == token for row in session.exec(select(SignIn))] == [False]


def test_signing_out_ends_the_session(engine: sa.Engine, mailbox_id: int) -> None:
    token = sign_in(engine).token
    assert token is not None
    with db.writing(engine) as session:
        access.sign_out(session, token)
        access.sign_out(session, "never existed")
    assert viewer(engine, token) is None


def test_wrong_password_and_unknown_address_are_one_sentence(engine: sa.Engine, mailbox_id: int) -> None:
    assert sign_in(engine, "wrong") == SignInResult(refusal=access.WRONG)
    assert sign_in(engine, email="nobody@halvermaan.example") == SignInResult(refusal=access.WRONG)
    assert sign_in(engine, "x" * 5000).refusal == access.WRONG
    assert sign_in(engine, "\x00\ud800", "\x00\ud800"[:1]).refusal == access.WRONG


def test_five_refusals_close_the_address_for_a_quarter_of_an_hour(engine: sa.Engine, mailbox_id: int) -> None:
    for _ in range(5):
        assert sign_in(engine, "wrong").refusal == access.WRONG
    assert sign_in(engine) == SignInResult(refusal=access.TOO_MANY)
    assert sign_in(engine, minutes=14).refusal == access.TOO_MANY
    assert sign_in(engine, minutes=15).token
    with db.reading(engine) as session:
        assert session.exec(select(SignInAttempt)).all() == []


def test_an_unknown_address_is_closed_as_well(engine: sa.Engine, mailbox_id: int) -> None:
    answers = [sign_in(engine, email="nobody@x.example").refusal for _ in range(6)]
    assert answers == [access.WRONG] * 5 + [access.TOO_MANY]


def test_a_deactivated_person_stays_outside(engine: sa.Engine, mailbox_id: int) -> None:
    token = sign_in(engine).token
    with db.writing(engine) as session:
        session.exec(select(Controller)).one().active = False
    assert viewer(engine, token) is None
    assert sign_in(engine).refusal == access.WRONG


def test_an_older_hash_is_renewed(engine: sa.Engine, mailbox_id: int) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with db.writing(engine) as session:
        session.exec(select(Controller)).one().password_hash = weak
    assert sign_in(engine).token
    with db.reading(engine) as session:
        renewed = session.exec(select(Controller)).one().password_hash
    assert renewed != weak
    assert renewed.startswith("$argon2id$")
    assert sign_in(engine).token


def test_adding_somebody_again_changes_them_and_ends_their_sessions(engine: sa.Engine, mailbox_id: int) -> None:
    token = sign_in(engine).token
    with db.writing(engine) as session:
        access.add_controller(session, EMAIL, "Sanne B.", "een-ander-wachtwoord", Role.CONTROLLER, "nl", ("C",), NOW)
    assert viewer(engine, token) is None
    seen = viewer(engine, sign_in(engine, "een-ander-wachtwoord").token)
    assert seen is not None
    assert (seen.name, seen.role, seen.mailbox_ids) == ("Sanne B.", Role.CONTROLLER, ())


@pytest.mark.parametrize("password", ["short", "x" * 1025])
def test_passwords_that_are_refused(engine: sa.Engine, password: str) -> None:
    with pytest.raises(NotAllowed), db.writing(engine) as session:
        access.add_controller(session, EMAIL, "Sanne", password, Role.CONTROLLER, "nl", (), NOW)
