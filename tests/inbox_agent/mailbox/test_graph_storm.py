"""Everything goes wrong at random, at the service and between it and us: no reply leaves twice, none is lost, no draft stays,
and no mail comes twice or never."""

import random
from collections import Counter
from contextlib import suppress

import pytest
from factories.graph_mailbox import Recorded, settings_of

from inbox_agent.bench.graph_box import Fault
from inbox_agent.domain.errors import MailboxError, ReplyRefused, ReplyUncertain
from inbox_agent.mailbox.graph import GraphSource
from inbox_agent.mailbox.graph_reply import STAMP
from inbox_agent.mailbox.source import Departed

REPLIES, MAILS = 40, 80


@pytest.fixture
def source(graph):
    box = graph.box()
    made = GraphSource(settings_of(graph, box, page=7), Recorded())
    made._client._sleep = lambda seconds: None
    made.box = box
    yield made
    made.close()


def a_fault(chance: random.Random) -> Fault:
    """One that a request meets in the next moments, whatever it asks."""
    method, path = chance.choice(
        [("POST", "/send"), ("POST", "/send"), ("POST", "/createReply"), ("PATCH", "/messages/"), ("GET", "/messages"), ("DELETE", "/messages/")]
    )  # fmt: skip
    status = chance.choice([429, 500, 502, 503, 504])
    return Fault(method, path, status, retry_after="1", accepted=chance.random() < 0.5 and status != 429)


@pytest.mark.parametrize("seed", [1, 2])
def test_replies(source, mail, seed):
    chance = random.Random(seed)
    box = source.box
    question = box.deliver(mail("vraag"))
    ended = Counter()
    for number in range(REPLIES):
        name = f"<antwoord-{number}@halvermaan.example>"
        raw = (
            f"To: k@example.org\r\nSubject: Re {number}\r\nMessage-ID: {name}\r\nX-Inbox-Agent: {name}\r\n\r\nGoed.\r\n"
        )
        box.sent_lag = chance.choice([0, 0, 3, 12])
        box.keeps_message_id, box.renames_at_sending = chance.random() < 0.5, chance.random() < 0.3
        for _ in range(20):  # a person sends it again until it is known to have left
            box.faults = [a_fault(chance) for _ in range(chance.choice([0, 1, 1, 2]))]
            try:
                source.put_reply(raw.encode(), name, "d@h.example", ("k@example.org",), question.item_id)
                ended["sent"] += 1
                break
            except ReplyRefused:
                ended["refused"] += 1
            except ReplyUncertain:
                ended["uncertain"] += 1
                box.faults = []
                if source.has_reply(name):
                    break
    box.faults = []
    left = Counter(item.properties[STAMP] for item in box.sent)
    assert left == Counter(f"<antwoord-{number}@halvermaan.example>" for number in range(REPLIES))
    assert [item for item in box.listed() if item.is_draft] == []
    assert ended["refused"] > 5
    assert ended["uncertain"] > 1


@pytest.mark.parametrize("seed", [1, 2])
def test_mail(graph, source, mail, seed):
    """The caller stores each mail with its cursor, as intake does; passes break off anywhere and positions are forgotten."""
    chance = random.Random(seed)
    box, memory = source.box, source._memory
    stored, cursor, delivered = Counter(), "", []
    while len(delivered) < MAILS or set(stored) != set(delivered):
        if len(delivered) < MAILS:
            box.delta_lag = chance.choice([0, 0, 2])
            delivered += [box.deliver(mail(f"nr-{len(delivered)}")).item_id for _ in range(chance.randrange(6))]
        box.newest_first = chance.random() < 0.5
        if chance.random() < 0.1:
            graph.expire_tokens()
        if chance.random() < 0.5:
            fault = Fault("GET", chance.choice(["/delta", "/$value", "mailFolders/"]), chance.choice([429, 503, 500]))
            fault.cut, fault.retry_after = chance.random() < 0.3, "1"
            box.faults = [fault]
        with suppress(MailboxError):
            for number, item in enumerate(source.fetch_since(cursor)):
                if not isinstance(item, Departed) and item.source_key not in memory.kept:
                    assert not item.problem
                    stored[item.source_key] += 1
                    memory.kept[item.source_key] = item.folder
                cursor = item.cursor
                if number > 3 and chance.random() < 0.1:
                    break  # killed
    assert set(stored.values()) == {1}
    assert len(stored) == len(delivered)
