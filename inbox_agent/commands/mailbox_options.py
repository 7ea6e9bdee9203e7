"""The options of a mailbox's row, from what was given on the command line."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from inbox_agent.mailbox.imap_options import Auth


class Security(StrEnum):
    """How a connection is protected."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ServerGiven:
    """A mail server; `port` None is the usual one. `user` None: as for IMAP, "": no sign-in."""

    host: str | None
    port: int | None
    security: Security
    user: str | None


@dataclass(frozen=True, slots=True)
class OAuthGiven:
    """How an application signs in; without secret and certificate a person does, by `mailbox sign-in`."""

    tenant: str = ""
    client_id: str = ""
    secret: str = ""
    certificate: Path | None = None
    secret_expires_on: str = ""
    service_account: Path | None = None
    account: str = ""
    refresh_token: str = ""
    authority: str = ""
    ca_file: Path | None = None

    def needs_person(self, auth: Auth) -> bool:
        """Whether somebody has to sign in before the mailbox opens. At Google an application has a secret in any case."""
        if auth is Auth.GOOGLE:
            return not self.refresh_token and self.service_account is None
        return auth is Auth.MICROSOFT and not self.secret and self.certificate is None

    def table(self) -> dict[str, Any]:
        """The table `oauth` (`mailbox/oauth_options.py`)."""
        given = {
            "tenant": self.tenant,
            "client_id": self.client_id,
            "secret": self.secret,
            "certificate": str(self.certificate.absolute()) if self.certificate else "",
            "secret_expires_on": self.secret_expires_on,
            "account": self.account,
            "refresh_token": self.refresh_token,
            "service_account": str(self.service_account.absolute()) if self.service_account else "",
            "authority": self.authority,
            "ca_file": str(self.ca_file.absolute()) if self.ca_file else "",
        }
        return {name: value for name, value in given.items() if value}


def graph_options(address: str, oauth: OAuthGiven, base_url: str, ca_file: Path | None) -> dict[str, Any]:
    """Of a mailbox of Microsoft 365 through Microsoft Graph."""
    options: dict[str, Any] = {"mailbox": address, "oauth": oauth.table()}
    if base_url:
        options["base_url"] = base_url
    if ca_file:
        options["ca_file"] = str(ca_file.absolute())
    return options


def imap_options(
    name: str,
    address: str,
    imap: ServerGiven,
    smtp: ServerGiven,
    password: str,
    auth: Auth,
    oauth: OAuthGiven,
    sent_folder: str,
    ca_file: Path | None,
) -> dict[str, Any]:
    """Of a mailbox on an IMAP server. `password` "" is looked for in an environment variable named after the mailbox."""
    user = imap.user or address
    smtp_user = user if smtp.user is None else smtp.user
    options: dict[str, Any] = {
        "host": imap.host,
        "port": imap.port or (993 if imap.security is Security.IMPLICIT else 143),
        "security": imap.security.value,
        "user": user,
        "sent_folder": sent_folder,
        "ca_file": str(ca_file.absolute()) if ca_file else "",
        "smtp": {
            "host": smtp.host or imap.host,
            "port": smtp.port or (465 if smtp.security is Security.IMPLICIT else 587),
            "security": smtp.security.value,
            "user": smtp_user,
        },
    }
    if auth is Auth.PASSWORD:
        reference = password or f"env:INBOX_AGENT_{name.upper().replace('-', '_')}_PASSWORD"
        options["password"] = reference
        options["smtp"]["password"] = reference if smtp_user else ""
        return options
    return options | {"auth": auth.value, "oauth": oauth.table()}
