"""`inbox-agent controller`: who may sign in."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from inbox_agent import bootstrap, db
from inbox_agent.records.people import Role
from inbox_agent.review import access
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
) -> None:
    """Add somebody, or change who they are. The password is asked for, or taken from INBOX_AGENT_NEW_PASSWORD."""
    settings = load()
    engine = bootstrap.open_database(settings)
    password = os.environ.get("INBOX_AGENT_NEW_PASSWORD") or typer.prompt(
        "Password (12 characters or more)", hide_input=True, confirmation_prompt=True
    )
    with db.writing(engine) as session:
        access.add_controller(session, email, name, password, role, language, tuple(team or ["Debiteuren"]), db.now())
    typer.echo(f"{name} may sign in as {email}.")
