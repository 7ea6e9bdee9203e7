"""Sign-ins at rest: one encrypted file a mailbox below `data_dir/tokens`, which only its owner may read.

What it holds (refresh tokens) opens the mailbox for months. The key comes from `token_key`, a reference to a secret; without
that setting it is made once and lies beside the files. Then the encryption protects what leaves the machine without it (a
copied file, a backup that leaves `tokens/key` out), not against whoever can read the folder or become the worker's account.
"""

import fcntl
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from cryptography.fernet import Fernet, InvalidToken

from inbox_agent.domain.errors import MailboxSignInRefused, SettingsError
from inbox_agent.mailbox.credentials import secret
from inbox_agent.settings import Settings
from inbox_agent.whole_file import write_whole

_LEAST_KEY = 32
"""Characters that a key must have: it is hashed once, so it must be random (32 of base64 are 192 bits), no password."""


class TokenCache:
    """The sign-in of one mailbox, as text that its owner understands. `mailbox` is the mailbox's name."""

    def __init__(self, folder: Path, mailbox: str, key: Callable[[], str]) -> None:
        self._path = folder / f"{quote(mailbox, safe='')}.token"
        self._mailbox = mailbox
        self._key = key

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Nobody else, in no process, reads or writes this sign-in meanwhile. Raises `SettingsError` where it cannot lie."""
        with _locked(self._path):
            yield

    def read(self) -> str:
        """What was written last; "" when nothing was. Raises `MailboxSignInRefused` when it cannot be decrypted."""
        try:
            return self._fernet().decrypt(self._path.read_bytes()).decode("utf-8")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise _unusable(self._path, error) from error
        except (InvalidToken, UnicodeDecodeError) as error:
            raise MailboxSignInRefused(
                f"The kept sign-in of mailbox {self._mailbox} cannot be decrypted: the file is damaged, or the key is another "
                f"one. Bring the key back (setting token_key), or sign in again: inbox-agent mailbox sign-in {self._mailbox}"
            ) from error

    def write(self, text: str) -> None:
        """Replaces the sign-in in one step. Raises `SettingsError` where it cannot be written."""
        encrypted = self._fernet().encrypt(text.encode("utf-8"))
        try:
            write_whole(self._path, [encrypted], mode=0o600)
        except OSError as error:
            raise _unusable(self._path, error) from error

    def _fernet(self) -> Fernet:
        return Fernet(urlsafe_b64encode(sha256(self._key().encode("utf-8")).digest()))


def open_cache(settings: Settings, mailbox: str) -> TokenCache:
    """The sign-in of this mailbox. Touches nothing yet."""
    folder = settings.data_dir / "tokens"
    return TokenCache(folder, mailbox, lambda: _key(settings, folder))


def _key(settings: Settings, folder: Path) -> str:
    """Raises `SettingsError` for a key that is too short, missing or open to others."""
    if not settings.token_key:
        return _own_key(folder / "key")
    found = secret(settings.token_key, settings)
    if len(found) < _LEAST_KEY:
        raise SettingsError(
            f"The key in {settings.token_key} has less than {_LEAST_KEY} characters. Make a random one: openssl rand -base64 32"
        )
    return found


def _own_key(path: Path) -> str:
    try:
        with _locked(path):
            if not path.exists():
                write_whole(path, [Fernet.generate_key()], mode=0o600)
            if path.stat().st_mode & 0o077:
                raise SettingsError(f"The key {path} can be read by others than its owner. Run: chmod 600 {path}")
            return path.read_text("ascii")
    except OSError as error:
        raise _unusable(path, error) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds `path`'s lock file, which dies with the process."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _unusable(path: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"The kept sign-in {path} cannot be read or written ({error.strerror}). Correct its owner and permissions."
    )
