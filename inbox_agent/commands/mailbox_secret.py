"""`inbox-agent mailbox secret`: puts a secret into the operating system's keyring, for references `keyring:NAME`."""

import sys
from typing import Annotated

import typer

from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox.credentials import keep_in_keyring


def secret(name: Annotated[str, typer.Argument(help="Name; options then say keyring:NAME.")]) -> None:
    """Keep a password or client secret in the keyring: asked for, or read from standard input. Replaces the one before."""
    value = typer.prompt("Secret", hide_input=True) if sys.stdin.isatty() else sys.stdin.read().rstrip("\r\n")
    if not value:
        raise SettingsError("Nothing was read, so nothing is kept. Type the secret, or send it to standard input.")
    keep_in_keyring(name, value)
    typer.echo(f"Kept. Name it as keyring:{name} in the mailbox's options.")
