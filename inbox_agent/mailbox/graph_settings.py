"""What a Microsoft 365 mailbox is opened with."""

from dataclasses import dataclass, field
from pathlib import Path

from inbox_agent.mailbox.oauth import TokenSource
from inbox_agent.mailbox.options import Scope

GLOBAL_SERVICE = "https://graph.microsoft.com/v1.0"
"""Other clouds: https://learn.microsoft.com/graph/deployments"""


@dataclass(frozen=True, slots=True)
class GraphSettings:
    """`name` is the product's name of the mailbox, `address` its mail address. Sizes in bytes, times in seconds.

    `look_every`: longest rest between two looks, whatever the caller would wait. `page` is how many messages one answer lists.
    `notify_url` is where the service can reach our pages for change notifications; "" for none.
    """

    name: str
    address: str
    tokens: TokenSource = field(repr=False)
    scope: Scope = field(default_factory=Scope)
    base_url: str = GLOBAL_SERVICE
    ca_file: Path | None = None
    max_bytes: int = 60 * 1024 * 1024
    timeout: float = 60.0
    look_every: float = 15.0
    page: int = 200
    notify_url: str = ""
