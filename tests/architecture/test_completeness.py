"""A new intent, language or setting must appear everywhere it belongs; these tests name what is missing."""

import json
import re
from pathlib import Path

import pytest

from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, Intent, Language, RecordType
from inbox_agent.records.registry import RECORD_TYPES
from inbox_agent.settings import Settings

ROOT = Path(__file__).parents[2]


def _gold() -> list[dict]:
    lines = [
        line
        for path in sorted((ROOT / "fixtures/mails").glob("*/gold.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [json.loads(line) for line in lines]


def test_every_intent_has_a_rule() -> None:
    assert set(INTENTS) == set(Intent)


def test_every_record_type_has_a_table() -> None:
    assert set(RECORD_TYPES) == set(RecordType)


@pytest.mark.parametrize("language", Language)
def test_every_intent_has_a_sample_mail_in_every_language(language: Language) -> None:
    seen = {intent for record in _gold() if record["language"] == language for intent in record["gold"]["intents"]}
    assert set(Intent) - {Intent(intent) for intent in seen} == set()


def test_every_dispute_reason_has_a_sample_mail() -> None:
    seen = {act["reason"] for record in _gold() for act in record["gold"]["acts"] if act["intent"] == "dispute"}
    assert seen == set(DisputeReason)


def test_the_sample_mailbox_is_large_and_mixed() -> None:
    gold = _gold()
    files = {f"{path.parent.name}/{path.name}" for path in (ROOT / "fixtures/mails").glob("*/*.eml")}
    assert {record["id"] for record in gold} == files
    assert len(files) >= 60
    assert sum(len(record["gold"]["intents"]) > 1 for record in gold) >= 20
    assert len([name for name in files if "/story-" in name]) == 6


def test_every_fixture_has_its_origin_written_down() -> None:
    readme = (ROOT / "fixtures/README.md").read_text(encoding="utf-8")
    missing = [path.stem for path in (ROOT / "fixtures/mails").glob("*/*.eml") if path.stem not in readme]
    assert missing == []


def test_the_readme_lists_every_setting() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `INBOX_AGENT_(\w+)`", readme, re.MULTILINE))
    assert listed == {name.upper() for name in Settings.model_fields}


def test_no_package_does_work_at_import() -> None:
    """`__init__.py` files are empty or re-export only."""
    for package in ("inbox_agent", "classifiers", "extractors", "drafting", "web"):
        for path in (ROOT / package).rglob("__init__.py"):
            statements = [line for line in path.read_text().splitlines() if line and not line.startswith(("#", '"""'))]
            assert all(re.match(r"(from|import|__all__|\)|\s|\])", line) for line in statements), path
