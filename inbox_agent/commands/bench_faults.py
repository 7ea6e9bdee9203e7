"""`inbox-agent bench faults` and `bench arrival`: whether mail survives what goes wrong, and how soon it is there."""

import json
import signal
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from inbox_agent.bench.faults import Outcome
    from inbox_agent.bench.faults_tally import MailTally, ReplyTally


def faults(
    mails: Annotated[int, typer.Option(min=10, help="Mails that arrive.")] = 10_000,
    kills: Annotated[int, typer.Option(min=1, help="Times that the worker is killed while mail comes in.")] = 100,
    replies: Annotated[int, typer.Option(min=0, help="Replies that are approved.")] = 1000,
    graph_replies: Annotated[
        int, typer.Option(min=0, help="Replies that leave through Microsoft Graph's double.")
    ] = 200,
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

    # Ended by a service manager or `kill`, it still takes its servers and its folder with it.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("starting", total=mails)
        outcome = run(
            Plan(mails, kills, replies, graph_replies, seed, minutes, database_url, classifier),
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

    plan = outcome.plan
    table = Table("what", "times", title=f"Faults, seed {plan.seed}, {outcome.seconds / 60:.1f} minutes")
    for what, times in outcome.done.items():
        table.add_row(what, f"{times}")
    table.add_row("worker ended by itself and was started again", f"{outcome.ended_alone}")
    part = "" if outcome.delivered == plan.mails else f" (of {plan.mails}: time was over)"
    _add_mail(table, f"mails on Dovecot{part}", outcome.mail)
    _add_replies(table, "replies by SMTP", outcome.replies)
    if outcome.graph_mail is not None and outcome.graph_replies is not None:
        _add_mail(table, "mails at Graph's double", outcome.graph_mail)
        _add_replies(table, "replies by Graph", outcome.graph_replies)
    console.print(table)
    console.print(f"Read by the classifier {plan.classifier!r}.")
    console.print("Every promise held." if not outcome.broken else "BROKEN: " + "; ".join(outcome.broken))


def _add_mail(table: "Table", title: str, mail: "MailTally") -> None:
    counts = {
        "lost": mail.lost,
        "stored twice": mail.stored_twice,
        "read twice": mail.read_twice,
        "never finished": mail.unfinished,
        "counted wrongly": mail.miscounted,
    }
    _add(table, title, mail.on_server, counts | {f"in the database {key}": n for key, n in sorted(mail.states.items())})
    for reason, count in sorted(mail.reasons.items()):
        table.add_row(f"    {reason}", f"{count}")


def _add_replies(table: "Table", title: str, replies: "ReplyTally") -> None:
    counts = {
        "sent twice": replies.sent_twice,
        "said to be delivered, not arrived": replies.lost,
        "said not to have left, arrived": replies.denied,
        "never finished": replies.unfinished,
        "twice in the sent folder": replies.in_sent_twice,
    }
    _add(table, title, replies.approved, counts | dict(sorted(replies.states.items())))
    if "uncertain" in replies.states:
        table.add_row("    of these had arrived", f"{replies.uncertain_arrived}")


def _add(table: "Table", title: str, total: int, counts: dict[str, int]) -> None:
    table.add_section()
    table.add_row(title, f"{total}")
    for name, count in counts.items():
        table.add_row(f"  {name}", f"{count}")
