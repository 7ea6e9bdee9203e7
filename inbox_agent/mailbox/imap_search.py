"""UIDs that a search finds in the open folder, asked for in portions that a server's answer line can hold."""

from collections.abc import Iterator
from datetime import date, timedelta

from imapclient import IMAPClient

from inbox_agent.mailbox.imap_account import Mark
from inbox_agent.mailbox.imap_position import LAST_UID

_AT_ONCE = 50_000
"""imaplib refuses an answer line of a million bytes; 50 000 UIDs take half of that."""


def search_uids(client: IMAPClient, low: int, high: int, mark: Mark, since: date | None = None) -> Iterator[list[int]]:
    """UIDs from `low` to `high` that arrived on `since` or later, or the day before, ascending, in portions.

    The server's days are those of its own time zone (RFC 3501, 6.4.4): who needs UTC days looks again. `n:*` always holds
    the last mail, also when its UID is below n (RFC 3501, 6.4.8): it is left out.
    """
    if low > high or mark.count == 0 or (mark.next_uid and mark.next_uid <= low):
        return
    when = ["SINCE", since - timedelta(days=1)] if since else []
    last = min(high, mark.next_uid - 1) if mark.next_uid else high
    if mark.count <= _AT_ONCE or not mark.next_uid:
        upto = "*" if last == LAST_UID else str(last)
        yield sorted(uid for uid in client.search(["UID", f"{low}:{upto}", *when]) if low <= uid <= high)
        return
    for start in range(low, last + 1, _AT_ONCE):
        end = min(start + _AT_ONCE - 1, last)
        found = client.search(["UID", f"{start}:{end}", *when])
        yield sorted(uid for uid in found if start <= uid <= end)


def find_message(client: IMAPClient, message_id: str) -> list[int]:
    """UIDs with this Message-ID in the open folder. The brackets keep `<1@x>` from finding `<11@x>`."""
    bare = message_id.strip().strip("<>")
    return list(client.search(["HEADER", "Message-ID", f"<{bare}>"]))
