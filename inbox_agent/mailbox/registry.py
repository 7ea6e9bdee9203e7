"""Which kinds of mailbox there are, and how one is opened from the options in its row. One line a kind."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox import folder_options, graph_options, imap_options
from inbox_agent.mailbox.graph_check import Finding
from inbox_agent.mailbox.memory import Memory, NoMemory
from inbox_agent.mailbox.oauth import SignIn
from inbox_agent.mailbox.options import Options
from inbox_agent.mailbox.source import MailSource
from inbox_agent.settings import Settings


@dataclass(frozen=True, slots=True)
class Kind:
    """How options of one kind are checked, and how a mailbox of it is opened and signed in to (name, options, settings).

    `examine` tells step by step what works, where a kind needs more than `MailSource.check`; its last argument says whether it
    may write.
    """

    validate: Callable[[Options], None]
    open: Callable[[str, Options, Settings, Memory], MailSource]
    sign_in: Callable[[str, Options, Settings], SignIn] | None = None
    examine: Callable[[str, Options, Settings, Memory, bool], Iterator[Finding]] | None = None


def open_source(
    kind: str, name: str, options: Mapping[str, Any], settings: Settings, memory: Memory | None = None
) -> MailSource:
    """The mailbox `name`, not yet connected; without `memory` to be looked at only.

    Raises `SettingsError`, or `MailboxSignInRefused` without its password.
    """
    found = _kind(kind)
    found.validate(Options(options))
    return found.open(name, Options(options), settings, memory or NoMemory())


def examine(
    kind: str, name: str, options: Mapping[str, Any], settings: Settings, memory: Memory, write: bool
) -> Iterator[Finding]:
    """What works of the mailbox `name` and what somebody has to do, as far as it goes. Raises `MailboxError` where its kind
    tells no more than that, and as `open_source`."""
    found = _kind(kind)
    found.validate(Options(options))
    if found.examine is not None:
        yield from found.examine(name, Options(options), settings, memory, write)
        return
    source = found.open(name, Options(options), settings, memory)
    try:
        yield Finding(True, source.check())
    finally:
        source.close()


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


def _forgetful(
    open_source: Callable[[str, Options, Settings], MailSource],
) -> Callable[[str, Options, Settings, Memory], MailSource]:
    """For a kind that needs to know nothing of what is kept."""
    return lambda name, options, settings, _memory: open_source(name, options, settings)


KINDS: dict[str, Kind] = {
    "folder": Kind(folder_options.validate, _forgetful(folder_options.open_source)),
    "imap": Kind(imap_options.validate, _forgetful(imap_options.open_source), imap_options.open_sign_in),
    "graph": Kind(graph_options.validate, graph_options.open_source, graph_options.open_sign_in, graph_options.examine),
}
"""Every kind of `records.MailboxKind`, which this package may not import; a test compares the two."""
