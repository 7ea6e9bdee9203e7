"""`inbox-agent evaluate`: how well the chain reads labelled mail, beside baselines on the same mails."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classifiers import corpus, sample
from classifiers.corpus import Record, Split
from inbox_agent.domain.errors import CorpusError, InboxAgentError
from inbox_agent.domain.text import MailText
from inbox_agent.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.table import Table

    from classifiers.evaluation.run import Reader, Run

BASELINE = "phrases"
"""The classifier that is always read beside the others."""

SHOWN = 90
"""Characters of a mail's text in the terminal's list of the worst."""


def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Labelled mails: guide records (.jsonl).")],
    classifier: Annotated[
        list[str] | None, typer.Option(help="Name or model file; may be repeated. Default: the one of the settings.")
    ] = None,
    split: Annotated[Split | None, typer.Option(help="Only the mails of this split of the corpus.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures and the worst mails as JSON.")] = False,
    report: Annotated[Path | None, typer.Option(help="Folder for index.html, with plots, and metrics.json.")] = None,
    corpus_folder: Annotated[
        Path, typer.Option("--corpus", help="Corpus whose train split the baselines learn from.", show_default=False)
    ] = corpus.FOLDER,
) -> None:
    """Measure how well labelled mail is read: per intent and language, reasons, tone, calibration, coverage; and the facts.

    Facts (numbers, new text, acts) are read with the classifier's own intents, and again with the labelled ones told.

    The chain never sees the labels. Baselines are read on the same mails: the most frequent answer, the phrases, and TF-IDF
    with logistic regression learned from the corpus' train split without the mails evaluated (some 30 s).
    """
    names = list(dict.fromkeys(classifier or [load().classifier]))
    records = [record for record in corpus.read(files) if split in (None, record.split)]
    if not records:
        raise CorpusError("There is no labelled mail to evaluate. Name other files or another split.")
    run = evaluated(records, [str(path) for path in files], names, corpus_folder, split)
    if report is not None:
        from classifiers.evaluation.report import write

        write(run, report)
        typer.echo(f"The report is in {report / 'index.html'}.", err=True)
    if as_json:
        from classifiers.evaluation.report import as_json as json_of

        typer.echo(json_of(run), nl=False)
    else:
        from rich.console import Console

        show(run, Console(highlight=False, markup=False, emoji=False))


def evaluated(
    records: Sequence[Record],
    files: Sequence[str],
    names: Sequence[str],
    corpus_folder: Path,
    split: Split | None = None,
) -> "Run":
    """The records read by the classifiers `names` and by the baselines. Raises `ModelError` for a name that cannot be loaded."""
    from classifiers import registry
    from classifiers.evaluation.run import Run, known_in, read_by_chain, scored, warnings_about
    from extractors import registry as extractors

    loaded = [(name, registry.load(name)) for name in dict.fromkeys([*names, BASELINE])]
    reader, extractor = extractors.load_reader(), extractors.load_extractor()
    texts = [reader.read(record.mail) for record in records]
    readers = []
    with _progress(len(records) * len(loaded)) as advance:
        for name, one in loaded:
            readings = read_by_chain(records, texts, one, extractor, advance)
            readers.append(scored(name, one.version, records, readings, baseline=name not in names))
    warnings: list[str] = []
    known: dict[Split, int] = {}
    try:
        labelled = corpus.shipped(corpus_folder)
    except CorpusError as error:
        warnings.append(f"Which of the mails a classifier may have learned from is not known. {error.sentence}")
    else:
        known = known_in(labelled, records)
        warnings += warnings_about(known, len(records))
        readers += _baselines(records, texts, labelled, warnings)
    return Run(tuple(files), datetime.now(UTC).date(), tuple(records), tuple(readers), known, tuple(warnings), split)


def _baselines(
    records: Sequence[Record], texts: Sequence[MailText], labelled: Sequence[Record], warnings: list[str]
) -> "Iterator[Reader]":
    """Those that learn in the run; one that cannot is named in `warnings`."""
    from classifiers.baselines import Majority, TfIdf
    from classifiers.evaluation.run import scored, training_records, unseen_samples

    training = [sample.of(record) for record in training_records(labelled, records)]
    unseen = unseen_samples(records, texts)
    for baseline in (TfIdf(), Majority()):
        try:
            readings = baseline.fit(training).read(unseen)
        except InboxAgentError as error:
            warnings.append(f"The baseline {baseline.version} was not measured. {error.sentence}")
        else:
            yield scored(baseline.version, f"{len(training)} mails", records, readings, baseline=True)


@contextmanager
def _progress(steps: int) -> "Iterator[Callable[[], None]]":
    """A bar on standard error while mail is read, where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(file=sys.stderr)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Reading mail", total=steps)
        yield lambda: progress.advance(bar)


