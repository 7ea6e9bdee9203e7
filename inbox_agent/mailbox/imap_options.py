"""What a mailbox on an IMAP server is opened with: its options, and the secrets that they point to."""

from inbox_agent.mailbox.credentials import check_reference, secret
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.imap_connection import ImapSettings
from inbox_agent.mailbox.options import SCOPE, Options
from inbox_agent.mailbox.security import Security, require_encryption
from inbox_agent.mailbox.smtp import SmtpSettings
from inbox_agent.settings import Settings

_IMAP_PORTS = {Security.IMPLICIT: 993, Security.STARTTLS: 143, Security.NONE: 143}
_SMTP_PORTS = {Security.IMPLICIT: 465, Security.STARTTLS: 587, Security.NONE: 25}


def validate(options: Options) -> None:
    """Raises `SettingsError` for the first option that is wrong, missing or unknown. Reads no secret."""
    options.known("host", "port", "security", "user", "password", "sent_folder", "ca_file", "smtp", *SCOPE)
    outgoing = options.nested("smtp")
    outgoing.known("host", "port", "security", "user", "password")
    for server, ports, usual in (
        (options, _IMAP_PORTS, Security.IMPLICIT),
        (outgoing, _SMTP_PORTS, Security.STARTTLS),
    ):
        security = server.security(usual)
        require_encryption(security, server.text("host"))
        server.port(ports[security])
    options.text("user")
    check_reference(options.text("password"))
    if outgoing.text("user", ""):
        check_reference(outgoing.text("password"))
    for optional in ("sent_folder", "ca_file"):
        options.text(optional, "")
    options.scope()


def open_source(name: str, options: Options, settings: Settings) -> ImapSource:
    """The mailbox `name`, not yet connected. Raises `MailboxSignInRefused` without its password."""
    outgoing = options.nested("smtp")
    security, outgoing_security = options.security(Security.IMPLICIT), outgoing.security(Security.STARTTLS)
    password_from, user = options.text("password"), outgoing.text("user", "")
    outgoing_password_from = outgoing.text("password") if user else ""
    ca_file = options.path("ca_file", "")
    return ImapSource(
        ImapSettings(
            host=options.text("host"),
            port=options.port(_IMAP_PORTS[security]),
            security=security,
            user=options.text("user"),
            password=secret(password_from, settings),
            password_from=password_from,
            folder=(options.scope().folders or ("INBOX",))[0],
            sent_folder=options.text("sent_folder", ""),
            ca_file=ca_file,
            mailbox=name,
            max_bytes=settings.max_mail_megabytes * 1024 * 1024,
            smtp=SmtpSettings(
                host=outgoing.text("host"),
                port=outgoing.port(_SMTP_PORTS[outgoing_security]),
                security=outgoing_security,
                user=user,
                password=secret(outgoing_password_from, settings) if user else "",
                password_from=outgoing_password_from,
                ca_file=ca_file,
                mailbox=name,
            ),
        )
    )
