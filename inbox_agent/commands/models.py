"""`inbox-agent models`: what the workers read with, and changing it while they run."""

import getpass
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
import typer
from sqlmodel import Session, col, select

from inbox_agent import bootstrap, db
from inbox_agent.commands.retrain import card_of, figure
from inbox_agent.records import model_version
from inbox_agent.records.model_version import ModelOrigin
from inbox_agent.records.worker import WorkerSlot
from inbox_agent.settings import Settings, load

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

app = typer.Typer(help="The models and pipelines that read mail.", no_args_is_help=True)

_LEARNT = {"corpus": "train", "edits_learnt": "extra"}
"""What of a model's evaluation stands under which name in its card's `data`."""

_SHOWN = 5
"""Promotions that `list` shows."""


@app.command()
def prepare() -> None:
    """Load every pipeline once and let each language read a known sentence, so that faults show now."""
    prepare_all()
    typer.echo("The models are ready.")


@app.command(name="list")
def list_() -> None:
    """Show the models that there are, which one is in force, and what each running worker reads with."""
    settings = load()
    engine = bootstrap.open_database(settings)
    with db.reading(engine) as session:
        _print_versions(session)
        _print_force(session, settings)
        _print_workers(session)


@app.command()
def promote(
    version: Annotated[str, typer.Argument(help="The version, as `models list` shows it.")],
) -> None:
    """Put a model in force: every running worker changes to it by itself, within seconds. It is loaded here first."""
    settings = load()
    engine = bootstrap.open_database(settings)
    keep_shipped(engine, version)
    bootstrap.model_shelf(settings, engine).open(version)
    with db.writing(engine) as session:
        model_version.promote(session, version, who(), db.now())
    typer.echo(f"{version} is in force. Running workers change to it within half a minute; `models list` shows it.")


@app.command()
def rollback() -> None:
    """Put in force again what was before the model that is in force now. Running workers change by themselves."""
    settings = load()
    engine = bootstrap.open_database(settings)
    with db.writing(engine) as session:
        row = model_version.rollback(session, who(), db.now())
    what = row.version if row else f"What the setting `classifier` names ({settings.classifier})"
    typer.echo(f"{what} is in force again. Running workers change to it within half a minute.")


def who() -> str:
    """The account on this machine that a promotion is written down to."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container whose user has no name
        return f"user {os.getuid()}"


def keep_shipped(engine: sa.Engine, version: str) -> None:
    """Registers the model that comes with the program when it is the one asked for. Raises `ModelError` when it is broken."""
    from classifiers import artifact

    if shipped_version() != version:
        return
    card = card_of(artifact.SHIPPED)
    with db.writing(engine) as session:
        origin = ModelOrigin.SHIPPED
        model_version.register(
            session, artifact.SHIPPED, version, origin, card, db.now(), evaluation=evaluation_of(card)
        )


def evaluation_of(card: dict[str, Any]) -> dict[str, Any]:
    """What `models list` shows of a model, out of its card: mails learnt from, and figures on the test split."""
    learnt = {name: card.get("data", {}).get(part, {}).get("mails") for name, part in _LEARNT.items()}
    return {name: mails for name, mails in learnt.items() if mails is not None} | {"test": card.get("test", {})}


def shipped_version() -> str:
    """What the model file that comes with the program is called; "" when there is none."""
    from classifiers import artifact

    return artifact.version(artifact.SHIPPED) if artifact.SHIPPED.is_file() else ""


def _print_versions(session: Session) -> None:
    from rich.console import Console
    from rich.table import Table

    from classifiers import artifact

    table = Table("", "version", "made on", box=None, pad_edge=False)
    for name in ("mails", "edits", "micro", "macro", "exact"):
        table.add_column(name, justify="right")
    table.add_column("note", overflow="fold")
    for column in table.columns[:-1]:
        column.no_wrap = True
    newest = model_version.newest_promotion(session)
    rows = model_version.versions(session)
    for row in rows:
        is_in_force = newest is not None and newest.model_id == row.id
        note = f"{row.origin}; {row.note}".removesuffix("; ")
        mark, day = "*" if is_in_force else "", f"{row.created_at:%Y-%m-%d}"
        table.add_row(mark, row.version, day, *_figures(row.evaluation), note)
    shipped = shipped_version()
    if shipped and shipped not in {row.version for row in rows}:
        card = card_of(artifact.SHIPPED)
        day = str(card.get("made_at", ""))[:10]
        table.add_row("", shipped, day, *_figures(evaluation_of(card)), "shipped; comes with the program")
    console = Console(highlight=False, markup=False)
    if table.row_count:
        console.print(table)
        console.print(
            "* in force; mails of the corpus and edits learnt from; figures on the frozen test split", style="dim"
        )
    else:
        console.print("There are no models yet. Make one with: inbox-agent retrain")


def _figures(evaluation: dict[str, Any]) -> list[str]:
    """The columns of one model: mails, edits, and its figures on the test split."""
    test = evaluation.get("test", {})
    counts = [str(evaluation.get(name, "–")) for name in ("corpus", "edits_learnt")]
    return counts + [figure(test.get(name)) for name in ("micro", "macro", "exact")]


def _print_force(session: Session, settings: Settings) -> None:
    history = model_version.promotions(session)
    in_force = history[0][1] if history else ""
    typer.echo(f"In force: {in_force or f'what the setting `classifier` names ({settings.classifier})'}")
    for promotion, version in history[:_SHOWN]:
        did = "rolled back to" if promotion.is_rollback else "promoted"
        what = version or "the setting `classifier`"
        typer.echo(f"  {promotion.promoted_at:%Y-%m-%d %H:%M} UTC  {promotion.promoted_by} {did} {what}")


def _print_workers(session: Session) -> None:
    for slot in session.exec(select(WorkerSlot).order_by(col(WorkerSlot.slot))):
        typer.echo(f"worker-{slot.slot} ({slot.process}) reads with {slot.model_version or 'an unknown model'}")
        if slot.model_problem:
            typer.echo(f"  {slot.model_problem}")


def prepare_all() -> None:
    """Prepares classifier and extractors with a progress bar. Raises `ModelError`."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from classifiers import registry as classifiers
    from extractors import registry as extractors

    load()
    with Progress(
        TextColumn("Preparing models"),
        BarColumn(30),
        TextColumn("{task.description}"),
        console=Console(file=sys.stderr),
    ) as progress:
        for label, step in (("classifier", classifiers.prepare), ("extractors", extractors.prepare)):
            step(partial(_show, progress, progress.add_task(label)))


def _show(progress: "Progress", bar: "TaskID", done: int, total: int, name: str) -> None:
    progress.update(bar, completed=done, total=total, description=name)
