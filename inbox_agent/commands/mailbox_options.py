"""The options of a mailbox's row, from what was given on the command line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class OAuthGiven:
    """How an application signs in; without secret and certificate a person does, by `mailbox sign-in`."""

    tenant: str = ""
    client_id: str = ""
    secret: str = ""
    certificate: Path | None = None
    secret_expires_on: str = ""

    @property
    def needs_person(self) -> bool:
        """Whether somebody has to sign in before the mailbox opens."""
        return not self.secret and self.certificate is None

    def table(self) -> dict[str, Any]:
        """The table `oauth` (`mailbox/oauth_options.py`)."""
        given = {
            "tenant": self.tenant,
            "client_id": self.client_id,
            "secret": self.secret,
            "certificate": str(self.certificate.absolute()) if self.certificate else "",
            "secret_expires_on": self.secret_expires_on,
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
