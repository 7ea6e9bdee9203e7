"""Kept sign-ins: encrypted, their owner's only, whole, and one at a time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inbox_agent.domain.errors import MailboxSignInRefused, SettingsError
from inbox_agent.mailbox.token_cache import open_cache
from inbox_agent.settings import load

KEY = "a random key of thirty-two letters or more"


def test_what_is_kept_comes_back_and_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    cache = open_cache(load(data_dir=tmp_path), "debiteuren")
    assert cache.read() == ""
    cache.write("refresh-één")
    assert open_cache(load(data_dir=tmp_path), "debiteuren").read() == "refresh-één"
    assert open_cache(load(data_dir=tmp_path), "other").read() == ""
    folder = tmp_path / "tokens"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert not any(b"refresh" in path.read_bytes() for path in folder.iterdir())


def test_the_key_may_come_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT_KEY", KEY)
    settings = load(data_dir=tmp_path, token_key="env:KEPT_KEY")
    open_cache(settings, "debiteuren").write("refresh")
    assert not (tmp_path / "tokens/key").exists()
    assert open_cache(settings, "debiteuren").read() == "refresh"
    monkeypatch.setenv("KEPT_KEY", KEY + "!")
    with pytest.raises(MailboxSignInRefused, match=r"cannot be decrypted.*mailbox sign-in debiteuren"):
        open_cache(settings, "debiteuren").read()
    monkeypatch.setenv("KEPT_KEY", "password")
    with pytest.raises(SettingsError, match="openssl rand"):
        open_cache(settings, "debiteuren").read()
    monkeypatch.delenv("KEPT_KEY")
    with pytest.raises(MailboxSignInRefused, match="KEPT_KEY"):
        open_cache(settings, "debiteuren").read()


def test_without_its_key_or_damaged_it_says_what_to_do(tmp_path: Path) -> None:
    cache = open_cache(load(data_dir=tmp_path), "debiteuren")
    cache.write("refresh")
    path = tmp_path / "tokens/debiteuren.token"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(MailboxSignInRefused, match="damaged"):
        cache.read()
    cache.write("refresh")
    (tmp_path / "tokens/key").unlink()
    with pytest.raises(MailboxSignInRefused, match="the key is another one"):
        cache.read()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    cache = open_cache(load(data_dir=tmp_path), "debiteuren")
    cache.write("refresh")
    (tmp_path / "tokens/key").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        cache.read()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("a file", "utf-8")
    with pytest.raises(SettingsError, match="cannot be read or written"):
        open_cache(load(data_dir=tmp_path), "debiteuren").write("refresh")


@pytest.mark.parametrize("name", ["key", "..", "a.b", "débiteurs"])
def test_no_name_of_a_mailbox_meets_another_file(tmp_path: Path, name: str) -> None:
    cache = open_cache(load(data_dir=tmp_path), name)
    with cache.lock():
        cache.write(name)
        assert cache.read() == name
    assert {path.parent for path in tmp_path.rglob("*.token")} == {tmp_path / "tokens"}


def test_of_many_who_count_none_is_lost(tmp_path: Path) -> None:
    def count(_: int) -> None:
        cache = open_cache(load(data_dir=tmp_path), "debiteuren")
        with cache.lock():
            cache.write(str(int(cache.read() or "0") + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    assert open_cache(load(data_dir=tmp_path), "debiteuren").read() == "40"