def show(run: "Run", console: "Console") -> None:
    """Prints the figures as tables. Text from mail is printed without its control characters."""
    from classifiers.evaluation.shown import shown_line

    chosen = f" (split {run.split.value})" if run.split else ""
    console.print(f"{len(run.records)} mails{chosen} of {shown_line(', '.join(run.files), 300)}")
    for warning in run.warnings:
        console.print(f"Mind: {warning}", style="yellow")
    console.print(_comparison(run))
    for reader in run.readers:
        if reader.baseline:
            continue
        console.print(_facts(reader))
        console.print(_intents(reader))
        console.print(_languages(reader))
        console.print(_confusions(reader))
        for place, mishap in enumerate(run.worst(reader), 1):
            gold, read = sorted(mishap.record.gold.intents), sorted(mishap.reading.intents)
            console.print(
                f"{place:2}. {shown_line(mishap.record.id, 40)} said {', '.join(gold)}; read {', '.join(read)} "
                f"({mishap.reading.confidence:.2f} sure)",
                soft_wrap=True,
            )
            console.print(f"    {shown_line(mishap.record.mail.text, SHOWN)}", style="dim", soft_wrap=True)


def _comparison(run: "Run") -> "Table":
    from rich.table import Table

    from classifiers.evaluation.report import MEASURES, figure
    from classifiers.evaluation.shown import shown_line

    table = Table("figure [95 % interval]", title="All readers, same mails")
    for reader in run.readers:
        table.add_column(shown_line(reader.title, 40), justify="right")
    for name, title in MEASURES.items():
        places = 3 if name == "ece" else 2
        cells = []
        for reader in run.readers:
            one = getattr(reader.scores, name)
            spread = "" if one.low is None else f" [{figure(one.low, places)}–{figure(one.high, places)}]"
            cells.append(figure(one.value, places) + spread)
        table.add_row(title, *cells)
    return table


def _facts(reader: "Reader") -> "Table":
    from rich.table import Table

    from classifiers.evaluation.facts import FACTS
    from classifiers.evaluation.report import figure

    table = Table("fact", "its own intents", "intents told", "labelled", title=f"Facts, {reader.version}")
    for name, title in FACTS.items():
        cells = []
        for measures in (reader.facts, reader.facts_told):
            one = measures[name]
            spread = "" if one.low is None else f" [{figure(one.low)}–{figure(one.high)}]"
            cells.append(figure(one.value, 3) + spread)
        table.add_row(title, *cells, str(reader.facts[name].count))
    return table


def _intents(reader: "Reader") -> "Table":
    from rich.table import Table

    from classifiers.evaluation.report import figure

    table = Table("intent", "precision", "recall", "F1", "support", "read", title=f"Intents, {reader.version}")
    for intent, score in reader.scores.whole.intents.items():
        if score.support or score.read:
            table.add_row(
                intent.value,
                figure(score.precision),
                figure(score.recall),
                figure(score.f1),
                str(score.support),
                str(score.read),
            )
    return table


def _languages(reader: "Reader") -> "Table":
    from rich.table import Table

    from classifiers.evaluation.report import figure

    columns = ("language", "mails", "precision", "recall", "micro-F1", "macro-F1", "exact set", "support")
    table = Table(*columns, title=f"Languages, {reader.version}")
    for language, group in reader.scores.languages.items():
        micro = group.micro
        figures = (micro.precision, micro.recall, micro.f1, group.macro, group.exact)
        table.add_row(language.value, str(group.mails), *map(figure, figures), str(micro.support))
    return table


def _confusions(reader: "Reader", most: int = 15) -> "Table":
    from rich.table import Table

    table = Table("missed", "read instead", "mails", title=f"Confusions, {reader.version}")
    for row in reader.scores.confusions[:most]:
        table.add_row(row.missed or "– (read besides)", row.extra or "– (missed alone)", str(row.mails))
    return table
