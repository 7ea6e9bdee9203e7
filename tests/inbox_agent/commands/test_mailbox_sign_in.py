"""A shared mailbox that a person signs in for: added, signed in to, checked; nothing secret in the database."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from factories.authority import CLIENT_ID, PERSON, SECRET, TENANT, Authority, an_authority
from typer.testing import CliRunner, Result

from inbox_agent import bootstrap, db
from inbox_agent.bench.dovecot import Dovecot, DovecotMissing
from inbox_agent.bench.smtp_sink import SmtpSink
from inbox_agent.cli import app
from inbox_agent.commands.mailbox_saving import named
from inbox_agent.domain.errors import MailboxSignInRefused, SettingsError
from inbox_agent.settings import load


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with an_authority(tmp_path_factory.mktemp("authority")) as started:
        yield started


@pytest.fixture
def run(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Runs a command on a fresh installation; `add` adds the mailbox debiteuren on a server that takes the authority's tokens."""
    monkeypatch.setenv("INBOX_AGENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CLIENT_SECRET", SECRET)
    try:
        server = Dovecot.start(tmp_path / "dovecot", {"debiteuren": "x"}, introspection=authority.introspection)
    except DovecotMissing as missing:
        pytest.skip(missing.sentence)
    with server, SmtpSink.start(takes_token=authority.takes) as sink:
        added = [
            "mailbox", "add", "debiteuren", "--address", "debiteuren@halvermaan.example", "--user", "debiteuren",
            "--host", "127.0.0.1", "--port", str(server.port), "--security", "none",
            "--smtp-port", str(sink.port), "--smtp-security", "none",
            "--client-id", CLIENT_ID, "--ca-file", str(authority.certificate),
        ]  # fmt: skip

        def run_(*words: str, say: str = "") -> Result:
            return CliRunner().invoke(app, [*added, *words[1:]] if words[0] == "add" else [*words], input=say)

        assert run_("database", "upgrade").exit_code == 0
        yield run_


def test_with_a_code_at_microsoft(run: Callable[..., Result], authority: Authority, tmp_path: Path) -> None:
    added = run(
        "add", "--auth", "oauth_microsoft", "--tenant", TENANT, "--authority", authority.url, "--account", PERSON
    )
    assert added.exit_code == 0, added.output
    assert "inbox-agent mailbox sign-in debiteuren" in added.output
    assert isinstance(run("mailbox", "check", "debiteuren").exception, MailboxSignInRefused)
    signed_in = run("mailbox", "sign-in", "debiteuren")
    assert "enter the code FGH7JKL" in signed_in.output
    assert f"Signed in as {PERSON}" in signed_in.output
    checked = run("mailbox", "check", "debiteuren")
    assert checked.exit_code == 0
    assert "folder INBOX holds 0 mails" in checked.output
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert [one for one in {*authority.tokens, *authority.refresh_tokens} if one.encode() in kept] == []


def test_with_the_address_that_google_ends_at(run: Callable[..., Result], authority: Authority) -> None:
    google = ("--auth", "oauth_google", "--authority", f"{authority.url}/token", "--secret", "env:CLIENT_SECRET")
    added = run("add", *google)
    assert "inbox-agent mailbox sign-in debiteuren" in added.output
    refused = run("mailbox", "sign-in", "debiteuren", say="http://127.0.0.1:8765/?code=stolen\n")
    assert isinstance(refused.exception, MailboxSignInRefused)
    asked = parse_qs(urlsplit(next(word for word in refused.output.split() if word.startswith("https://"))).query)
    assert asked["login_hint"] == ["debiteuren"]
    assert "holds no sign-in" in refused.exception.sentence


def test_an_application_is_checked_at_once_and_nobody_signs_in(
    run: Callable[..., Result], authority: Authority
) -> None:
    added = run(
        "add", "--auth", "oauth_microsoft", "--tenant", TENANT, "--authority", authority.url,
        "--secret", "env:CLIENT_SECRET", "--secret-expires-on", "2027-03-01",
    )  # fmt: skip
    assert "accepted the sign-in" in added.output
    assert isinstance(run("mailbox", "sign-in", "debiteuren").exception, SettingsError)
    with db.reading(bootstrap.open_database(load())) as session:
        options = named(session, "debiteuren").options
    assert options["oauth"]["secret"] == "env:CLIENT_SECRET"
    assert "password" not in options
    assert SECRET not in str(options)
