"""How a connection to a mail server is protected. Without encryption only to this machine itself."""

import ipaddress
import ssl
from enum import StrEnum
from pathlib import Path

from inbox_agent.domain.errors import SettingsError


class Security(StrEnum):
    """When TLS begins: with the connection, after STARTTLS, or never (loopback only)."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: `localhost`, 127.0.0.0/8 or ::1. A name is not looked up."""
    if host.lower() in ("localhost", "localhost.localdomain"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_encryption(security: Security, host: str) -> None:
    """Raises `SettingsError` when a password would travel over a network in plain text."""
    if security is Security.NONE and not is_loopback(host):
        raise SettingsError(
            f"The option security is `none` for {host}, so its password would travel unencrypted. "
            "Set it to `implicit` or `starttls`; `none` is for this machine itself only."
        )


def context(ca_file: Path | None) -> ssl.SSLContext:
    """A context that checks certificate and host name against the system's authorities and those in `ca_file`.

    Raises `SettingsError` when `ca_file` cannot be used.
    """
    made = ssl.create_default_context()
    if ca_file is not None:
        try:
            made.load_verify_locations(ca_file)
        except (ssl.SSLError, OSError) as error:
            raise SettingsError(
                f"The option ca_file names {ca_file}, which cannot be read as PEM certificates ({error.strerror or error}). "
                "Correct the path or the file."
            ) from error
    return made
