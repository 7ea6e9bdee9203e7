"""`inbox-agent bench extract`: every size of ledger is measured on sample mails."""

import json

import pytest
from factories.labelled import a_line, records
from typer.testing import CliRunner

from inbox_agent import cli
from inbox_agent.bench import extract


def test_json(monkeypatch: pytest.MonkeyPatch) -> None:
    few = list(extract.sample_mails.records())[:8]
    monkeypatch.setattr(extract.sample_mails, "records", lambda: few)
    result = CliRunner().invoke(cli.app, ["bench", "extract", "--passes", "1", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [row["rows"] for row in found] == list(extract.SIZES)
    assert all(0 < row["reading_p50"] < row["p50"] <= row["p95"] for row in found)


def test_a_filled_ledger_keeps_its_rows_and_gets_others_with_other_numbers(tmp_path) -> None:  # type: ignore[no-untyped-def]
    invoices = [
        {
            "number": f"F-{n}",
            "date": "2026-01-01",
            "due": "2026-01-31",
            "amount": "10.00",
            "open": "10.00",
            "currency": "EUR",
        }
        for n in (1, 2)
    ]
    (record,) = records(tmp_path / "a.jsonl", [a_line(ledger={"customer": None, "invoices": invoices})])
    filled = extract._filled(record.ledger, 50)
    assert filled.invoices[:2] == record.ledger.invoices
    assert len({row.number for row in filled.invoices}) == 50
    assert extract._filled(record.ledger, 1).invoices == record.ledger.invoices[:1]
