"""Options and secrets: what is wrong is named, and no password is ever repeated."""

import copy
from pathlib import Path

import pytest

from inbox_agent.domain.errors import MailboxSignInRefused, SettingsError
from inbox_agent.mailbox import registry
from inbox_agent.mailbox.credentials import secret
from inbox_agent.mailbox.folder import FolderSource
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.security import Security, is_loopback
from inbox_agent.records.mailbox import MailboxKind
from inbox_agent.settings import Settings

IMAP = {
    "host": "imap.example.org",
    "port": 993,
    "security": "implicit",
    "user": "debiteuren",
    "password": "env:MAILBOX_TEST_PASSWORD",
    "folder": "INBOX",
    "sent_folder": "",
    "ca_file": "",
    "smtp": {"host": "smtp.example.org", "security": "starttls", "user": "debiteuren", "password": "file:smtp"},
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    path = tmp_path / "secrets.toml"
    path.write_text('smtp = "smtp-geheim"\nnumber = 5\n')
    path.chmod(0o600)
    monkeypatch.setenv("MAILBOX_TEST_PASSWORD", "imap-geheim")
    return Settings(secrets_file=path)


def test_every_kind_can_be_opened():
    assert set(registry.KINDS) == set(MailboxKind)


def test_a_folder(tmp_path, settings):
    assert isinstance(registry.open_source("folder", "x", {"path": str(tmp_path)}, settings), FolderSource)


def test_imap_with_its_secrets_and_usual_ports(settings):
    source = registry.open_source("imap", "debiteuren", IMAP, settings)
    assert isinstance(source, ImapSource)
    made = source._settings
    assert (made.password, made.smtp.password, made.smtp.port) == ("imap-geheim", "smtp-geheim", 587)
    assert (made.security, made.max_bytes, made.ca_file) == (Security.IMPLICIT, 60 * 1024 * 1024, None)
    assert "geheim" not in repr(made)


def test_outgoing_mail_without_sign_in(settings):
    options = {**IMAP, "smtp": {"host": "127.0.0.1", "port": 25, "security": "none", "user": "", "password": ""}}
    registry.validate("imap", options)
    registry.open_source("imap", "x", options, settings)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"host": ""}, "option host"),
        ({"host": 5}, "option host"),
        ({"host": "a\r\nb"}, "option host"),
        ({"user": None}, "option user"),
        ({"port": 0}, "option port"),
        ({"port": "993"}, "option port"),
        ({"port": True}, "option port"),
        ({"security": "ssl"}, "option security"),
        ({"security": "none"}, "unencrypted"),
        ({"password": "Geheim123"}, "option password"),
        ({"password": "env:"}, "option password"),
        ({"smtp": {}}, "option smtp.host"),
        ({"smtp": "smtp.example.org"}, "option smtp"),
        ({"smtp": {"host": "h", "port": 99999}}, "option smtp.port"),
        ({"smtp": {"host": "h", "security": "tls"}}, "option smtp.security"),
        ({"smtp": {"host": "h", "user": "u"}}, "option smtp.password"),
        ({"smtp": {"host": "h", "fodler": "u"}}, "option smtp.fodler"),
        ({"sent_fodler": "x"}, "option sent_fodler"),
        ({"folder": 7}, "option folder"),
    ],
)
def test_a_wrong_option_is_named(change, named):
    with pytest.raises(SettingsError, match=named) as wrong:
        registry.validate("imap", {**copy.deepcopy(IMAP), **change})
    assert "Geheim123" not in wrong.value.sentence


@pytest.mark.parametrize(
    ("kind", "options"), [("folder", {}), ("folder", {"path": ""}), ("folder", {"pad": "x"}), ("pop3", {})]
)
def test_other_wrong_options(kind, options):
    with pytest.raises(SettingsError):
        registry.validate(kind, options)


def test_secrets_from_both_places(settings):
    assert secret("env:MAILBOX_TEST_PASSWORD", settings) == "imap-geheim"
    assert secret("file:smtp", settings) == "smtp-geheim"


def test_a_secret_that_is_not_there(settings):
    with pytest.raises(MailboxSignInRefused, match="environment variable NOT_THERE"):
        secret("env:NOT_THERE", settings)
    with pytest.raises(MailboxSignInRefused, match=r"no secret other in .*secrets\.toml"):
        secret("file:other", settings)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_secrets_file_that_others_may_open_is_refused(settings, mode):
    settings.secrets_file.chmod(mode)
    with pytest.raises(SettingsError, match=f"chmod 600 {settings.secrets_file}"):
        secret("file:smtp", settings)


def test_a_secrets_file_that_cannot_be_used(settings, tmp_path):
    with pytest.raises(SettingsError, match="INBOX_AGENT_SECRETS_FILE"):
        secret("file:smtp", Settings())
    with pytest.raises(SettingsError, match="cannot be read"):
        secret("file:smtp", Settings(secrets_file=tmp_path / "nowhere.toml"))
    with pytest.raises(SettingsError, match="not a text"):
        secret("file:number", settings)
    settings.secrets_file.write_text("smtp = smtp-geheim")
    with pytest.raises(SettingsError, match="not valid TOML") as wrong:
        secret("file:smtp", settings)
    assert "geheim" not in wrong.value.sentence


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
    ],
)
def test_loopback(host, is_one):
    assert is_loopback(host) is is_one
