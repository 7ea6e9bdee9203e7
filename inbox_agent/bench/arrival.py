"""How soon a mail that arrives is in the queue, and what a worker costs that has nothing to do."""

import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select

from inbox_agent import db
from inbox_agent.bench.faults_plan import Plan
from inbox_agent.bench.faults_scene import USER, Scene
from inbox_agent.domain.errors import InboxAgentError
from inbox_agent.records.mail import StoredMail

ARRIVAL_LIMIT, IDLE_LIMIT = 1.0, 2.0
"""Seconds of p95 until it is in the queue; per cent of one core."""

_WARM_UP = 5
_START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """Seconds from the mail server's 250 until the mail is in the queue, and until its reading is there as well. `idle` is
    the worker's CPU time, user and system, in per cent of one core."""

    mails: int
    queued_p50: float
    queued_p95: float
    read_p50: float
    read_p95: float
    idle: float
    idle_seconds: float

    @property
    def missed(self) -> list[str]:
        """The limits that were not met."""
        late = [f"arrival p95 {self.queued_p95:.2f} s"] if self.queued_p95 > ARRIVAL_LIMIT else []
        return late + ([f"idle {self.idle:.1f} %"] if self.idle >= IDLE_LIMIT else [])


def run(mails: int, idle_seconds: float, classifier: str, database_url: str) -> Arrival:
    """Measures on a private Dovecot with IDLE. Raises `InboxAgentError` when Dovecot is missing or mail does not come in."""
    plan = Plan(mails=mails, kills=0, replies=0, database_url=database_url, classifier=classifier)
    with tempfile.TemporaryDirectory(prefix="inbox-agent-arrival-") as folder, Scene(Path(folder), plan) as scene:
        scene.environment["INBOX_AGENT_POLL_SECONDS"] = "60"  # so that only IDLE can be in time
        scene.work()
        at: dict[str, datetime] = {}
        for _ in range(mails + _WARM_UP):
            arrived = _deliver(scene)
            at[scene.delivered[-1]] = arrived
        time.sleep(5)
        idle = _idle(scene, idle_seconds)
        measured = set(scene.delivered[_WARM_UP:])
        wanted = select(StoredMail.message_id, StoredMail.fetched_at, StoredMail.triaged_at)
        with db.reading(scene.engine) as session:
            rows = [row for row in session.exec(wanted) if row[0] in measured]
    queued = statistics.quantiles([(fetched - at[key]).total_seconds() for key, fetched, _ in rows], n=20)
    read = statistics.quantiles([(done - at[key]).total_seconds() for key, _, done in rows if done], n=20)
    return Arrival(len(rows), queued[9], queued[18], read[9], read[18], idle, idle_seconds)


def _deliver(scene: Scene) -> datetime:
    """One mail, through LMTP; returns when the server had it, once it was read."""
    scene.dovecot.deliver(USER, scene.letter())
    at, until = datetime.now(UTC), time.monotonic() + _START_SECONDS
    while scene.counted()[1] < len(scene.delivered):
        scene.work()
        if time.monotonic() > until:
            raise InboxAgentError(f"Mail {len(scene.delivered)} was not read within {_START_SECONDS:.0f} seconds.")
        time.sleep(0.05)
    # Not in step with anything that the worker does by the clock.
    time.sleep(scene.chance.uniform(0.1, 0.9))
    return at


def _idle(scene: Scene, seconds: float) -> float:
    assert scene.worker is not None
    before, began = _cpu_seconds(scene.worker.pid), time.monotonic()
    time.sleep(seconds)
    return 100 * (_cpu_seconds(scene.worker.pid) - before) / (time.monotonic() - began)


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children that ended (proc(5): fields 14 to 17 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
