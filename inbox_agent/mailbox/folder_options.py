"""What a folder of .eml files as a mailbox is opened with."""

from pathlib import Path

from inbox_agent.mailbox.folder import FolderSource
from inbox_agent.mailbox.options import SCOPE, Options
from inbox_agent.settings import Settings


def validate(options: Options) -> None:
    """Raises `SettingsError` for the first option that is wrong, missing or unknown."""
    options.known("path", *SCOPE)
    options.text("path")
    options.scope()


def open_source(_name: str, options: Options, settings: Settings) -> FolderSource:
    """The mailbox, not yet looked at."""
    folder, max_bytes = Path(options.text("path")).expanduser(), settings.max_mail_megabytes * 1024 * 1024
    return FolderSource(folder, max_bytes, options.scope().start_on)
