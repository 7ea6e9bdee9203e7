"""Secrets behind references, the operating system's keyring among them (one in memory takes its place)."""

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from typer.testing import CliRunner

from inbox_agent.cli import app
from inbox_agent.domain.errors import MailboxSignInRefused, SettingsError
from inbox_agent.mailbox.credentials import check_reference, secret
from inbox_agent.settings import load


class MemoryKeyring(KeyringBackend):
    """Keeps until the end of the test."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[(service, username)]


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    made = MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_the_command_keeps_a_secret_and_a_reference_finds_it(memory: MemoryKeyring) -> None:
    done = CliRunner().invoke(app, ["mailbox", "secret", "debiteuren"], input="geheim-één\n")
    assert done.exit_code == 0
    assert "keyring:debiteuren" in done.output
    assert "geheim" not in done.output
    assert memory.kept == {("inbox-agent", "debiteuren"): "geheim-één"}
    assert secret("keyring:debiteuren", load()) == "geheim-één"


def test_a_secret_that_is_not_in_the_keyring(memory: MemoryKeyring) -> None:
    with pytest.raises(MailboxSignInRefused, match="inbox-agent mailbox secret other"):
        secret("keyring:other", load())


@pytest.mark.parametrize("backend", [NoKeyring, NullKeyring])
def test_without_a_keyring_it_says_what_to_use_instead(memory: MemoryKeyring, backend: type[KeyringBackend]) -> None:
    keyring.set_keyring(backend())
    done = CliRunner().invoke(app, ["mailbox", "secret", "debiteuren"], input="geheim\n")
    assert isinstance(done.exception, SettingsError)
    assert "env:NAME" in done.exception.sentence
    if backend is NoKeyring:
        with pytest.raises(SettingsError, match="no keyring here"):
            secret("keyring:debiteuren", load())


def test_nothing_typed_keeps_nothing(memory: MemoryKeyring) -> None:
    done = CliRunner().invoke(app, ["mailbox", "secret", "debiteuren"], input="\n")
    assert isinstance(done.exception, SettingsError)
    assert memory.kept == {}


@pytest.mark.parametrize("reference", ["geheim", "keyring:", "vault:x", "env: "])
def test_a_reference_that_is_none_is_not_repeated(reference: str) -> None:
    with pytest.raises(SettingsError, match=r"option oauth\.secret") as refused:
        check_reference(reference, "oauth.secret")
    assert reference not in refused.value.sentence.replace("`keyring:NAME`", "")
