"""Whatever goes wrong is said in a sentence, and the exit code is 2; no secret and no mail text is in it."""

import os
import sys
from pathlib import Path

import pytest

from inbox_agent import cli
from inbox_agent.commands.demo import settings_of


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command printed to standard error when it ended with code 2."""
    sys.argv = ["inbox-agent", *arguments]
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr(os, "environ", {**os.environ, "INBOX_AGENT_DATA_DIR": str(tmp_path / "data")})


@pytest.mark.parametrize(
    "url", ["geheim", "mysql://u:geheim@h/db", "sqlite://", "sqlite:///:memory:", "postgresql+x://u:geheim@h/db"]
)
def test_a_database_that_is_none(url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(os.environ, "INBOX_AGENT_DATABASE_URL", url)
    words = said(capsys, "database", "check")
    assert words.startswith("inbox-agent: The setting database_url")
    assert "geheim" not in words


def test_a_settings_file_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "inbox-agent.toml").write_bytes(b"\xff\xfe = 1")
    assert said(capsys, "database", "check") == "inbox-agent: The settings file is not UTF-8 text. Save it as UTF-8.\n"


def test_a_fault_of_ours_is_named_by_its_place_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("Mevrouw Jansen schrijft")

    monkeypatch.setattr(cli, "app", broken)
    words = said(capsys)
    assert "fault of the program" in words
    assert f"ZeroDivisionError at {__file__}" in words
    assert "Jansen" not in words


def test_the_demo_never_uses_the_database_of_a_settings_file_that_lies_here(tmp_path: Path) -> None:
    """Its sample mail would fill the real queue, and its worker would open the real mailboxes."""
    (tmp_path / "inbox-agent.toml").write_text('database_url = "sqlite:////srv/real.db"\nraw_place = "folder"\n')
    settings = settings_of(Path("demo-data"), check=False, port=None)
    assert settings.database == f"sqlite:///{tmp_path / 'demo-data' / 'inbox-agent.db'}"
    assert settings.raw_place == "database"
