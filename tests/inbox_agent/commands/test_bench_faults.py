"""The plan of the fault suite, the wire that it cuts, and that a broken promise is said."""

import socket
import threading
from collections import Counter
from dataclasses import replace

import pytest
from rich.console import Console

from inbox_agent.bench.arrival import Arrival
from inbox_agent.bench.faults import Outcome
from inbox_agent.bench.faults_plan import Mischief, Plan
from inbox_agent.bench.faults_tally import MailTally, ReplyTally
from inbox_agent.bench.wire import Wire
from inbox_agent.commands.bench_faults import show

PLAN = Plan(mails=10_000, kills=100, replies=1000)
KEPT = Outcome(
    plan=PLAN,
    delivered=10_000,
    seconds=60,
    done={Mischief.KILL.value: 100},
    ended_alone=0,
    mail=MailTally(10_000, 0, 0, 0, 0, {"triaged": 9_999, "parked": 1}, {"Too large": 1}, 0),
    replies=ReplyTally(1000, {"delivered": 990, "uncertain": 10}, 995, 0, 0, 0, 0, 0, 5),
    graph_mail=None,
    graph_replies=None,
)


def test_a_seed_does_the_same_in_the_same_order() -> None:
    assert PLAN.mischief == replace(PLAN).mischief
    assert PLAN.mischief != replace(PLAN, seed=2).mischief
    assert Counter(PLAN.mischief) == {
        Mischief.KILL: 100,
        Mischief.CUT: 26,
        Mischief.RESTART: 11,
        Mischief.RENUMBER: 5,
        Mischief.FULL: 5,
        Mischief.LOCKED: 5,
    }
    assert Mischief.FULL not in replace(PLAN, database_url="postgresql://h/d").mischief


def test_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    show(KEPT, Console(width=120))
    said = capsys.readouterr().out
    assert "Every promise held." in said
    assert "Too large" in said


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (replace(KEPT, mail=replace(KEPT.mail, lost=2)), "BROKEN: lost: 2"),
        (replace(KEPT, replies=replace(KEPT.replies, sent_twice=1)), "BROKEN: replies sent twice: 1"),
        (replace(KEPT, graph_replies=replace(KEPT.replies, denied=1), graph_mail=KEPT.mail), "BROKEN: Graph, replies denied: 1"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_said(broken: Outcome, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    show(broken, Console(width=120))
    assert words in capsys.readouterr().out
    assert broken.as_json()["broken"]


def test_the_url_of_the_database_is_not_told() -> None:
    assert "secret" not in str(replace(KEPT, plan=replace(PLAN, database_url="postgresql://u:secret@h/d")).as_json())


def test_limits_of_the_arrival() -> None:
    assert Arrival(60, 0.5, 0.9, 0.8, 1.4, 1.9, 60).missed == []
    assert Arrival(60, 0.5, 1.2, 0.8, 1.4, 2.0, 60).missed == ["arrival p95 1.20 s", "idle 2.0 %"]


def test_a_wire_is_cut_once_in_the_middle_of_an_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Wire(server.getsockname()[1]) as wire:

        def serve() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                with connection:
                    connection.recv(100)
                    connection.sendall(b"* 1 FETCH (" + b"x" * 5000)

        threading.Thread(target=serve, daemon=True).start()
        wire.cut()
        assert b"FETCH" in (first := _asked(wire.port))
        assert len(first) < 100
        assert len(_asked(wire.port)) > 5000
        assert wire.cuts == 1


def _asked(port: int) -> bytes:
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"a FETCH 1\r\n")
        try:
            while chunk := connection.recv(10_000):
                got += chunk
        except ConnectionResetError:
            pass
    return got
