"""`inbox-agent retrain`: a new model out of the shipped corpus and what controllers changed, measured beside the present one."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from classifiers import corpus
from classifiers.configuration import RETRAIN
from classifiers.corpus import Record, Split
from inbox_agent import bootstrap, db
from inbox_agent.commands.labels import collect, summary
from inbox_agent.domain.errors import CorpusError, ModelError
from inbox_agent.domain.steps import IntentClassifier
from inbox_agent.pipeline.model_shelf import LoadClassifier, ModelShelf
from inbox_agent.records import model_version
from inbox_agent.records.model_version import ModelOrigin
from inbox_agent.settings import load

Figures = dict[str, float | None]
"""`count` mails with their `micro`, `macro` and `exact`; None: nothing to measure."""

FIGURES = {"micro": "intent micro-F1", "macro": "intent macro-F1", "exact": "exact set of intents"}


@dataclass(frozen=True, slots=True)
class Workshop:
    """What makes and opens models. `train(settings, edits, out)` leaves a model file at `out` or raises `ModelError`."""

    train: Callable[[Path, Path, Path], None]
    load: LoadClassifier
    read_card: Callable[[Path], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Side:
    """One model's figures on the test split and on the held-back edits (None: there are none)."""

    version: str
    test: Figures
    edits: Figures | None


@dataclass(frozen=True, slots=True)
class Retrained:
    """The present model and the new one, which is registered and not in force."""

    before: Side
    after: Side


def retrain(
    config: Annotated[
        Path | None,
        typer.Option(help="Training settings (TOML). Default: those that the program trains with by itself."),
    ] = None,
    edits: Annotated[
        Path | None, typer.Option(help="Edits to learn from (guide records, .jsonl) instead of this database's.")
    ] = None,
) -> None:
    """Train on the shipped corpus and controllers' edits, compare with the present model, register the result.

    A fifth of the edits is held back to measure on. Nothing is put in force: `models promote` does that. Under an hour on
    two cores.
    """
    settings = load()
    engine = bootstrap.open_database(settings)
    shelf = bootstrap.model_shelf(settings, engine)
    with tempfile.TemporaryDirectory(prefix="inbox-agent-retrain-") as name:
        folder = Path(name)
        if edits is None:
            edits = folder / "edits.jsonl"
            lines, counts = collect(engine, None, every=False)
            edits.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            _say(summary(counts, len(lines)))
        result = run(engine, shelf, list(corpus.read([edits])), corpus.shipped(), config or RETRAIN, folder, workshop())
    show(result)


def workshop() -> Workshop:
    """The real one."""
    from classifiers import registry

    return Workshop(train_apart, registry.load, card_of)


def card_of(path: Path) -> dict[str, Any]:
    """The facts of a model's card; the mails that it shows as neighbours stay in its file. Raises `ModelError`."""
    from classifiers import artifact

    return {name: fact for name, fact in artifact.read_card(path).items() if name != "neighbours"}


def train_apart(config: Path, edits: Path, out: Path) -> None:
    """Trains in a process of its own, which gives its memory back. Raises `ModelError`."""
    command = [sys.executable, "-m", "classifiers", "train", str(config), "--extra", str(edits), "--out", str(out)]
    code = subprocess.run(command, stdout=sys.stderr).returncode
    if code or not out.is_file():
        raise ModelError(f"The training failed (exit code {code}); the reason is printed above. Nothing was changed.")


def run(
    engine: sa.Engine,
    shelf: ModelShelf,
    edits: Sequence[Record],
    shipped: Sequence[Record],
    config: Path,
    folder: Path,
    workshop: Workshop,
) -> Retrained:
    """Measures the present model, trains in `folder`, measures the new model on the same mails, and registers it.

    Raises `CorpusError` when there is nothing to learn, `ModelError` when the training fails or its model is refused.
    """
    learnt, held_back = parted(edits)
    if not learnt:
        raise CorpusError(
            "There are no edits to learn from. Correct readings in the review page, or name a file with --edits."
        )
    test = [record for record in shipped if record.split is Split.TEST]
    _say(
        f"{len(edits)} edits: {len(learnt)} to learn from, {len(held_back)} held back. {len(test)} mails in the test split."
    )
    before = measured(shelf.first().classifier, test, held_back)
    extra, out = folder / "learnt.jsonl", folder / "model.safetensors"
    extra.write_text("".join(json.dumps(one.source, ensure_ascii=False) + "\n" for one in learnt), encoding="utf-8")
    workshop.train(config, extra, out)
    after = measured(workshop.load(str(out)), test, held_back)
    evaluation = {
        "corpus": sum(record.split is Split.TRAIN for record in shipped),
        "edits_learnt": len(learnt),
        "test": after.test,
        "edits": after.edits,
        "before": {"version": before.version, "test": before.test, "edits": before.edits},
    }
    note = f"compared with {before.version}; {len(held_back)} edits held back"
    card = workshop.read_card(out)
    with db.writing(engine) as session:
        model_version.register(
            session, out, after.version, ModelOrigin.RETRAINED, card, db.now(), evaluation=evaluation, note=note
        )
    return Retrained(before, after)


def parted(edits: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """Those to learn from, and those held back: about a fifth, for good, by the conversation's hash.

    It is the rule by which the corpus keeps its test split apart, so that no mail of that split is ever learnt from.
    """
    of_edits = [replace(record, file="edits") for record in edits]
    learnt = [record for record in of_edits if record.split is not Split.TEST]
    return learnt, [record for record in of_edits if record.split is Split.TEST]


def measured(classifier: IntentClassifier, test: Sequence[Record], held_back: Sequence[Record]) -> Side:
    """The figures of the whole chain with this classifier. Raises `CorpusError` without test mail."""
    if not test:
        raise CorpusError("The corpus has no test split, so models cannot be compared. Use a whole checkout.")
    _say(f"Reading {len(test) + len(held_back)} mails with {classifier.version}")
    return Side(classifier.version, _figures(classifier, test), _figures(classifier, held_back) if held_back else None)


def _figures(classifier: IntentClassifier, records: Sequence[Record]) -> Figures:
    from classifiers.evaluation.run import read_by_chain, scored
    from extractors import registry as extractors

    reader = extractors.load_reader()
    texts = [reader.read(record.mail) for record in records]
    readings = read_by_chain(records, texts, classifier, extractors.load_extractor())
    scores = scored(classifier.version, classifier.version, records, readings, resamples=0).scores
    return {"count": len(records)} | {name: getattr(scores, name).value for name in FIGURES}


def show(result: Retrained) -> None:
    """Prints the comparison, and how to put the new model in force."""
    from rich.console import Console
    from rich.table import Table

    before, after = result.before, result.after
    table = Table("mails", "figure", before.version, after.version, title="The present model and the new one")
    for title, old, new in (("test split", before.test, after.test), ("held-back edits", before.edits, after.edits)):
        for name, label in FIGURES.items() if old and new else ():
            assert old is not None
            assert new is not None
            table.add_row(f"{title} ({old['count']})", label, figure(old[name]), figure(new[name]))
    Console(highlight=False, markup=False).print(table)
    if after.edits is None:
        typer.echo("None of the edits was held back, so only the test split compares them: there are too few yet.")
    typer.echo(f"{after.version} is registered and not in force. Put it in force with:")
    typer.echo(f"  inbox-agent models promote {after.version}")


def figure(value: float | None) -> str:
    """As figures are printed everywhere: two places, a dash where there was nothing to measure."""
    return "–" if value is None else f"{value:.2f}"


def _say(words: str) -> None:
    typer.echo(words, err=True)
