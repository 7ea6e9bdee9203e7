"""Who is at the door: signing in and out, and what a signed-in person may see."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.records.people import Controller, MailboxTeam, Role, SignIn, SignInAttempt, Team, TeamMember
from inbox_agent.review.views import Viewer

_HASHER = PasswordHasher()
"""argon2id with the library's present defaults (RFC 9106, low-memory profile); older hashes are renewed at sign-in."""

_ATTEMPTS, _WINDOW = 5, timedelta(minutes=15)
_LONGEST_PASSWORD = 1024
_SHORTEST_PASSWORD = 12

WRONG = "E-mail address or password is not right."
TOO_MANY = "Too many refused attempts for this e-mail address. Wait 15 minutes, then try again."


@dataclass(frozen=True, slots=True)
class SignInResult:
    """Exactly one of both is set: the session `token` for the cookie, or the `refusal`, a sentence for the person.

    A value and not an exception, because a refused attempt is a row that has to be committed.
    """

    token: str | None = None
    refusal: str | None = None


def viewer(session: Session, token: str, now: datetime) -> Viewer | None:
    """Who holds this session token; None when it is unknown or expired, or the person was deactivated."""
    wanted = (
        select(SignIn.csrf_token, Controller)
        .join(Controller, col(Controller.id) == SignIn.controller_id)
        .where(SignIn.token_hash == _digest(token), SignIn.expires_at > now, col(Controller.active))
    )
    found = session.exec(wanted).first()
    if found is None:
        return None
    csrf_token, person = found
    shared = (
        select(MailboxTeam.mailbox_id)
        .join(TeamMember, col(TeamMember.team_id) == MailboxTeam.team_id)
        .where(TeamMember.controller_id == person.id)
        .distinct()
    )
    assert person.id is not None
    return Viewer(
        controller_id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        interface_language=person.interface_language,
        mailbox_ids=tuple(sorted(session.exec(shared))),
        csrf_token=csrf_token,
    )


def sign_in(session: Session, email: str, password: str, now: datetime, hours: int) -> SignInResult:
    """Checks the password and opens a session that ends after `hours`. The caller commits in either case.

    Takes as long for an unknown address as for a wrong password. Five refusals for one address within 15 minutes close
    it for the rest of them, whether it exists or not. The person's row is locked meanwhile, so that guesses made at the
    same time count one after the other.
    """
    address = _address(email)
    person = session.exec(select(Controller).where(Controller.email == address).with_for_update()).first()
    refused = select(func.count()).where(SignInAttempt.email == address, SignInAttempt.attempted_at > now - _WINDOW)
    if session.exec(refused).one() >= _ATTEMPTS:
        return SignInResult(refusal=TOO_MANY)
    right = _matches(person.password_hash if person else _nobody(), password)
    session.exec(delete(SignInAttempt).where(col(SignInAttempt.attempted_at) <= now - _WINDOW))
    if person is None or not right or not person.active:
        session.add(SignInAttempt(email=address, attempted_at=now))
        return SignInResult(refusal=WRONG)
    if _HASHER.check_needs_rehash(person.password_hash):
        person.password_hash = hash_password(password)
        session.add(person)
    session.exec(delete(SignInAttempt).where(col(SignInAttempt.email) == address))
    session.exec(delete(SignIn).where(col(SignIn.expires_at) <= now))
    token = secrets.token_urlsafe(32)
    assert person.id is not None
    session.add(
        SignIn(
            token_hash=_digest(token),
            controller_id=person.id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    return SignInResult(token=token)


def sign_out(session: Session, token: str) -> None:
    """Ends the session; an unknown token is no error."""
    session.exec(delete(SignIn).where(col(SignIn.token_hash) == _digest(token)))


def add_controller(
    session: Session,
    email: str,
    name: str,
    password: str,
    role: Role,
    language: str,
    team_names: Sequence[str],
    now: datetime,
) -> Controller:
    """Adds a person who may sign in, or changes who has this e-mail address: name, role, teams, and a new password.

    Teams that do not exist yet are made; a changed person's sessions end. Raises `NotAllowed` for a password under 12 or
    over 1024 characters (as bytes).
    """
    address = _address(email)
    if not _SHORTEST_PASSWORD <= len(_bytes(password)) <= _LONGEST_PASSWORD:
        raise NotAllowed(f"A password has {_SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} characters. Choose another one.")
    person = session.exec(select(Controller).where(Controller.email == address)).first()
    if person is None:
        person = Controller(email=address, name=name, role=role, password_hash="", created_at=now)
    person.name, person.role, person.interface_language, person.active = name, role, language, True
    person.password_hash = hash_password(password)
    known = {team.name: team for team in session.exec(select(Team).where(col(Team.name).in_(team_names)))}
    teams = [known.get(team_name) or Team(name=team_name) for team_name in dict.fromkeys(team_names)]
    session.add_all([person, *teams])
    session.flush()
    session.exec(delete(SignIn).where(col(SignIn.controller_id) == person.id))
    session.exec(delete(TeamMember).where(col(TeamMember.controller_id) == person.id))
    session.add_all(TeamMember(team_id=team.id or 0, controller_id=person.id or 0) for team in teams)
    session.flush()
    return person


def hash_password(password: str) -> str:
    """The argon2id hash to keep, with its salt and parameters."""
    return _HASHER.hash(_bytes(password))


def _matches(password_hash: str, password: str) -> bool:
    given = _bytes(password)
    try:
        return _HASHER.verify(password_hash, given[:_LONGEST_PASSWORD]) and len(given) <= _LONGEST_PASSWORD
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash that no password matches, so that an unknown address costs the same work."""
    return hash_password(secrets.token_urlsafe(32))


def _digest(token: str) -> str:
    return hashlib.sha256(_bytes(token)).hexdigest()


def _address(email: str) -> str:
    return email.replace("\x00", "").strip().lower()[:320]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
