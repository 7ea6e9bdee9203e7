"""The validator over records that break one rule each, over the frozen split, and over the corpus that is shipped."""

import json
from pathlib import Path
from typing import Any

import pytest
from factories.good_record import good_record

from classifiers import corpus
from classifiers.validation import balance
from classifiers.validation.command import main, rendered
from classifiers.validation.finding import Severity
from classifiers.validation.validator import FROZEN, freeze, frozen, validate
from inbox_agent.domain.errors import CorpusError
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Language

BODY = "Beste, F25-0771 is vrijdag betaald."


def found(tmp_path: Path, *records: dict[str, Any]) -> list[tuple[str, str]]:
    """(severity, rule) of what is found in a file of these records."""
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return [(one.severity.value, one.rule) for one in validate([path], whole=False).findings]


def act(**changes: Any) -> list[dict[str, Any]]:
    """One act, as in the good record but for the changes; None takes a field out."""
    row = good_record()["gold"]["acts"][0] | changes
    return [{name: value for name, value in row.items() if value is not None}]


def row(**changes: Any) -> dict[str, Any]:
    """The ledger of the good record with its one row changed."""
    ledger: dict[str, Any] = good_record()["ledger"]
    ledger["invoices"][0] |= changes
    return ledger


def test_nothing_is_wrong_with_a_good_record(tmp_path: Path) -> None:
    assert found(tmp_path, good_record()) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"acts": [], "intents": ["payment_notification"]}, "intents"),
        ({"intents": []}, "intents"),
        ({"intents": ["payment_notification", "acknowledgement"]}, "intents"),
        ({"intents": ["other_query"]}, "intents"),
        ({"intents": ["payment_notification", "payment_notification"]}, "fields"),
        ({"intents": ["payment"]}, "taxonomy"),
        ({"tone": "furious"}, "taxonomy"),
        ({"language": "it"}, "taxonomy"),
        ({"received": "2025-03-12T09:14"}, "taxonomy"),
        ({"requires_reply": "yes"}, "taxonomy"),
        ({"received": "1997-03-12T09:14+01:00"}, "received"),
        ({"acts": act(reason="price")}, "reason"),
        ({"acts": act(intent="dispute"), "intents": ["dispute"]}, "reason"),
        ({"acts": act(evidence="is betaald vrijdag")}, "evidence"),
        ({"acts": act(evidence="")}, "evidence"),
        (
            {"body": f"{BODY}\n\n> is maandag betaald", "reply_text": BODY, "acts": act(evidence="is maandag betaald")},
            "evidence",
        ),
        ({"acts": act(invoices=["F25-0772"])}, "invoices"),
        ({"acts": act(invoices=["F25-0771", "F25-0771"])}, "invoices"),
        ({"acts": act(invoices=None)}, "fields"),
        ({"acts": act(amount="1240.00")}, "fields"),
        ({"acts": act(date="7-3-2025")}, "fields"),
        ({"acts": act(colour="blue")}, "fields"),
        ({"subject": 7}, "fields"),
        ({"entities": {"invoice_numbers": []}}, "fields"),
        ({"entities": good_record()["gold"]["entities"] | {"ibans": ["NL91ABNA0417164300"]}}, "entities"),
        ({"entities": good_record()["gold"]["entities"] | {"invoice_numbers": ["F25-0771", "F25-0771"]}}, "entities"),
        ({"reply_text": "Beste, F25-0771 is maandag betaald."}, "reply_text"),
        ({"body": f"> betaald?\n{BODY}", "reply_text": f"> betaald?\n{BODY}"}, "reply_text"),
        ({"ledger": row(due="2025-01-31")}, "ledger"),
        ({"ledger": row(open="1240.01")}, "ledger"),
        ({"ledger": {"customer": None, "invoices": row()["invoices"] * 2}}, "ledger"),
        ({"ledger": {}}, "fields"),
        ({"from": "Jan de Boer <jan>"}, "sender"),
    ],
)
def test_an_error_for_every_broken_rule(tmp_path: Path, changes: dict[str, Any], rule: str) -> None:
    assert ("error", rule) in found(tmp_path, good_record(**({"body": BODY} | changes)))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"acts": act(amount="99.00", currency="EUR")}, "amount"),
        ({"body": f"{BODY} 99 dollar.", "acts": act(amount="99.00", currency="USD")}, "currency"),
        ({"acts": act(date="2025-03-06")}, "date"),
        ({"acts": act(date="2025-04-30", evidence="Beste")}, "date"),
        ({"acts": act(intent="promise_to_pay", date=None), "intents": ["promise_to_pay"]}, "promise"),
        ({"body": f"{BODY} {'x' * 200}", "acts": act(evidence=f"betaald. {'x' * 200}")}, "evidence-long"),
        ({"ledger": row(date="2025-03-13", due="2025-04-13")}, "ledger"),
        ({"ledger": row(open="-5.00")}, "ledger"),
        ({"body": f"{BODY} Groet uit het kantoor van IKEA."}, "real-name"),
        ({"body": f"{BODY}\nMet vriendelijke groet,"}, "reply_text"),
        ({"language": "de"}, "language"),
        ({"provenance": "review 7"}, "fields"),
    ],
)
def test_a_warning_for_what_is_worth_a_look(tmp_path: Path, changes: dict[str, Any], rule: str) -> None:
    record = good_record(**({"body": f"{BODY} Dat was de rekening van het bedrijf en niet van ons."} | changes))
    if "body" in changes:
        record["gold"]["reply_text"] = changes["body"]
    else:
        record["gold"]["reply_text"] = record["body"]
    assert {severity for severity, one in found(tmp_path, record) if one == rule} == {"warning"}


