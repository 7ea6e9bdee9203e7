"""Teams, controllers and viewers, without the cost of a password hash."""

from datetime import UTC, datetime

from sqlmodel import Session, select

from inbox_agent.records.people import Controller, MailboxTeam, Role, Team, TeamMember
from inbox_agent.review.views import Viewer

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def a_viewer(session: Session, name: str, team: str, *mailbox_ids: int, role: Role = Role.CONTROLLER) -> Viewer:
    """A person of a team that shares these mailboxes (beside those that it has)."""
    crew = session.exec(select(Team).where(Team.name == team)).first() or Team(name=team)
    email = f"{name.lower()}@halvermaan.example"
    person = Controller(email=email, name=name, role=role, password_hash="-", created_at=NOW)
    session.add_all([crew, person])
    session.flush()
    session.add(TeamMember(team_id=crew.id, controller_id=person.id))
    for mailbox_id in mailbox_ids:
        session.merge(MailboxTeam(mailbox_id=mailbox_id, team_id=crew.id))
    session.flush()
    shared = session.exec(select(MailboxTeam.mailbox_id).where(MailboxTeam.team_id == crew.id))
    return Viewer(person.id, name, email, role, "nl", tuple(sorted(shared)), "csrf")
