"""`inbox-agent labels`: what controllers decided, as lines to train on."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from inbox_agent import bootstrap, db
from inbox_agent.review import labels
from inbox_agent.review.labels import LabelKind
from inbox_agent.settings import load
from inbox_agent.whole_file import write_whole

app = typer.Typer(help="Controllers' decisions as labelled mail.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Controllers' decisions as labelled mail."""


@app.command()
def export(
    out: Annotated[Path | None, typer.Option(help="File to write to instead of standard output.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was decided on this day (UTC) or later.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also mail that was approved as it was read.")] = False,
) -> None:
    """Write mail whose reading a controller changed, one guide record a line, with the decision that it comes from.

    The lines hold the customers' mail: keep them as you keep the database, and delete them when a customer is erased.
    """
    engine = bootstrap.open_database(load())
    lines, counts = collect(engine, since.replace(tzinfo=UTC) if since else None, every)
    if out is None:
        for line in lines:
            typer.echo(line)
    else:
        write_whole(out, (f"{line}\n".encode() for line in lines))
    typer.echo(summary(counts, len(lines)), err=True)


def collect(engine: sa.Engine, since: datetime | None, every: bool) -> tuple[list[str], Counter[LabelKind]]:
    """The lines, and how many decided mails there are of each kind. Raises `DatabaseError`."""
    counts: Counter[LabelKind] = Counter()
    lines = []
    with db.reading(engine) as session:
        for label in labels.decided(session, since):
            counts[label.kind] += 1
            if label.record is not None and (every or label.kind is LabelKind.CHANGED):
                lines.append(json.dumps(label.record, ensure_ascii=False))
    return lines, counts


def summary(counts: Counter[LabelKind], exported: int) -> str:
    """What was exported, and what was not, in a sentence."""
    left_out = [f"{count} {kind}" for kind, count in counts.items() if kind is not LabelKind.CHANGED and count]
    if exported > counts[LabelKind.CHANGED]:
        left_out = [part for part in left_out if not part.endswith(LabelKind.UNCHANGED)]
    rest = f" Left out: {', '.join(sorted(left_out))}." if left_out else ""
    return f"{exported} of {counts.total()} decided mails exported.{rest}"
