"""Where passwords are kept: options hold a reference, never the secret. Nothing here is ever logged."""

import os
import tomllib
from pathlib import Path

from inbox_agent.domain.errors import MailboxSignInRefused, SettingsError
from inbox_agent.settings import Settings


def secret(reference: str, settings: Settings) -> str:
    """The secret behind `env:NAME` (environment variable) or `file:KEY` (a key of `settings.secrets_file`).

    Raises `MailboxSignInRefused` when there is no such secret, `SettingsError` when the reference is malformed or the
    secrets file is missing, unreadable, or open to others than its owner.
    """
    check_reference(reference)
    place, _, name = reference.partition(":")
    found = os.environ.get(name, "") if place == "env" else _from_file(name, settings.secrets_file)
    if found:
        return found
    if place == "env":
        raise MailboxSignInRefused(
            f"There is no password in the environment variable {name}. Set it where the worker starts and start it again."
        )
    raise MailboxSignInRefused(
        f'There is no password {name} in {settings.secrets_file}. Add a line `{name} = "…"` to that file.'
    )


def check_reference(reference: object) -> None:
    """Raises `SettingsError` unless it reads `env:NAME` or `file:KEY`; the text is not repeated, it may be a password."""
    place, _, name = str(reference).partition(":")
    if place not in ("env", "file") or not name.strip():
        raise SettingsError(
            "A password is given as `env:NAME` (environment variable) or `file:KEY` (key of the secrets file), "
            "never as itself. Correct the option password."
        )


def _from_file(key: str, path: Path | None) -> str:
    if path is None:
        raise SettingsError(
            f"The password file:{key} needs a secrets file, and none is set. "
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
