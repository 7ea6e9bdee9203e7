"""`inbox-agent triage`: the reading of files, in the guide's `gold` format, one JSON line a mail."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from inbox_agent import bootstrap
from inbox_agent.domain import guide
from inbox_agent.domain.errors import InboxAgentError
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.steps import TextReader
from inbox_agent.domain.text import MailText
from inbox_agent.domain.verdict import Policy
from inbox_agent.domain.verdict_rules import judge
from inbox_agent.ledger.database import DatabaseLedger
from inbox_agent.ledger.source import LedgerSource
from inbox_agent.mailbox.mime import parse
from inbox_agent.pipeline.triager import Triager
from inbox_agent.settings import Settings, load
from inbox_agent.whole_file import write_whole


def triage(
    files: Annotated[
        list[Path], typer.Argument(help="Raw mails (.eml) or guide records (.jsonl), or folders of them.")
    ],
    out: Annotated[Path | None, typer.Option(help="File to write to instead of standard output.")] = None,
) -> None:
    """Print what the machine reads in mails: intents, acts with the ledger's verdicts, entities, new text, tone, language.

    One JSON line a mail. Exit code 1 when a mail could not be decoded; the others are printed all the same.
    """
    settings = load()
    reader = bootstrap.triager(settings)
    unreadable: list[str] = []
    lines = (
        json.dumps(_reading(reader, settings.policy, name, mail, ledger), ensure_ascii=False)
        for name, mail, ledger in _mails(files, settings, reader.reader, unreadable)
    )
    if out is None:
        for line in lines:
            typer.echo(line)
    else:
        write_whole(out, [(line + "\n").encode() for line in lines])
    for problem in unreadable:
        typer.echo(problem, err=True)
    if unreadable:
        raise typer.Exit(1)


def _reading(reader: Triager, policy: Policy, name: str, mail: Mail, ledger: Ledger) -> dict[str, Any]:
    found = reader.triage(mail, ledger)
    read = guide.reading(name, found, judge(found.extraction, ledger, mail.received_on, policy))
    return read | {"customer": _customer(ledger), "dangers": [asdict(sign) for sign in found.dangers]}


def _customer(ledger: Ledger) -> dict[str, Any]:
    """Who writes, how surely, and what speaks for each customer that it may be."""
    considered = [
        {"number": one.customer.number, "name": one.customer.name, "points": one.points}
        | {"clues": [asdict(clue) for clue in one.clues]}
        for one in ledger.considered
    ]
    return {
        "certainty": ledger.certainty.value,
        "number": ledger.customer.number if ledger.customer else None,
        "considered": considered,
    }


def _mails(
    files: list[Path], settings: Settings, reader: TextReader, unreadable: list[str]
) -> Iterator[tuple[str, Mail, Ledger]]:
    """Every mail of the files with its ledger; what cannot be decoded is noted in `unreadable` and left out."""
    ledger_source: LedgerSource | None = None
    for path in _expanded(files):
        if path.suffix == ".jsonl":
            yield from _records(path)
            continue
        ledger_source = ledger_source or _ledger(settings)
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        try:
            mail = parse(path.read_bytes(), received_at=changed)
        except InboxAgentError as error:
            unreadable.append(f"{path}: {error.sentence}")
            continue
        yield path.name, mail, ledger_source.for_mail(mail, reader.read(mail))


def _expanded(files: list[Path]) -> Iterator[Path]:
    for path in files:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.suffix in (".eml", ".jsonl"))
        elif path.is_file():
            yield path
        else:
            raise InboxAgentError(f"There is no file {path}.")


def _records(path: Path) -> Iterator[tuple[str, Mail, Ledger]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record: Any = json.loads(line)
                yield guide.read_record(record)
            except ValueError as error:  # also what is no UTF-8
                raise InboxAgentError(f"{path}, line {number}, is no guide record: {error}.") from error


class _NoLedger:
    """For raw mail where there is no database: nobody is known."""

    def for_mail(self, mail: Mail, text: MailText, chosen: int | None = None) -> Ledger:
        return Ledger()


def _ledger(settings: Settings) -> LedgerSource:
    """The ledger of every own company in the database; none when there is no database yet."""
    if not settings.database_url and not (settings.data_dir / "inbox-agent.db").exists():
        return _NoLedger()
    engine = bootstrap.open_database(settings)
    return DatabaseLedger(engine, bootstrap.house_of(engine))
