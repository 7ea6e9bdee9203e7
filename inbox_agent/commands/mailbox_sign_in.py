"""`inbox-agent mailbox sign-in`: a person opens the way into a mailbox once; what that gives is kept encrypted."""

from typing import Annotated

import typer

from inbox_agent import bootstrap, db
from inbox_agent.commands.mailbox_saving import named
from inbox_agent.mailbox import registry
from inbox_agent.settings import load


class _Terminal:
    """The person at this terminal."""

    def show(self, text: str) -> None:
        typer.echo(text)

    def ask(self, question: str) -> str:
        answer: str = typer.prompt(question)
        return answer


def sign_in(name: Annotated[str, typer.Argument(help="Name of the mailbox.")]) -> None:
    """Sign in for a mailbox of Microsoft or Google in a browser; needed once, and when its sign-in has ended."""
    settings = load()
    with db.reading(bootstrap.open_database(settings)) as session:
        mailbox = named(session, name)
    person = registry.open_sign_in(mailbox.kind, name, mailbox.options, settings).sign_in(_Terminal())
    typer.echo(
        f"Signed in{f' as {person}' if person else ''}. See whether the mailbox opens: inbox-agent mailbox check {name}"
    )
