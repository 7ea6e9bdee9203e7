"""Which kinds of mailbox there are, and how one is opened from the options in its row. One line a kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox.credentials import check_reference, secret
from inbox_agent.mailbox.folder import FolderSource
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.imap_connection import ImapSettings
from inbox_agent.mailbox.options import Options
from inbox_agent.mailbox.security import Security, require_encryption
from inbox_agent.mailbox.smtp import SmtpSettings
from inbox_agent.mailbox.source import MailSource
from inbox_agent.settings import Settings

_IMAP_PORTS = {Security.IMPLICIT: 993, Security.STARTTLS: 143, Security.NONE: 143}
_SMTP_PORTS = {Security.IMPLICIT: 465, Security.STARTTLS: 587, Security.NONE: 25}


@dataclass(frozen=True, slots=True)
class Kind:
    """How options of one kind are checked, and how a mailbox of it is opened (name, options, settings)."""

    validate: Callable[[Options], None]
    open: Callable[[str, Options, Settings], MailSource]


def open_source(kind: str, name: str, options: Mapping[str, Any], settings: Settings) -> MailSource:
    """The mailbox `name`, not yet connected. Raises `SettingsError`, or `MailboxSignInRefused` without its password."""
    found = _kind(kind)
    found.validate(Options(options))
    return found.open(name, Options(options), settings)


def validate(kind: str, options: Mapping[str, Any]) -> None:
    """Raises `SettingsError` that names the first wrong, missing or unknown option. Looks nowhere and reads no secret."""
    _kind(kind).validate(Options(options))


def _kind(kind: str) -> Kind:
    try:
        return KINDS[kind]
    except KeyError:
        raise SettingsError(f"There is no mailbox kind {kind!r}. There are: {', '.join(KINDS)}.") from None


def _validate_folder(options: Options) -> None:
    options.known("path")
    options.text("path")


def _open_folder(name: str, options: Options, settings: Settings) -> MailSource:
    return FolderSource(Path(options.text("path")).expanduser(), _max_bytes(settings))


def _validate_imap(options: Options) -> None:
    options.known("host", "port", "security", "user", "password", "folder", "sent_folder", "ca_file", "smtp")
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
    for optional in ("folder", "sent_folder", "ca_file"):
        options.text(optional, "")


def _open_imap(name: str, options: Options, settings: Settings) -> MailSource:
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
            folder=options.text("folder", "") or "INBOX",
            sent_folder=options.text("sent_folder", ""),
            ca_file=ca_file,
            mailbox=name,
            max_bytes=_max_bytes(settings),
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


def _max_bytes(settings: Settings) -> int:
    return settings.max_mail_megabytes * 1024 * 1024


KINDS: dict[str, Kind] = {
    "folder": Kind(_validate_folder, _open_folder),
    "imap": Kind(_validate_imap, _open_imap),
}
"""Every kind of `records.MailboxKind`, which this package may not import; a test compares the two."""
