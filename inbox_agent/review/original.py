"""Where original mail lies, for a role that knows only its settings: `detail.attachment` and `detail.raw` ask for it."""

from pathlib import Path

from inbox_agent.records.raw_mail import RawStore as RawStore


def raw_store(folder: Path | None) -> RawStore:
    """The store of a raw folder, or of the database (None)."""
    return RawStore(folder)
