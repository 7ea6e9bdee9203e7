"""`inbox-agent ledger`: the ERP's exports."""

from pathlib import Path
from typing import Annotated

import typer

from inbox_agent import bootstrap, db
from inbox_agent.ledger import importer
from inbox_agent.settings import load

app = typer.Typer(help="Customers, invoices and payments from the ERP.", no_args_is_help=True)


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(help="Folder with ledger.toml and the CSV files, or of such folders.")],
) -> None:
    """Import an export: all of it or, when a row is refused, nothing. Running it again changes nothing."""
    with db.writing(bootstrap.open_database(load())) as session:
        for report in importer.import_tree(session, folder, db.now()):
            typer.echo(str(report))
