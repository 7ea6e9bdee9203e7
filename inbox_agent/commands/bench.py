"""`inbox-agent bench`: figures, measured on this machine, now."""

from typing import Annotated

import typer

app = typer.Typer(help="Measure this machine.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Measure this machine."""


@app.command()
def ingest(
    mails: Annotated[int, typer.Option(min=10, help="Mails that arrive at once.")] = 2000,
    paced: Annotated[int, typer.Option(min=10, help="Mails that arrive one by one, for the latency.")] = 200,
    database: Annotated[str, typer.Option(help="Empty PostgreSQL database to use instead of SQLite.")] = "",
) -> None:
    """From IMAP APPEND to triaged row: mails/s, latency p50/p95 until visible in the queue, peak memory.

    Starts a private Dovecot on loopback (Debian: apt install dovecot-imapd) and a worker, in a temporary folder.
    """
    from inbox_agent.bench.ingest import run

    for line in run(mails, paced, database):
        typer.echo(line)