def test_own_lines_between_quoted_ones_are_a_reply_text(tmp_path: Path) -> None:
    body = "Zie onder.\n> F25-0771?\nis vrijdag betaald\n> En de rest?\nKomt."
    assert found(tmp_path, good_record(body, reply_text="Zie onder.\nis vrijdag betaald\nKomt.")) == []


def test_broken_lines_and_doubled_ids_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{oops\n[]\n" + "\n".join(json.dumps(good_record()) for _ in range(2)), encoding="utf-8")
    errors = validate([path], whole=False).of(Severity.ERROR)
    assert [(one.rule, one.where) for one in errors] == [
        ("fields", "a.jsonl:2"),
        ("id", "a-001"),
        ("json", "a.jsonl:1"),
        ("near-duplicate", "a-001"),
        ("taxonomy", "a.jsonl:2"),
    ]


def test_a_test_split_that_changed_is_an_error(tmp_path: Path) -> None:
    records = corpus.shipped()
    path = tmp_path / FROZEN
    assert [one.severity for one in frozen(records, path)] == [Severity.WARNING]
    freeze(records, path)
    assert list(frozen(records, path)) == []
    without = records[: next(at for at, one in enumerate(records) if one.split is corpus.Split.TEST)]
    assert [one.severity for one in frozen(without, path)] == [Severity.ERROR]


def test_counts_that_are_missed_are_errors() -> None:
    missed = [one.text for one in balance.check(balance.count(corpus.shipped()[:50]))]
    assert len(missed) >= len(Language) + len(Intent) - 3
    assert any("at least 2000 are wanted" in text for text in missed)
    assert sum("with reason" in text for text in missed) == len(DisputeReason)


def test_the_shipped_corpus_has_no_errors() -> None:
    report = validate(sorted(corpus.FOLDER.glob("*.jsonl")), whole=True)
    assert report.of(Severity.ERROR) == []
    assert "errors" in list(rendered(report, verbose=False))[-1]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(good_record(intents=[])), encoding="utf-8")
    assert main([str(path)]) == 1
    assert "There is no intent" in capsys.readouterr().out
    path.write_text(json.dumps(good_record()), encoding="utf-8")
    assert main([str(path), "--verbose"]) == 0
    with pytest.raises(CorpusError, match="without files"):
        main([str(path), "--freeze"])
    with pytest.raises(CorpusError, match="cannot be read"):
        main([str(tmp_path / "none.jsonl")])
