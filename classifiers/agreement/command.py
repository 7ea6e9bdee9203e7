"""`python -m classifiers agreement FILE`: mail labelled again against the corpus, as tables in Markdown."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from classifiers.agreement.blind import blind_id
from classifiers.agreement.measures import Agreement, Share, compare
from classifiers.corpus import Record, read, shipped
from inbox_agent.domain.errors import CorpusError


def main(arguments: Sequence[str]) -> int:
    """Runs the command. Raises `CorpusError`."""
    parser = argparse.ArgumentParser("python -m classifiers agreement", description="Compares a second labelling.")
    parser.add_argument("file", type=Path, help="records in the guide's format with gold, under blind or corpus ids")
    parser.add_argument("--differences", action="store_true", help="also list the mails whose intents differ")
    options = parser.parse_args(arguments)
    pairs = paired(shipped(), list(read([options.file])))
    print("\n".join(rendered(compare([(first.gold, second.gold) for first, second in pairs]))))
    if options.differences:
        print("\n".join(["", *differences(pairs)]))
    return 0


def paired(records: Sequence[Record], again: Sequence[Record]) -> list[tuple[Record, Record]]:
    """(corpus record, record labelled again). Raises `CorpusError` when an id is not in the corpus."""
    known = {name: record for record in records for name in (record.id, blind_id(record.id))}
    if unknown := [record.id for record in again if record.id not in known]:
        raise CorpusError(f"{len(unknown)} records are not in the corpus ({unknown[0]}, …). Draw them with `blind`.")
    return [(known[record.id], record) for record in again]


def rendered(agreement: Agreement) -> Iterator[str]:
    """The measures as two tables in Markdown."""
    yield f"{agreement.mails} mails labelled twice."
    yield ""
    yield "| measure | agreement | of |"
    yield "|---|--:|--:|"
    rows: list[tuple[str, Share, float | None]] = [
        ("exact set of intents", agreement.exact_set, None),
        ("dispute reasons, where both see a dispute", agreement.reasons, None),
        ("tone", agreement.tone, agreement.tone_kappa),
        ("requires_reply", agreement.reply, agreement.reply_kappa),
        ("acts that both name", agreement.acts, None),
        ("invoices of these acts", agreement.act_invoices, None),
        ("dates of these acts", agreement.act_dates, None),
        ("amounts of these acts", agreement.act_amounts, None),
    ]
    for name, share, kappa in rows:
        beside = f" (κ {kappa:.2f})" if kappa is not None else ""
        yield f"| {name} | {share.value:.2f}{beside} | {share.of} |"
    yield f"| mean Jaccard of intents | {agreement.jaccard:.2f} | {agreement.mails} |"
    yield ""
    yield "| intent | Cohen's κ | in the corpus | labelled again |"
    yield "|---|--:|--:|--:|"
    for intent, (kappa, first, second) in agreement.intents.items():
        yield f"| {intent} | {'–' if kappa is None else f'{kappa:.2f}'} | {first} | {second} |"


def differences(pairs: Sequence[tuple[Record, Record]]) -> Iterator[str]:
    """One line per mail whose sets of intents differ."""
    for first, second in pairs:
        ours, theirs = set(first.gold.intents), set(second.gold.intents)
        if ours != theirs:
            yield f"- {first.id}: only the corpus {sorted(ours - theirs)}, only the second {sorted(theirs - ours)}"
