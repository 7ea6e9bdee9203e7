"""How a form names a record: "dispute:12"."""

from inbox_agent.domain.taxonomy import RecordType
from web.errors import RequestUnreadable

_KINDS = {kind.value for kind in RecordType}


def record_key(text: str) -> tuple[RecordType, int]:
    """The record's type and id. Raises `RequestUnreadable`."""
    kind, _, number = text.partition(":")
    if kind not in _KINDS or not (number.isascii() and number.isdigit()) or len(number) > 10:
        raise RequestUnreadable
    return RecordType(kind), int(number)
