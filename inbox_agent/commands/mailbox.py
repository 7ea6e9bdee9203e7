"""`inbox-agent mailbox`: which mailboxes are worked, by whom, and how they fare."""

from typing import Annotated

import typer
from sqlmodel import col, select

from inbox_agent import bootstrap, db
from inbox_agent.commands import mailbox_add, mailbox_secret, mailbox_sign_in, mailbox_status
from inbox_agent.commands.mailbox_saving import named
from inbox_agent.mailbox import registry
from inbox_agent.pipeline.mailbox_memory import MailboxMemory
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.settings import load

app = typer.Typer(help="Shared mailboxes: add, check, compare, pause.", no_args_is_help=True)
app.command("add")(mailbox_add.add)
app.command("set")(mailbox_add.set_)
app.command("status")(mailbox_status.status)
app.command("audit")(mailbox_status.audit)
app.command("sign-in")(mailbox_sign_in.sign_in)
app.command("secret")(mailbox_secret.secret)


@app.command("list")
def list_() -> None:
    """List the mailboxes: how far they were read, and what is wrong with them."""
    with db.reading(bootstrap.open_database(load())) as session:
        for mailbox in session.exec(select(Mailbox).order_by(col(Mailbox.name))):
            polled = f"{mailbox.polled_at:%Y-%m-%d %H:%M} UTC" if mailbox.polled_at else "never"
            state = mailbox.problem or ("ready" if mailbox.active else "paused")
            typer.echo(
                f"{mailbox.name}  {mailbox.address}  {mailbox.kind}  fetched {mailbox.fetched_count}  last read {polled}  {state}"
            )


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="Name of the mailbox.")],
    dry_run_write: Annotated[
        bool, typer.Option("--dry-run-write", help="Microsoft 365: make a draft and take it away again.")
    ] = False,
) -> None:
    """Sign in, look at the folders, say what somebody has to do. Changes nothing; ends with 2 where somebody has to act."""
    settings = load()
    engine = bootstrap.open_database(settings)
    with db.reading(engine) as session:
        mailbox = named(session, name)
    memory = MailboxMemory(engine, mailbox.id or 0)
    refused = False
    for finding in registry.examine(mailbox.kind, mailbox.name, mailbox.options, settings, memory, write=dry_run_write):
        refused = refused or finding.fine is False
        typer.echo(f"{_MARKS[finding.fine]} {finding.sentence}")
    if refused:
        raise typer.Exit(2)


_MARKS = {True: "ok  ", False: "ACT ", None: "note"}


@app.command()
def pause(
    name: Annotated[str, typer.Argument(help="Name of the mailbox.")],
    resume: Annotated[bool, typer.Option(help="Work it again.")] = False,
) -> None:
    """Stop taking in mail of a mailbox; what is there stays. A running worker follows at its next look."""
    with db.writing(bootstrap.open_database(load())) as session:
        named(session, name).active = resume
    typer.echo(f"Mailbox {name} is {'worked again' if resume else 'paused'}.")
