"""`inbox-agent customer`: what must be done for one customer."""

from typing import Annotated

import typer

from inbox_agent import bootstrap, db
from inbox_agent.settings import load

app = typer.Typer(help="One customer's data.", no_args_is_help=True)


@app.command()
def erase(
    company: Annotated[str, typer.Argument(help="Code of the own company.")],
    number: Annotated[str, typer.Argument(help="The customer's number in its ledger.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase what a customer wrote: raw mail, texts, addresses. Rows, decisions and sums stay. Cannot be undone."""
    settings = load()
    from inbox_agent.records import erasure

    engine = bootstrap.open_database(settings)
    if not yes:
        typer.confirm(f"Erase all mail of customer {number} of {company}?", abort=True)
    with db.writing(engine) as session:
        erased = erasure.erase_customer(session, company, number, bootstrap.raw_store(settings), db.now())
    typer.echo(f"Erased: {erased.mails} mails, {erased.raws} originals, {erased.replies} replies.")
