"""Worker slots: each worker holds one by a lock that dies with it, so that its unfinished work finds it again.

SQLite: an advisory file lock beside the database. PostgreSQL: a session-level advisory lock.
"""

import fcntl
import os
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import sqlalchemy as sa
import structlog
from sqlmodel import col, select

from inbox_agent import db
from inbox_agent.domain.errors import InboxAgentError, SettingsError
from inbox_agent.records.worker import WorkerSlot

log = structlog.get_logger()

_SLOTS = 64
_LOCK_SPACE = 0x494E4258
"""First key of our advisory locks on PostgreSQL: "INBX"."""

DEAD_AFTER = timedelta(seconds=60)


class SlotLost(InboxAgentError):
    """The database was away, and with it the lock; another worker has the slot now."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"The database was away and another worker took over place {number} meanwhile, so this one stops. Start it again."
        )


class Slot:
    """The lowest free slot, held until `release` or the end of the process.

    On PostgreSQL a lock ends with its connection, which a restart of the server ends: each beat looks, and takes the slot again.
    """

    def __init__(self, engine: sa.Engine, locks: Path) -> None:
        """Raises `SettingsError` when 64 workers run already."""
        self._engine = engine
        self._file: IO[str] | None = None
        self._connection: sa.Connection | None = None
        self._is_lost = False
        self.number = self._claim_file(locks) if engine.dialect.name == "sqlite" else self._claim_session()
        self.executor_id = f"worker-{self.number}"

    def beat(self, now: datetime, model_version: str = "", model_problem: str = "") -> None:
        """Says that this worker lives, and what it reads with. Raises `SlotLost`, or `DatabaseError` while it is away."""
        self._hold()
        with db.writing(self._engine) as session:
            process = f"{socket.gethostname()}:{os.getpid()}"
            row = WorkerSlot(
                slot=self.number,
                process=process,
                beat_at=now,
                model_version=model_version,
                model_problem=model_problem,
            )
            session.merge(row)

    def dead(self, now: datetime) -> list[str]:
        """Executor ids of other workers that have not been heard of for a minute."""
        with db.reading(self._engine) as session:
            old = select(WorkerSlot.slot).where(
                col(WorkerSlot.beat_at) < now - DEAD_AFTER, WorkerSlot.slot != self.number
            )
            return [f"worker-{slot}" for slot in session.exec(old)]

    def bury(self, executor_id: str) -> None:
        """Forgets a dead worker once its work was taken over."""
        with db.writing(self._engine) as session:
            row = session.get(WorkerSlot, int(executor_id.removeprefix("worker-")))
            if row is not None:
                session.delete(row)

    def release(self) -> None:
        """Gives the slot back; one that was lost is another's."""
        if not self._is_lost:
            self.bury(self.executor_id)
        if self._file is not None:
            self._file.close()
        if self._connection is not None:
            self._connection.close()

    def _claim_file(self, locks: Path) -> int:
        locks.mkdir(parents=True, exist_ok=True)
        for number in range(1, _SLOTS + 1):
            file = (locks / f"worker-{number}.lock").open("w")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                continue
            self._file = file
            return number
        raise SettingsError(f"There are {_SLOTS} workers already. Stop one first.")

    def _claim_session(self) -> int:
        self._connection = self._connect()
        for number in range(1, _SLOTS + 1):
            if _try_lock(self._connection, number):
                return number
        raise SettingsError(f"There are {_SLOTS} workers already. Stop one first.")

    def _hold(self) -> None:
        """Takes the slot again where the connection that held it is gone."""
        if self._file is not None:
            return
        if self._connection is not None:
            try:
                self._connection.execute(sa.text("SELECT 1"))
                return
            except sa.exc.DBAPIError:
                # Used once more it would connect again by itself, without the lock.
                self._connection.close()
                self._connection = None
        with db.sentences():
            connection = self._connect()
            if not _try_lock(connection, self.number):
                connection.close()
                self._is_lost = True
                raise SlotLost(self.number)
        self._connection = connection
        log.warning("slot_taken_again", slot=self.number)

    def _connect(self) -> sa.Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # closed, it must end its session and the lock with it; the pool would keep both
        return connection


def _try_lock(connection: sa.Connection, number: int) -> bool:
    lock = sa.text("SELECT pg_try_advisory_lock(:space, :number)")
    return bool(connection.execute(lock, {"space": _LOCK_SPACE, "number": number}).scalar())
