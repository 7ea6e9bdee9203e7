"""`inbox-agent controller`: who may sign in."""

import os
from enum import StrEnum
from typing import Annotated

import typer
from sqlmodel import col, select

from inbox_agent import bootstrap, db
from inbox_agent.records.people import Controller, Role, Team, TeamMember
from inbox_agent.review import access, leaving
from inbox_agent.review.signature import clean_signature
from inbox_agent.settings import load

app = typer.Typer(help="Controllers and team leads who may sign in.", no_args_is_help=True)


class InterfaceLanguage(StrEnum):
    """In which languages the pages are."""

    NL = "nl"
    EN = "en"


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="E-mail address to sign in with.")],
    name: Annotated[str, typer.Option(help="Name as colleagues see it.")],
    role: Annotated[Role, typer.Option(help="A team lead may also re-assign and re-classify.")] = Role.CONTROLLER,
    team: Annotated[list[str] | None, typer.Option(help="Team; made when new; repeat for several.")] = None,
    language: Annotated[InterfaceLanguage, typer.Option(help="Interface language.")] = InterfaceLanguage.NL,
    signature: Annotated[
        str | None,
        typer.Option(help=r"Lines below their replies (\n begins a new one); they may change it on their page."),
    ] = None,
) -> None:
    """Add somebody, or change who they are. The password is asked for, or taken from INBOX_AGENT_NEW_PASSWORD."""
    settings = load()
    engine = bootstrap.open_database(settings)
    password = os.environ.get("INBOX_AGENT_NEW_PASSWORD") or typer.prompt(
        "Password (12 characters or more)", hide_input=True, confirmation_prompt=True
    )
    with db.writing(engine) as session:
        person = access.add_controller(
            session, email, name, password, role, language, tuple(team or ["Debiteuren"]), db.now()
        )
        if signature is not None:
            person.signature = clean_signature(signature.replace(r"\n", "\n"))
    typer.echo(f"{name} may sign in as {email}.")


@app.command()
def deactivate(email: Annotated[str, typer.Argument(help="E-mail address that they sign in with.")]) -> None:
    """Shut somebody out at once; their open threads wait for the team again. `controller add` lets them in again."""
    with db.writing(bootstrap.open_database(load())) as session:
        waiting = leaving.deactivate(session, email, db.now())
    typer.echo(f"{email} may no longer sign in, and every session has ended. Open mails that were theirs: {waiting}.")


@app.command("list")
def list_() -> None:
    """List who may sign in, and what they see."""
    with db.reading(bootstrap.open_database(load())) as session:
        members = select(TeamMember.controller_id, Team.name).join(Team, col(Team.id) == TeamMember.team_id)
        teams: dict[int, list[str]] = {}
        for controller_id, name in session.exec(members.order_by(col(Team.name))):
            teams.setdefault(controller_id, []).append(name)
        for person in session.exec(select(Controller).order_by(col(Controller.email))):
            state = "" if person.active else "  may not sign in"
            named = ", ".join(teams.get(person.id or 0, ())) or "no team"
            typer.echo(f"{person.email}  {person.name}  {person.role.label}  {named}{state}")
