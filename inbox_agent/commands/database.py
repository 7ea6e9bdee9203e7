"""`inbox-agent database`: the schema."""

import typer

from inbox_agent import db, schema
from inbox_agent.settings import load

app = typer.Typer(help="The database and its schema.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Create the tables, or bring them to the present schema. Safe to run at every start."""
    settings = load()
    schema.upgrade(db.create_engine(settings.database))
    typer.echo("The database is at the present schema.")


@app.command()
def check() -> None:
    """Say whether the database can be reached and is at the present schema."""
    schema.require_current(db.create_engine(load().database))
    typer.echo("The database can be reached and is at the present schema.")
