"""`inbox-agent models`: what the worker reads with."""

import sys
from functools import partial
from typing import TYPE_CHECKING

import typer

from inbox_agent.settings import load

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

app = typer.Typer(help="The models and pipelines that read mail.", no_args_is_help=True)


@app.command()
def prepare() -> None:
    """Load every pipeline once and let each language read a known sentence, so that faults show now."""
    prepare_all()
    typer.echo("The models are ready.")


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
