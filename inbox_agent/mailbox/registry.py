"""Which kinds of mailbox there are, and how one is opened from the options in its row. One line a kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox import folder_options, imap_options
from inbox_agent.mailbox.oauth import SignIn
from inbox_agent.mailbox.options import Options
from inbox_agent.mailbox.source import MailSource
from inbox_agent.settings import Settings


@dataclass(frozen=True, slots=True)
class Kind:
    """How options of one kind are checked, and how a mailbox of it is opened and signed in to (name, options, settings)."""

    validate: Callable[[Options], None]
    open: Callable[[str, Options, Settings], MailSource]
    sign_in: Callable[[str, Options, Settings], SignIn] | None = None


def open_source(kind: str, name: str, options: Mapping[str, Any], settings: Settings) -> MailSource:
    """The mailbox `name`, not yet connected. Raises `SettingsError`, or `MailboxSignInRefused` without its password."""
    found = _kind(kind)
    found.validate(Options(options))
    return found.open(name, Options(options), settings)


def open_sign_in(kind: str, name: str, options: Mapping[str, Any], settings: Settings) -> SignIn:
    """How a person signs in for the mailbox `name`. Raises `SettingsError` where nobody has to, else as `open_source`."""
    found = _kind(kind)
    found.validate(Options(options))
    if found.sign_in is None:
        raise SettingsError(f"Nobody signs in for mailbox {name}: mailboxes of the kind {kind} need no sign-in.")
    return found.sign_in(name, Options(options), settings)


def validate(kind: str, options: Mapping[str, Any]) -> None:
    """Raises `SettingsError` that names the first wrong, missing or unknown option. Looks nowhere and reads no secret."""
    _kind(kind).validate(Options(options))


def _kind(kind: str) -> Kind:
    try:
        return KINDS[kind]
    except KeyError:
        raise SettingsError(f"There is no mailbox kind {kind!r}. There are: {', '.join(KINDS)}.") from None


KINDS: dict[str, Kind] = {
    "folder": Kind(folder_options.validate, folder_options.open_source),
    "imap": Kind(imap_options.validate, imap_options.open_source, imap_options.open_sign_in),
}
"""Every kind of `records.MailboxKind`, which this package may not import; a test compares the two."""
