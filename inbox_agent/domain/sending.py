"""What holds for every reply that leaves, and the header that tells our own replies when they come back."""

from dataclasses import dataclass
from datetime import timedelta

OWN_HEADER = "X-Inbox-Agent"
"""On every reply that leaves. A mail that comes in with it is one of ours that came back (an alias, a list, a rule that
redirects), so nobody answers it. `Auto-Submitted` is for mail that no person sent (RFC 3834 §5): ours were approved by one."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SendingRules:
    """`hold`: how long an approved reply waits and can be taken back. `replies_per_hour`: at most so many replies leave a
    mailbox for one address within an hour; what wants more is a loop or a mistake."""

    hold: timedelta = timedelta(0)
    replies_per_hour: int = 10
