"""Every rule over files of labelled mail: record by record, then over all of them, then the frozen test split."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers.corpus import Record, Split, fingerprint
from classifiers.validation import balance, dates, fields, labels, near_duplicates, texts
from classifiers.validation.finding import Finding, Severity, error, warning
from inbox_agent.domain.errors import CorpusError
from inbox_agent.domain.guide import read_gold, read_record

FROZEN = "test.sha256"
"""Beside the corpus files: the fingerprint of the test split, so that it cannot change unnoticed."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was read and what was found; `records` are those that could be read."""

    files: int
    records: tuple[Record, ...]
    findings: tuple[Finding, ...]

    def of(self, severity: Severity) -> list[Finding]:
        """The findings of one severity, in the order of their rules."""
        return sorted((one for one in self.findings if one.severity is severity), key=lambda one: one.rule)


def validate(paths: Sequence[Path], *, whole: bool) -> Report:
    """Checks files. `whole`: they are the whole corpus, so counts and the frozen split count too. Raises `CorpusError`."""
    records: list[Record] = []
    findings: list[Finding] = []
    for path in paths:
        for source, where in _lines(path, findings):
            found = list(fields.check(source, where))
            record = _record(source, path, where, findings)
            findings += found
            if record:
                records.append(record)
                findings += [*labels.check(record), *texts.check(record), *dates.check(record)]
    for id, times in Counter(record.id for record in records).items():
        if times > 1:
            findings.append(error("id", id, f"The id stands {times} times."))
    findings += near_duplicates.check(records)
    if whole:
        findings += balance.check(balance.count(records))
        findings += frozen(records, paths[0].parent / FROZEN)
    return Report(len(paths), tuple(records), tuple(findings))


def frozen(records: Sequence[Record], path: Path) -> Iterator[Finding]:
    """Whether the test split is the one that was frozen in `path`."""
    if not path.exists():
        yield warning("frozen", "corpus", "The test split is not frozen yet; `check --freeze` does that.")
    elif path.read_text(encoding="ascii").split()[:1] != [_test_fingerprint(records)]:
        yield error(
            "frozen", "corpus", f"The test split is not the one frozen in {path.name}; figures are not comparable."
        )


def freeze(records: Sequence[Record], path: Path) -> None:
    """Writes the fingerprint of the test split, with the number of its mails for the reader."""
    mails = sum(record.split is Split.TEST for record in records)
    path.write_text(f"{_test_fingerprint(records)}  {mails} mails\n", encoding="ascii")


def _test_fingerprint(records: Sequence[Record]) -> str:
    return fingerprint(record for record in records if record.split is Split.TEST)


def _lines(path: Path, findings: list[Finding]) -> Iterator[tuple[object, str]]:
    """The JSON values of a file with what to call them: the record's id where there is one, else file and line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as fault:
        raise CorpusError(f"The corpus file {path} cannot be read ({fault}).") from fault
    for number, line in enumerate(lines, 1):
        place = f"{path.name}:{number}"
        if line.strip():
            try:
                source = json.loads(line)
            except ValueError as fault:
                findings.append(error("json", place, f"The line is no JSON: {fault}."))
                continue
            named = isinstance(source, dict) and isinstance(source.get("id"), str)
            yield source, source["id"] if named else place


def _record(source: object, path: Path, where: str, findings: list[Finding]) -> Record | None:
    try:
        id, mail, ledger = read_record(source)
        return Record(id, mail, ledger, read_gold(source), path.stem, source if isinstance(source, dict) else {})
    except ValueError as fault:
        findings.append(error("taxonomy", where, str(fault)))
        return None
