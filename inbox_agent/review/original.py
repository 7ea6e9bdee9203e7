"""Where original mail lies, for a role that knows only its settings: `detail.attachment` and `detail.raw` ask for it."""

from inbox_agent.records.raw_mail import RawStore as RawStore
