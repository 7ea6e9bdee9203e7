"""Where secrets are kept: options hold a reference, never the secret. Nothing here is ever logged."""

import os
import tomllib
from pathlib import Path

from inbox_agent.domain.errors import MailboxSignInRefused, SettingsError
from inbox_agent.settings import Settings

KEYRING_SERVICE = "inbox-agent"
"""Under which name the operating system's keyring keeps our secrets."""


def secret(reference: str, settings: Settings) -> str:
    """The secret behind a reference.

    `env:NAME` is an environment variable, `file:KEY` a key of `settings.secrets_file`, `keyring:NAME` an entry of the operating
    system's keyring (service `inbox-agent`). Raises `MailboxSignInRefused` when there is no such secret, `SettingsError` when
    the reference is malformed, there is no keyring, or the secrets file is missing, unreadable, or open to others than its
    owner.
    """
    check_reference(reference)
    place, _, name = reference.partition(":")
    if place == "env":
        if found := os.environ.get(name, ""):
            return found
        raise MailboxSignInRefused(
            f"There is no secret in the environment variable {name}. Set it where the worker starts and start it again."
        )
    if place == "keyring":
        if found := _from_keyring(name):
            return found
        raise MailboxSignInRefused(
            f"There is no secret {name} in the keyring. Put it there: inbox-agent mailbox secret {name}"
        )
    if found := _from_file(name, settings.secrets_file):
        return found
    raise MailboxSignInRefused(
        f'There is no secret {name} in {settings.secrets_file}. Add a line `{name} = "…"` to that file.'
    )


def check_reference(reference: object, option: str = "password") -> None:
    """Raises `SettingsError` unless it reads `env:NAME`, `file:KEY` or `keyring:NAME`; its text is not repeated, it may be
    the secret itself. `option` is where it stands."""
    place, _, name = str(reference).partition(":")
    if place not in ("env", "file", "keyring") or not name.strip():
        raise SettingsError(
            f"The option {option} says where a secret is kept: `env:NAME` (environment variable), `file:KEY` (key of the "
            "secrets file) or `keyring:NAME`, never the secret itself. Correct it."
        )


def keep_in_keyring(name: str, value: str) -> None:
    """Stores a secret for `keyring:NAME`, in place of the one before. Raises `SettingsError` where there is no keyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(KEYRING_SERVICE, name, value)
        # A keyring that was switched off takes everything and keeps nothing.
        kept = keyring.get_password(KEYRING_SERVICE, name) == value
    except KeyringError as error:
        raise _no_keyring() from error
    if not kept:
        raise _no_keyring()


def _from_keyring(name: str) -> str:
    # Its backends are looked up on import, which asks the session's bus: only who uses one waits for that.
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, name) or ""
    except KeyringError as error:
        raise _no_keyring() from error


def _no_keyring() -> SettingsError:
    return SettingsError(
        "There is no keyring here that can be used: none is installed, or it is locked. Unlock it for the account that the "
        "worker runs as, or keep the secret in the environment (`env:NAME`) or in a secrets file (`file:KEY`)."
    )


def _from_file(key: str, path: Path | None) -> str:
    if path is None:
        raise SettingsError(
            f"The secret file:{key} needs a secrets file, and none is set. "
            "Set INBOX_AGENT_SECRETS_FILE to a TOML file that only its owner can read."
        )
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            raise SettingsError(f"The secrets file {path} can be read by others than its owner. Run: chmod 600 {path}")
        value = tomllib.loads(path.read_text("utf-8")).get(key, "")
    except OSError as error:
        raise SettingsError(
            f"The secrets file {path} cannot be read ({error.strerror}). Correct INBOX_AGENT_SECRETS_FILE or the file."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # The parser's own words can quote the line, and with it a secret.
        raise SettingsError(
            f'The secrets file {path} is not valid TOML. Write one `name = "secret"` a line.'
        ) from error
    if not isinstance(value, str):
        raise SettingsError(f'The secret {key} in {path} is not a text. Write `{key} = "…"` with quotes.')
    return value
