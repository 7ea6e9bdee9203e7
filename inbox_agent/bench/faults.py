"""The fault suite: nothing is lost, stored twice or sent twice, whatever is killed, cut, full or locked meanwhile.

Real Dovecot, real SMTP, a double of Microsoft Graph, a real worker process on a real database. The same seed does the same mischief in the same order;
when exactly it strikes depends on the machine.
"""

import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inbox_agent.bench import faults_graph, faults_mail, faults_replies, faults_tally
from inbox_agent.bench.faults_mail import Show
from inbox_agent.bench.faults_plan import Plan
from inbox_agent.bench.faults_scene import Scene
from inbox_agent.bench.faults_tally import MailTally, ReplyTally


@dataclass(frozen=True, slots=True)
class Outcome:
    """`done`: how often each mischief happened. `ended_alone`: how often the worker ended without being killed."""

    plan: Plan
    delivered: int
    seconds: float
    done: dict[str, int]
    ended_alone: int
    mail: MailTally
    replies: ReplyTally
    graph_mail: MailTally | None
    graph_replies: ReplyTally | None

    @property
    def broken(self) -> list[str]:
        """The promises that did not hold; empty: all did."""
        graph = [
            f"Graph, {one}"
            for tally in (self.graph_mail, self.graph_replies)
            if tally is not None
            for one in tally.broken
        ]
        return [*self.mail.broken, *self.replies.broken, *graph]

    def as_json(self) -> dict[str, Any]:
        """All of it, with `broken`; the database's URL may hold a password and is left out."""
        told = asdict(self)
        told["plan"].pop("database_url")
        return {**told, "broken": self.broken}


def run(plan: Plan, show: Show) -> Outcome:
    """Plays the plan. Raises `InboxAgentError` when Dovecot is missing."""
    with tempfile.TemporaryDirectory(prefix="inbox-agent-faults-") as folder, Scene(Path(folder), plan) as scene:
        done = {kind.value: times for kind, times in faults_mail.arrive(scene, show).items()}
        kills = faults_replies.leave(scene, show)
        done["worker killed while replies left"] = kills
        answered = faults_graph.leave(scene, show) if plan.graph_replies else []
        scene.stop_worker()
        return Outcome(
            plan=plan,
            delivered=len(scene.delivered),
            seconds=time.monotonic() - scene.began,
            done=done,
            ended_alone=scene.ended_alone,
            mail=faults_tally.of_mail(scene),
            replies=faults_tally.of_replies(scene),
            graph_mail=faults_tally.of_graph_mail(scene, answered) if answered else None,
            graph_replies=faults_tally.of_graph_replies(scene) if answered else None,
        )
