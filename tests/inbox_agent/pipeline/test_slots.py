"""A worker's slot is a lock that dies with its process; who beats no more for a minute is dead, and is buried once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.pipeline import NOW
from sqlmodel import col, select

from inbox_agent import db
from inbox_agent.pipeline.slots import DEAD_AFTER, Slot, SlotLost
from inbox_agent.records.worker import WorkerSlot

_HOLD = """
import sys, time
from pathlib import Path
from inbox_agent import db
from inbox_agent.pipeline.slots import Slot
slot = Slot(db.create_engine(sys.argv[1]), Path(sys.argv[2]))
print(slot.number, flush=True)
time.sleep(600)
"""
"""Another worker: takes a slot, says which, and holds it until it is killed."""


@pytest.fixture
def claim(engine: sa.Engine, tmp_path: Path) -> Iterator[Callable[[], Slot]]:
    """Takes the lowest free slot; all that a test took are given back."""
    taken: list[Slot] = []

    def one() -> Slot:
        taken.append(Slot(engine, tmp_path / "locks"))
        return taken[-1]

    yield one
    for slot in taken:
        slot.release()


@pytest.fixture
def elsewhere(engine: sa.Engine, tmp_path: Path) -> Iterator[Callable[[], tuple[int, "subprocess.Popen[str]"]]]:
    """Lets another process take a slot; gives its number and the process."""
    processes: list[subprocess.Popen[str]] = []

    def one() -> tuple[int, "subprocess.Popen[str]"]:
        url = engine.url.render_as_string(hide_password=False)
        process = subprocess.Popen(
            [sys.executable, "-c", _HOLD, url, str(tmp_path / "locks")], stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        assert process.stdout is not None
        return int(process.stdout.readline()), process

    yield one
    for process in processes:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def beating(engine: sa.Engine) -> list[int]:
    """The slots that have a row."""
    with db.reading(engine) as session:
        return list(session.exec(select(WorkerSlot.slot).order_by(col(WorkerSlot.slot))))


def comes_free(claim: Callable[[], Slot], number: int) -> bool:
    """Whether this slot, the lowest free one, can be taken: PostgreSQL's server has to notice first who is gone."""
    deadline = time.monotonic() + 30
    while (slot := claim()).number != number and time.monotonic() < deadline:
        slot.release()
        time.sleep(0.05)
    return slot.number == number


def test_two_workers_have_slots_one_and_two(claim: Callable[[], Slot]) -> None:
    first, second = claim(), claim()
    assert (first.number, first.executor_id) == (1, "worker-1")
    assert (second.number, second.executor_id) == (2, "worker-2")


def test_a_slot_given_back_is_the_lowest_free_one(claim: Callable[[], Slot]) -> None:
    first, second, third = claim(), claim(), claim()
    second.release()
    assert comes_free(claim, 2)
    first.release()
    assert comes_free(claim, 1)
    assert third.number == 3


def test_a_slot_given_back_is_free_for_other_processes(claim: Callable[[], Slot], elsewhere) -> None:
    """The process that gave it back goes on, with its connections to the database."""
    claim().release()
    assert elsewhere()[0] == 1


def test_two_processes_have_two_slots(claim: Callable[[], Slot], elsewhere) -> None:
    assert (claim().number, elsewhere()[0], elsewhere()[0]) == (1, 2, 3)


def test_the_slot_of_a_killed_process_is_free_again(claim: Callable[[], Slot], elsewhere) -> None:
    number, process = elsewhere()
    assert (number, claim().number) == (1, 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert comes_free(claim, 1)


def test_a_beat_says_who_lives_and_since_when(engine: sa.Engine, claim: Callable[[], Slot]) -> None:
    slot = claim()
    assert beating(engine) == []
    slot.beat(NOW)
    slot.beat(NOW + timedelta(seconds=10))
    with db.reading(engine) as session:
        row = session.exec(select(WorkerSlot)).one()
    assert (row.slot, row.beat_at) == (1, NOW + timedelta(seconds=10))
    assert row.process.endswith(f":{os.getpid()}")


def test_who_did_not_beat_for_a_minute_is_dead(engine: sa.Engine, claim: Callable[[], Slot]) -> None:
    """Exactly a minute is not yet too long, and nobody is dead to themselves."""
    first, second, third = claim(), claim(), claim()
    first.beat(NOW - DEAD_AFTER - timedelta(seconds=1))
    second.beat(NOW - DEAD_AFTER)
    third.beat(NOW - timedelta(hours=1))
    assert second.dead(NOW) == ["worker-1", "worker-3"]
    assert third.dead(NOW) == ["worker-1"]
    assert first.dead(NOW) == ["worker-3"]


def test_a_buried_worker_is_no_longer_dead(engine: sa.Engine, claim: Callable[[], Slot]) -> None:
    first, second = claim(), claim()
    first.beat(NOW - timedelta(minutes=5))
    second.beat(NOW)
    second.bury("worker-1")
    assert (second.dead(NOW), beating(engine)) == ([], [2])
    second.bury("worker-1")  # another worker was faster
    first.beat(NOW)  # it was only slow
    assert (second.dead(NOW), beating(engine)) == ([], [1, 2])


def test_a_worker_that_ends_leaves_no_dead(engine: sa.Engine, claim: Callable[[], Slot]) -> None:
    first, second = claim(), claim()
    first.beat(NOW)
    second.beat(NOW)
    first.release()
    assert second.dead(NOW + timedelta(hours=1)) == []
    assert beating(engine) == [2]


# A server that was restarted

_SEVER = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def sever(engine: sa.Engine) -> None:
    """Ends the connections that hold a slot, as a restart of the server does."""
    with engine.connect() as connection:
        connection.execute(_SEVER)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_lock_that_ended_with_its_connection_is_taken_again(engine: sa.Engine, claim: Callable[[], Slot]) -> None:
    """Unnoticed, a second worker would get the same place, and with it the same executor id."""
    first = claim()
    sever(engine)
    first.beat(NOW)
    assert (first.number, claim().number) == (1, 2)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_who_lost_the_slot_to_another_worker_stops(engine: sa.Engine, claim: Callable[[], Slot]) -> None:
    first = claim()
    sever(engine)
    second = claim()
    second.beat(NOW)
    for _ in range(2):
        with pytest.raises(SlotLost, match="took over place 1 meanwhile"):
            first.beat(NOW)
    first.release()
    with db.reading(engine) as session:
        assert session.get(WorkerSlot, second.number) is not None, "the place is the other's"
