"""`python -m classifiers check`: errors first, grouped by rule, then warnings in short, then the counts as a table."""

import argparse
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from classifiers import corpus
from classifiers.validation import balance
from classifiers.validation.finding import Finding, Severity
from classifiers.validation.validator import FROZEN, Report, freeze, validate
from inbox_agent.domain.errors import CorpusError
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Language

_SHOWN = 12
"""Findings of one rule that are shown without --verbose."""


def main(arguments: Sequence[str]) -> int:
    """Runs the command; 1 when there are errors. Raises `CorpusError` when a file cannot be read."""
    parser = argparse.ArgumentParser(
        "python -m classifiers check", description="Checks labelled mail against the guide."
    )
    parser.add_argument("files", nargs="*", type=Path, help="JSONL files; by default the shipped corpus")
    parser.add_argument("--verbose", action="store_true", help="list every warning")
    parser.add_argument(
        "--freeze", action="store_true", help="make the present test split the frozen one, if all is well"
    )
    options = parser.parse_args(arguments)
    paths = options.files or sorted(corpus.FOLDER.glob("*.jsonl"))
    if not paths:
        raise CorpusError(f"There are no corpus files in {corpus.FOLDER}. Name the files to check.")
    if options.freeze and options.files:
        raise CorpusError("Only the shipped corpus is frozen: give --freeze without files.")
    report = validate(paths, whole=not options.files)
    if options.freeze and all(one.rule == "frozen" for one in report.of(Severity.ERROR)):
        freeze(report.records, corpus.FOLDER / FROZEN)
        report = validate(paths, whole=True)
    print("\n".join(rendered(report, verbose=options.verbose)))
    return 1 if report.of(Severity.ERROR) else 0


def rendered(report: Report, *, verbose: bool) -> Iterator[str]:
    """The report as lines of text."""
    errors, warnings = report.of(Severity.ERROR), report.of(Severity.WARNING)
    if errors:
        yield f"{len(errors)} errors"
        yield from _grouped(errors, len(errors) if verbose else _SHOWN)
        yield ""
    if warnings and verbose:
        yield f"{len(warnings)} warnings"
        yield from _grouped(warnings, len(warnings))
        yield ""
    yield from table(report.records)
    yield ""
    if warnings and not verbose:
        short = ", ".join(f"{rule} {len(list(of))}" for rule, of in groupby(warnings, lambda one: one.rule))
        yield f"{len(warnings)} warnings ({short}); --verbose lists them."
    yield f"{len(report.records)} mails in {report.files} files: {len(errors) or 'no'} errors."


def _grouped(findings: Sequence[Finding], shown: int) -> Iterator[str]:
    for rule, group in groupby(findings, lambda one: one.rule):
        rows = list(group)
        yield f"  {rule}"
        for row in rows[:shown]:
            yield f"    {row.where}: {row.text}"
        if len(rows) > shown:
            yield f"    … and {len(rows) - shown} more; --verbose lists them"


def table(records: Sequence[corpus.Record]) -> Iterator[str]:
    """Counts of mails per language, as a Markdown table."""
    parts = [balance.count(record for record in records if record.gold.language is code) for code in Language]
    counts = [*parts, balance.count(records)]
    yield f"| mails | {' | '.join(code.value for code in Language)} | all |"
    yield "|---|" + "--:|" * len(counts)
    rows: list[tuple[str, list[int]]] = [("all", [one.mails for one in counts])]
    rows += [(split.value, [one.splits[split.value] for one in counts]) for split in corpus.Split]
    rows += [(intent.value, [one.intents[intent] for one in counts]) for intent in Intent]
    rows += [(f"dispute: {reason}", [one.reasons[reason] for one in counts]) for reason in DisputeReason]
    rows += [("two intents or more", [one.several for one in counts])]
    rows += [(f"marker: {marker}", [one.markers[marker] for one in counts]) for marker in balance.Marker]
    rows += [("hard by file", [one.hard_files for one in counts])]
    rows += [("hard by two markers", [one.marked for one in counts])]
    rows += [("hard", [one.hard for one in counts])]
    for name, row in rows:
        yield f"| {name} | {' | '.join(map(str, row))} |"
    if records:
        whole = counts[-1]
        yield ""
        yield f"Two intents or more: {whole.several / whole.mails:.0%}. Hard: {whole.hard / whole.mails:.0%}."
