"""Mail arrives while everything around the worker fails, one thing after the other."""

import resource
import time
from collections import Counter
from collections.abc import Callable

import sqlalchemy as sa

from inbox_agent.bench.faults_plan import Mischief
from inbox_agent.bench.faults_scene import BUSY_SECONDS, USER, Scene

Show = Callable[[str, int, int], None]
"""Is told what is going on, how much of it is done, and of how much."""

_FULL_BEYOND = 16_384
"""Bytes: no file may be written beyond. Even an empty SQLite database is larger, and its log soon is."""

_SHARE = 0.7
"""Of the plan's time; the rest is for replies."""

_START_SECONDS = 60.0
"""A worker that is killed again before it did anything proves little; on a busy machine it needs a while."""

PATIENCE = 300.0
"""Seconds without progress until the rest counts as unfinished. The worker's sweeper looks for lost workflows after 120."""


def arrive(scene: Scene, show: Show) -> Counter[Mischief]:
    """All mails of the plan arrive, with all its mischief between them, and are read. Returns what was done."""
    plan, done = scene.plan, Counter[Mischief]()
    order = plan.mischief
    share = plan.mails // (len(order) + 1)
    for mischief in order:
        if scene.late(_SHARE):
            break
        scene.work()
        scene.deliver(share)
        scene.await_progress(1, _START_SECONDS)
        scene.await_progress(scene.chance.randint(0, 2 * share), seconds=20)
        time.sleep(scene.chance.uniform(0, 0.4))
        _DO[mischief](scene)
        done[mischief] += 1
        show(mischief.value, scene.counted()[1], plan.mails)
    if not scene.late(_SHARE):
        scene.deliver(plan.mails - len(scene.delivered))

    def is_done() -> bool:
        stored, settled = scene.counted()
        show("reading what is left", settled, len(scene.delivered))
        return stored >= len(scene.delivered) and settled == stored

    scene.settle(is_done, scene.counted, PATIENCE)
    return done


def _kill(scene: Scene) -> None:
    scene.kill_worker()
    scene.work()


def _full(scene: Scene) -> None:
    """The worker's own limit, and not a small file system: that would need root."""
    scene.work()
    assert scene.worker is not None
    soft, hard = resource.prlimit(scene.worker.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(scene.worker.pid, resource.RLIMIT_FSIZE, (_FULL_BEYOND, hard))
    scene.deliver(1)
    time.sleep(scene.chance.uniform(1, 4))
    if scene.worker.poll() is None:
        resource.prlimit(scene.worker.pid, resource.RLIMIT_FSIZE, (soft, hard))


def _locked(scene: Scene) -> None:
    with scene.engine.begin() as connection:
        if scene.engine.dialect.name == "postgresql":
            connection.execute(sa.text("LOCK TABLE mail IN ACCESS EXCLUSIVE MODE"))
        # On SQLite every transaction that is not for reading takes the lock when it begins.
        time.sleep(BUSY_SECONDS + 1.5)


_DO: dict[Mischief, Callable[[Scene], None]] = {
    Mischief.KILL: _kill,
    Mischief.RESTART: lambda scene: scene.dovecot.restart(),
    Mischief.CUT: lambda scene: scene.wire.cut(),
    Mischief.RENUMBER: lambda scene: scene.dovecot.renumber(USER),
    Mischief.FULL: _full,
    Mischief.LOCKED: _locked,
}
