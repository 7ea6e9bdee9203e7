"""`inbox-agent bench faults` and `bench arrival`: whether mail survives what goes wrong, and how soon it is there."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from inbox_agent.bench.faults import Outcome


def faults(
    mails: Annotated[int, typer.Option(min=10, help="Mails that arrive.")] = 10_000,
    kills: Annotated[int, typer.Option(min=1, help="Times that the worker is killed while mail comes in.")] = 100,
    replies: Annotated[int, typer.Option(min=0, help="Replies that are approved.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed does the same mischief in the same order.")] = 1,
    minutes: Annotated[float, typer.Option(min=0.1, help="After so long no more mail and mischief comes.")] = 120,
    database_url: Annotated[str, typer.Option(help="Empty PostgreSQL database to use instead of SQLite.")] = "",
    classifier: Annotated[str, typer.Option(help="Who reads; `phrases` leaves more time for mischief.")] = "phrases",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Mail arrives and replies leave while the worker is killed and servers, connections, disk and database fail.

    Starts a private Dovecot on loopback (Debian: apt install dovecot-imapd) and a worker, in a temporary folder. Exit code 1
    when a mail was lost, stored twice or never finished, or a reply left twice or was reported wrongly.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from inbox_agent.bench.faults import run
    from inbox_agent.bench.faults_plan import Plan

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("starting", total=mails)
        outcome = run(
            Plan(mails, kills, replies, seed, minutes, database_url, classifier),
            lambda what, done, of: progress.update(bar, description=what, completed=done, total=of),
        )
    if as_json:
        typer.echo(json.dumps(outcome.as_json(), indent=2))
    else:
        show(outcome, Console(highlight=False, markup=False, emoji=False))
    if outcome.broken:
        raise typer.Exit(1)


def arrival(
    mails: Annotated[int, typer.Option(min=20, help="Mails that arrive one by one.")] = 60,
    idle_seconds: Annotated[float, typer.Option(min=1, help="How long the idle worker is watched.")] = 60,
    database_url: Annotated[str, typer.Option(help="Empty PostgreSQL database to use instead of SQLite.")] = "",
    classifier: Annotated[str, typer.Option(help="Who reads, as in the settings.")] = "fine-tuned",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """How soon a mail is in the queue (IMAP IDLE, p95 at most 1 s), and the CPU of an idle worker (below 2 % of a core).

    Starts a private Dovecot on loopback and a worker, in a temporary folder. Exit code 1 when a limit is missed.
    """
    from inbox_agent.bench.arrival import ARRIVAL_LIMIT, IDLE_LIMIT, run

    found = run(mails, idle_seconds, classifier, database_url)
    if as_json:
        typer.echo(json.dumps({**asdict(found), "missed": found.missed}, indent=2))
    else:
        typer.echo(
            f"in the queue  p50 {found.queued_p50:.2f} s, p95 {found.queued_p95:.2f} s (limit {ARRIVAL_LIMIT:g} s), {found.mails} mails one by one"
        )
        typer.echo(f"and read      p50 {found.read_p50:.2f} s, p95 {found.read_p95:.2f} s")
        typer.echo(
            f"idle worker   {found.idle:.1f} % of one core over {found.idle_seconds:g} s (limit {IDLE_LIMIT:g} %)"
        )
    if found.missed:
        raise typer.Exit(1)


def show(outcome: "Outcome", console: "Console") -> None:
    """Prints the figures as a table, then what did not hold."""
    from rich.table import Table

    plan, mail, replies = outcome.plan, outcome.mail, outcome.replies
    table = Table("what", "times", title=f"Faults, seed {plan.seed}, {outcome.seconds / 60:.1f} minutes")
    for what, times in outcome.done.items():
        table.add_row(what, f"{times}")
    table.add_row("worker ended by itself and was started again", f"{outcome.ended_alone}")
    table.add_section()
    table.add_row(
        "mails on the server" + ("" if outcome.delivered == plan.mails else f" (of {plan.mails}: time was over)"),
        f"{mail.on_server}",
    )
    for name, count in (("lost", mail.lost), ("stored twice", mail.stored_twice), ("read twice", mail.read_twice),
                        ("never finished", mail.unfinished), ("counted wrongly", mail.miscounted)):  # fmt: skip
        table.add_row(f"  {name}", f"{count}")
    for state, count in sorted(mail.states.items()):
        table.add_row(f"  in the database {state}", f"{count}")
    for reason, count in sorted(mail.reasons.items()):
        table.add_row(f"    {reason}", f"{count}")
    table.add_section()
    table.add_row("replies approved", f"{replies.approved}")
    for name, count in (("sent twice", replies.sent_twice), ("said to be delivered, not arrived", replies.lost),
                        ("said not to have left, arrived", replies.denied), ("never finished", replies.unfinished),
                        ("twice in the sent folder", replies.in_sent_twice)):  # fmt: skip
        table.add_row(f"  {name}", f"{count}")
    for state, count in sorted(replies.states.items()):
        table.add_row(f"  {state}", f"{count}")
    table.add_row("    of the uncertain ones arrived", f"{replies.uncertain_arrived}")
    console.print(table)
    console.print(f"Read by the classifier {plan.classifier!r}.")
    console.print("Every promise held." if not outcome.broken else "BROKEN: " + "; ".join(outcome.broken))
