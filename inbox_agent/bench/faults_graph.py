"""Replies leave through Microsoft Graph, whose service refuses and throttles at random: before it did what was asked, or after."""

from random import Random

from inbox_agent.bench import faults_replies
from inbox_agent.bench.faults_mail import PATIENCE, Show
from inbox_agent.bench.faults_scene import GRAPH_ADDRESS, Scene, letter
from inbox_agent.bench.graph_box import Fault

_ASKED = [("POST", "/send"), ("POST", "/send"), ("POST", "/createReply"), ("PATCH", "/messages/"), ("GET", "/messages")]
_STATUSES = [429, 500, 502, 503, 504]


def leave(scene: Scene, show: Show) -> list[str]:
    """All Graph replies of the plan, each to a mail of its own. Returns the Message-IDs of those mails."""
    count, before = scene.plan.graph_replies, scene.counted()[0]
    delivered = []
    for number in range(count):
        message_id, raw = letter(number, scene.plan.seed, GRAPH_ADDRESS)
        scene.graph.deliver(scene.box, raw)
        delivered.append(message_id)
        if number % 10 == 0:
            scene.box.faults = [a_fault(scene.chance)]

    def is_done() -> bool:
        stored, settled = scene.counted()
        show("mail comes in through Graph", stored - before, count)
        return stored >= before + count and settled == stored

    scene.settle(is_done, scene.counted, PATIENCE)

    def disturb() -> None:
        scene.box.sent_lag = scene.chance.choice([0, 0, 3, 12])
        scene.box.faults = [a_fault(scene.chance) for _ in range(scene.chance.choice([0, 1, 1, 2]))]

    faults_replies.answer(scene, scene.graph_mailbox_id, count, show, disturb)
    return delivered


def a_fault(chance: Random) -> Fault:
    """One that a request meets in the next moments; half of the refusals come after the request was carried out."""
    method, path = chance.choice(_ASKED)
    status = chance.choice(_STATUSES)
    return Fault(method, path, status, retry_after="1", accepted=chance.random() < 0.5 and status != 429)
