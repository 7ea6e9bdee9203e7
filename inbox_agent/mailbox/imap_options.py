"""What a mailbox on an IMAP server is opened with: its options, and the secrets that they point to."""

from enum import StrEnum

from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox import oauth_options
from inbox_agent.mailbox.credentials import check_reference, secret
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.imap_connection import ImapSettings
from inbox_agent.mailbox.oauth import SignIn, TokenSource
from inbox_agent.mailbox.oauth_options import Provider, Use, check_oauth, open_tokens
from inbox_agent.mailbox.options import SCOPE, Options
from inbox_agent.mailbox.security import Security, require_encryption
from inbox_agent.mailbox.smtp import SmtpSettings
from inbox_agent.settings import Settings

_IMAP_PORTS = {Security.IMPLICIT: 993, Security.STARTTLS: 143, Security.NONE: 143}
_SMTP_PORTS = {Security.IMPLICIT: 465, Security.STARTTLS: 587, Security.NONE: 25}


class Auth(StrEnum):
    """How it is signed in to: both servers the same way."""

    PASSWORD = "password"
    MICROSOFT = "oauth_microsoft"
    GOOGLE = "oauth_google"


_PROVIDERS = {Auth.MICROSOFT: Provider.MICROSOFT, Auth.GOOGLE: Provider.GOOGLE}


def validate(options: Options) -> None:
    """Raises `SettingsError` for the first option that is wrong, missing or unknown. Reads no secret."""
    options.known(
        "host", "port", "security", "user", "auth", "password", "oauth", "sent_folder", "ca_file", "smtp", *SCOPE
    )
    outgoing = options.nested("smtp")
    outgoing.known("host", "port", "security", "user", "password")
    for server, ports, usual in (
        (options, _IMAP_PORTS, Security.IMPLICIT),
        (outgoing, _SMTP_PORTS, Security.STARTTLS),
    ):
        security = server.choice("security", usual)
        require_encryption(security, server.text("host"))
        server.port(ports[security])
    options.text("user")
    if provider := _PROVIDERS.get(options.choice("auth", Auth.PASSWORD)):
        check_oauth(options.nested("oauth"), provider)
    else:
        check_reference(options.text("password"))
        if outgoing.text("user", ""):
            check_reference(outgoing.text("password"), "smtp.password")
    for optional in ("sent_folder", "ca_file"):
        options.text(optional, "")
    options.scope()


def open_source(name: str, options: Options, settings: Settings) -> ImapSource:
    """The mailbox `name`, not yet connected. Raises `MailboxSignInRefused` without its password."""
    outgoing = options.nested("smtp")
    security, outgoing_security = (
        options.choice("security", Security.IMPLICIT),
        outgoing.choice("security", Security.STARTTLS),
    )
    user = outgoing.text("user", "")
    tokens = _tokens(name, options, settings)
    password_from = "" if tokens else options.text("password")
    outgoing_password_from = outgoing.text("password") if user and not tokens else ""
    ca_file = options.path("ca_file", "")
    return ImapSource(
        ImapSettings(
            host=options.text("host"),
            port=options.port(_IMAP_PORTS[security]),
            security=security,
            user=options.text("user"),
            password=secret(password_from, settings) if password_from else "",
            tokens=tokens,
            password_from=password_from,
            scope=options.scope(),
            sent_folder=options.text("sent_folder", ""),
            ca_file=ca_file,
            mailbox=name,
            max_bytes=settings.max_mail_megabytes * 1024 * 1024,
            smtp=SmtpSettings(
                host=outgoing.text("host"),
                port=outgoing.port(_SMTP_PORTS[outgoing_security]),
                security=outgoing_security,
                user=user,
                password=secret(outgoing_password_from, settings) if outgoing_password_from else "",
                tokens=tokens,
                password_from=outgoing_password_from,
                ca_file=ca_file,
                mailbox=name,
            ),
        )
    )


def open_sign_in(name: str, options: Options, settings: Settings) -> SignIn:
    """How a person signs in for the mailbox. Raises `SettingsError` where nobody has to."""
    provider = _PROVIDERS.get(options.choice("auth", Auth.PASSWORD))
    if provider is None:
        raise SettingsError(f"Mailbox {name} has a password, so nobody signs in for it. Set the option auth first.")
    return oauth_options.open_sign_in(options.nested("oauth"), provider, Use.MAIL, name, options.text("user"), settings)


def _tokens(name: str, options: Options, settings: Settings) -> TokenSource | None:
    provider = _PROVIDERS.get(options.choice("auth", Auth.PASSWORD))
    if provider is None:
        return None
    return open_tokens(options.nested("oauth"), provider, Use.MAIL, name, options.text("user"), settings)
