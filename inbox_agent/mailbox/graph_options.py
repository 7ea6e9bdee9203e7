"""What a mailbox of Microsoft 365 is opened with: its options, and where its sign-in comes from."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox import graph_check, oauth_options
from inbox_agent.mailbox.graph import GraphSource
from inbox_agent.mailbox.graph_check import Finding
from inbox_agent.mailbox.graph_settings import GLOBAL_SERVICE, GraphSettings
from inbox_agent.mailbox.memory import Memory
from inbox_agent.mailbox.oauth import SignIn
from inbox_agent.mailbox.oauth_options import Provider, Use, check_oauth, open_tokens
from inbox_agent.mailbox.options import SCOPE, Options
from inbox_agent.mailbox.security import is_loopback
from inbox_agent.settings import Settings

NOTIFICATIONS_PATH = "/notifications/graph"
"""Where the pages take change notifications (`web/pages/notifications`)."""


def validate(options: Options) -> None:
    """Raises `SettingsError` for the first option that is wrong, missing or unknown. Reads no secret.

    `mailbox` is the address of the mailbox in Exchange Online; `base_url` is for other clouds
    (https://learn.microsoft.com/graph/deployments).
    """
    options.known("mailbox", "oauth", "base_url", "ca_file", *SCOPE)
    if "@" not in options.text("mailbox"):
        raise SettingsError("The option mailbox must be the address of a mailbox, as in debiteuren@firma.example.")
    service = urlsplit(options.text("base_url", "") or GLOBAL_SERVICE)
    if not service.hostname or (service.scheme != "https" and not is_loopback(service.hostname)):
        raise SettingsError("The option base_url must begin with https://, as in https://graph.microsoft.com/v1.0.")
    options.text("ca_file", "")
    options.scope()
    check_oauth(options.nested("oauth"), Provider.MICROSOFT)


def open_source(name: str, options: Options, settings: Settings, memory: Memory) -> GraphSource:
    """The mailbox `name`, not yet connected. Raises `MailboxSignInRefused` without its secret."""
    return GraphSource(_settings(name, options, settings), memory)


def open_sign_in(name: str, options: Options, settings: Settings) -> SignIn:
    """How a person signs in for the mailbox. Raises `SettingsError` where nobody has to."""
    return oauth_options.open_sign_in(
        options.nested("oauth"), Provider.MICROSOFT, Use.GRAPH, name, options.text("mailbox"), settings
    )


def examine(name: str, options: Options, settings: Settings, memory: Memory, write: bool) -> Iterator[Finding]:
    """Step by step what works and what an administrator must grant; `write`: a draft is made and taken away again."""
    return graph_check.findings(_settings(name, options, settings), memory, write)


def _settings(name: str, options: Options, settings: Settings) -> GraphSettings:
    address = options.text("mailbox")
    return GraphSettings(
        name=name,
        address=address,
        tokens=open_tokens(options.nested("oauth"), Provider.MICROSOFT, Use.GRAPH, name, address, settings),
        scope=options.scope(),
        base_url=options.text("base_url", "") or GLOBAL_SERVICE,
        ca_file=options.path("ca_file", ""),
        max_bytes=settings.max_mail_megabytes * 1024 * 1024,
        look_every=settings.poll_seconds,
        notify_url=settings.public_url.rstrip("/") + NOTIFICATIONS_PATH if settings.public_url else "",
    )
