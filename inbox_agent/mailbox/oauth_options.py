"""The table `oauth` of a mailbox's options: who gives out its tokens, as whom, and with which secret. For IMAP and Graph alike.

Microsoft: `tenant`, `client_id`; `secret` (a reference) or `certificate` (a PEM file, with `certificate_password` as a reference if
its key is encrypted) for an application, neither for a person who signs in by code, as `account` where only one may;
`secret_expires_on`; `authority` and `resource` for other clouds. Google: `client_id`, `secret` and a person who signs in or
`refresh_token` (a reference); or `service_account` (its key file). `ca_file` for both.
"""

from datetime import UTC, datetime
from datetime import time as time_of_day
from enum import StrEnum
from urllib.parse import urlsplit

from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox.credentials import check_reference, secret
from inbox_agent.mailbox.google import Client, GoogleServiceTokens, GoogleTokens, TokenEndpoint, read_service_account
from inbox_agent.mailbox.microsoft import ApplicationTokens, DelegatedTokens, Registration
from inbox_agent.mailbox.microsoft_certificate import read_certificate
from inbox_agent.mailbox.oauth import SignIn, TokenSource
from inbox_agent.mailbox.options import Options
from inbox_agent.mailbox.token_cache import open_cache
from inbox_agent.settings import Settings


class Provider(StrEnum):
    """Who gives out tokens."""

    MICROSOFT = "microsoft"
    GOOGLE = "google"


class Use(StrEnum):
    """What the tokens are for: IMAP and SMTP, or Microsoft Graph."""

    MAIL = "mail"
    GRAPH = "graph"


_CLOUDS: dict[str, dict[Use, str]] = {
    "login.microsoftonline.com": {Use.MAIL: "https://outlook.office365.com", Use.GRAPH: "https://graph.microsoft.com"},
    "login.microsoftonline.us": {Use.MAIL: "https://outlook.office365.us", Use.GRAPH: "https://graph.microsoft.us"},
    "login.partner.microsoftonline.cn": {
        Use.MAIL: "https://partner.outlook.cn",
        Use.GRAPH: "https://microsoftgraph.chinacloudapi.cn",
    },
}
"""Sign-in server -> what tokens are asked for: https://learn.microsoft.com/graph/deployments. Others name `resource`."""

_PUBLIC = "https://login.microsoftonline.com"
_GOOGLE = "https://oauth2.googleapis.com/token"


def check_oauth(oauth: Options, provider: Provider) -> None:
    """Raises `SettingsError` for the first option that is wrong, missing or unknown. Looks nowhere and reads no secret."""
    required: tuple[str, ...]
    if provider is Provider.MICROSOFT:
        oauth.known(
            "tenant", "client_id", "secret", "certificate", "certificate_password", "secret_expires_on", "authority",
            "resource", "account", "ca_file",
        )  # fmt: skip
        required, references = ("tenant", "client_id"), ("secret", "certificate_password")
    else:
        oauth.known("client_id", "secret", "refresh_token", "service_account", "authority", "ca_file")
        required = () if oauth.text("service_account", "") else ("client_id", "secret")
        references = ("secret", "refresh_token")
    for name in required:
        oauth.text(name)
    for name in references:
        if reference := oauth.text(name, ""):
            check_reference(reference, f"oauth.{name}")
    for name in ("authority", "resource"):
        address = oauth.text(name, "")
        if address and (urlsplit(address).scheme != "https" or not urlsplit(address).hostname):
            raise SettingsError(f"The option oauth.{name} must be an address that begins with https://.")
    if oauth.text("secret", "") and oauth.text("certificate", ""):
        raise SettingsError(
            "An application has a secret or a certificate. Take oauth.secret or oauth.certificate away."
        )
    if not set(oauth.text("tenant", "")) <= _TENANT:
        raise SettingsError("The option oauth.tenant must be the directory's id, or a domain of yours.")
    oauth.day("secret_expires_on")


_TENANT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")


def open_tokens(
    oauth: Options, provider: Provider, use: Use, name: str, account: str, settings: Settings
) -> TokenSource:
    """Where the mailbox `name` gets its tokens; `account` is its address. Asks no network.

    Raises `MailboxSignInRefused` without its secret, `SettingsError` for a certificate or key file that cannot be used.
    """
    made: TokenSource = _open(oauth, provider, use, name, account, settings)
    return made


def open_sign_in(oauth: Options, provider: Provider, use: Use, name: str, account: str, settings: Settings) -> SignIn:
    """How a person signs in for the mailbox. Raises `SettingsError` where nobody has to, else as `open_tokens`."""
    made = _open(oauth, provider, use, name, account, settings)
    if isinstance(made, (DelegatedTokens, GoogleTokens)) and not oauth.text("refresh_token", ""):
        return made
    raise SettingsError(
        f"Mailbox {name} signs in by itself, with a secret, a certificate or a key. Nobody has to; "
        f"see whether it works: inbox-agent mailbox check {name}"
    )


def _open(
    oauth: Options, provider: Provider, use: Use, name: str, account: str, settings: Settings
) -> ApplicationTokens | DelegatedTokens | GoogleTokens | GoogleServiceTokens:
    if provider is Provider.GOOGLE:
        return _open_google(oauth, name, account, settings)
    return _open_microsoft(oauth, use, name, settings)


def _open_microsoft(oauth: Options, use: Use, name: str, settings: Settings) -> ApplicationTokens | DelegatedTokens:
    secret_from, path = oauth.text("secret", ""), oauth.path("certificate", "")
    password_from, ends_on = oauth.text("certificate_password", ""), oauth.day("secret_expires_on")
    authority = (oauth.text("authority", "") or _PUBLIC).rstrip("/")
    cloud = _CLOUDS.get(urlsplit(authority).hostname or "", _CLOUDS["login.microsoftonline.com"])
    resource = (oauth.text("resource", "") or cloud[use]).rstrip("/")
    proves_itself = bool(secret_from or path)
    registration = Registration(
        authority=authority,
        tenant=oauth.text("tenant"),
        client_id=oauth.text("client_id"),
        scopes=_scopes(resource, as_person=not proves_itself, use=use),
        mailbox=name,
        secret=secret(secret_from, settings) if secret_from else "",
        certificate=read_certificate(path, secret(password_from, settings) if password_from else "") if path else None,
        secret_ends_at=datetime.combine(ends_on, time_of_day(), UTC) if ends_on else None,
        ca_file=oauth.path("ca_file", ""),
    )
    if proves_itself:
        return ApplicationTokens(registration)
    return DelegatedTokens(registration, open_cache(settings, name), oauth.text("account", ""))


def _scopes(resource: str, as_person: bool, use: Use) -> tuple[str, ...]:
    """`.default` is all that was consented to. For IMAP a person's consent is asked for by name, refresh included by msal."""
    if as_person and use is Use.MAIL:
        return f"{resource}/IMAP.AccessAsUser.All", f"{resource}/SMTP.Send"
    return (f"{resource}/.default",)


def _open_google(oauth: Options, name: str, account: str, settings: Settings) -> GoogleTokens | GoogleServiceTokens:
    endpoint = TokenEndpoint(oauth.text("authority", "") or _GOOGLE, name, oauth.path("ca_file", ""))
    if path := oauth.path("service_account", ""):
        return GoogleServiceTokens(read_service_account(path), endpoint, account)
    client = Client(oauth.text("client_id"), secret(oauth.text("secret"), settings))
    given = oauth.text("refresh_token", "")
    return GoogleTokens(client, endpoint, open_cache(settings, name), account, secret(given, settings) if given else "")
