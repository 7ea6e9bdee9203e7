"""`inbox-agent bench`: figures, measured on this machine, now."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classifiers import corpus
from inbox_agent.bench.fresh import Contestant
from inbox_agent.commands import bench_faults
from inbox_agent.settings import load

if TYPE_CHECKING:
    from rich.console import Console

    from inbox_agent.bench.classify import Bench, Measure, Result
    from inbox_agent.bench.extract import Speed

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


@app.command()
def idle(
    seconds: Annotated[float, typer.Option(min=5, help="How long it is watched.")] = 60,
    poll: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks at the mailbox.")] = 15,
) -> None:
    """How much of a core a worker takes that has nothing to do. Linux; a temporary folder, a minute or two."""
    from inbox_agent.bench.idle import run

    for line in run(seconds, poll):
        typer.echo(line)


@app.command()
def classify(
    model: Annotated[
        Path | None, typer.Option(help="Model file. Default: the one of the settings, else the shipped one.")
    ] = None,
    only: Annotated[list[Contestant] | None, typer.Option(help="Measure this one only; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    repeats: Annotated[int, typer.Option(min=50, help="Mails that are read one by one.")] = 60,
    passes: Annotated[int, typer.Option(min=1, help="Readings of each batch of 64.")] = 5,
    mails: Annotated[int, typer.Option(min=1, help="Mails that a worker triages, for its peak memory.")] = 200,
    starts: Annotated[int, typer.Option(min=1, help="Processes that are started, for the time until ready.")] = 3,
    corpus_folder: Annotated[
        Path, typer.Option("--corpus", help="Corpus that TF-IDF learns from.", show_default=False)
    ] = corpus.FOLDER,
) -> None:
    """The classifier's speed, memory and start, beside phrases, TF-IDF and a plain `transformers` pipeline.

    All read the same sample mails, each in fresh processes, one after the other, on two cores. A few minutes.
    """
    from classifiers import artifact
    from inbox_agent.bench.classify import run

    named = load().classifier
    if model is not None:
        artifact.read_card(model)
        named = str(model)
    elif not named.endswith(".safetensors"):
        named = Contestant.FINE_TUNED.value
    done = run(
        only or list(Contestant),
        named,
        corpus_folder,
        repeats=repeats,
        passes=passes,
        triaged=mails,
        starts=starts,
        progress=lambda line: typer.echo(line, err=True),
    )
    if as_json:
        typer.echo(json.dumps(done.as_json(), ensure_ascii=False, indent=2))
    else:
        from rich.console import Console

        show(done, Console(highlight=False, markup=False, emoji=False))


@app.command()
def extract(
    passes: Annotated[int, typer.Option(min=1, help="Readings of each sample mail per size of ledger.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Milliseconds to find the facts of a mail of 300 words, with ledgers of 5 to 5,000 open invoices. Half a minute."""
    from inbox_agent.bench.extract import run

    speeds = run(passes, lambda line: typer.echo(line, err=True))
    if as_json:
        typer.echo(json.dumps([asdict(speed) for speed in speeds], indent=2))
    else:
        from rich.console import Console

        show_speeds(speeds, Console(highlight=False, markup=False, emoji=False))


app.command()(bench_faults.faults)
app.command()(bench_faults.arrival)


def show_speeds(speeds: "Sequence[Speed]", console: "Console") -> None:
    """Prints what `bench extract` found, as a table."""
    from rich.table import Table

    from inbox_agent.bench.extract import LIMITS

    table = Table(
        "open invoices", "p50, ms", "p95, ms", "of it reading", "limit (aim) of p50", title="Facts of one mail"
    )
    for speed in speeds:
        limit, aim = LIMITS.get(speed.rows, (None, None))
        wanted = "–" if limit is None else f"{limit:g} ({aim:g})"
        table.add_row(f"{speed.rows:,}", f"{speed.p50:.1f}", f"{speed.p95:.1f}", f"{speed.reading_p50:.1f}", wanted)
    console.print(table)


def show(bench: "Bench", console: "Console") -> None:
    """Prints the figures as a table."""
    from rich.table import Table

    from inbox_agent.bench.classify import MEASURES, YARDSTICK

    console.print(bench.machine)
    for note in bench.notes:
        console.print(f"Mind: {note}", style="yellow")
    measured = [result for result in bench.results if result.figures]
    table = Table("measure", title="Same sample mails for all")
    for result in measured:
        table.add_column(f"{result.contestant.value}\n{result.version}", justify="right")
    table.add_column("limit (aim)\nof fine-tuned", justify="right")
    for measure in MEASURES:
        cells = [_cell(bench, result, measure) for result in measured]
        table.add_row(f"{measure.title}, {measure.unit}", *cells, _wanted(bench, measure))
    console.print(table)
    console.print(
        f"Medians: of {bench.repeats} mails one by one, {bench.passes} passes over a batch, {bench.starts} starts of a worker; peak memory "
        f"of one that triaged {bench.triaged} mails. × is a multiple of {YARDSTICK.value}, an encoder alone: it reads no "
        "intents. The first reading is a worker's whole triage."
    )
    for result in bench.results:
        if not result.figures:
            console.print(f"{result.contestant.value} was not measured. {result.problem}", soft_wrap=True)


def _cell(bench: "Bench", result: "Result", measure: "Measure") -> str:
    value, ratio = (result.figures or {}).get(measure.name), bench.ratio(result, measure)
    if value is None:
        return "–"
    figure = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return figure if ratio is None else f"{figure}\n×{ratio:.2g}"


def _wanted(bench: "Bench", measure: "Measure") -> str:
    if measure.limit is None:
        return "–"
    words = {"aim": "aim met", "limit": "limit met", "missed": "missed"}
    figures = next((one.figures for one in bench.results if one.contestant is Contestant.FINE_TUNED), None) or {}
    said = words[measure.verdict(figures[measure.name])] if measure.name in figures else ""
    return f"{measure.limit:g} ({measure.aim:g})\n{said}"
