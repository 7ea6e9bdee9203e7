"""What a run of the fault suite is to do: how much of each mischief, in which order."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Mischief(StrEnum):
    """What is done to the worker and its surroundings while mail comes in."""

    KILL = "worker killed (SIGKILL)"
    RESTART = "Dovecot restarted"
    CUT = "connection reset in the middle of a FETCH"
    RENUMBER = "UIDVALIDITY changed, every UID new"
    FULL = "disk full (EFBIG at every write)"
    LOCKED = "database locked beyond the busy time-out"


@dataclass(frozen=True, slots=True)
class Plan:
    """`minutes`: when they are over, no further mail or mischief comes; what came is finished and counted.

    `graph_replies` leave through Microsoft Graph, each answering a mail of its own; `replies` through SMTP.
    `database_url` "" is SQLite in the run's own folder, else an empty PostgreSQL database.
    """

    mails: int
    kills: int
    replies: int
    graph_replies: int = 0
    seed: int = 1
    minutes: float = 60
    database_url: str = ""
    classifier: str = "phrases"

    @property
    def mischief(self) -> list[Mischief]:
        """In the order in which it is to happen: the same for the same seed."""
        counts = {
            Mischief.KILL: self.kills,
            Mischief.RESTART: 1 + self.kills // 10,
            Mischief.CUT: 1 + self.kills // 4,
            Mischief.RENUMBER: 1 + min(4, self.kills // 5),
            Mischief.FULL: self.kills // 5 if not self.database_url else 0,
            Mischief.LOCKED: self.kills // 5,
        }
        counts[Mischief.FULL], counts[Mischief.LOCKED] = min(5, counts[Mischief.FULL]), min(5, counts[Mischief.LOCKED])
        order = [kind for kind, times in counts.items() for _ in range(times)]
        Random(self.seed).shuffle(order)
        return order

    @property
    def delivery_kills(self) -> int:
        """Kills while replies leave, beside those while mail comes in."""
        return 0 if not self.replies else 1 + self.kills // 5
