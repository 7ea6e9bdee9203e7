"""Settings that become values of the domain."""

from decimal import Decimal

import pytest

from inbox_agent.domain.errors import SettingsError
from inbox_agent.domain.verdict import Policy
from inbox_agent.settings import load


def test_the_policy_without_settings_is_the_domains_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROMISE_DAYS", "AMOUNT_TOLERANCE"):
        monkeypatch.delenv(f"INBOX_AGENT_{name}", raising=False)
    assert load().policy == Policy()


def test_the_policy_comes_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBOX_AGENT_PROMISE_DAYS", "14")
    monkeypatch.setenv("INBOX_AGENT_AMOUNT_TOLERANCE", "0.05")
    assert load().policy == Policy(14, Decimal("0.05"))


@pytest.mark.parametrize(("name", "value"), [("PROMISE_DAYS", "-1"), ("AMOUNT_TOLERANCE", "a euro")])
def test_an_impossible_policy_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"INBOX_AGENT_{name}", value)
    with pytest.raises(SettingsError, match=name):
        load()
