"""Debian's PostgreSQL, started by hand on loopback for one test session; nothing is installed or left behind."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from inbox_agent.commands.check import free_port

_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB"


_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'dbos')
             AND tablename <> 'alembic_version' AND tablename NOT LIKE '%migrations' LOOP
    EXECUTE format('DELETE FROM %I.%I', one.schemaname, one.tablename);
  END LOOP;
  FOR one IN SELECT schemaname, sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
    PERFORM setval(format('%I.%I', one.schemaname, one.sequencename)::regclass, 1, false);
  END LOOP;
END $$
"""


class PostgresMissing(Exception):
    """The binaries are not on this machine."""


class Postgres:
    """A running server. Every database is a copy of one template."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._admin = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{name}"

    def create(self, template: str = "template1") -> str:
        """The name of a new database; ends whoever is still connected to the template."""
        name = f"test_{uuid.uuid4().hex}"
        with self._admin.connect() as connection:
            connection.execute(sa.text(_OTHERS), {"name": template})
            connection.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        return name

    def empty(self, name: str) -> None:
        """Ends whoever is connected to a database and takes every row out of it: a hundred times sooner than a new one."""
        engine = sa.create_engine(self.url(name), poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text(_OTHERS), {"name": name})
            connection.execute(sa.text("SET session_replication_role = replica"))  # the order of foreign keys
            connection.execute(sa.text(_EMPTY))

    def drop(self, name: str) -> None:
        """Removes a database and whoever is connected."""
        with self._admin.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))


@contextmanager
def a_postgres() -> Iterator[Postgres]:
    """A server that ends with the block. Raises `PostgresMissing`."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not binaries or not (binaries[-1] / "initdb").exists():
        raise PostgresMissing("PostgreSQL is not installed (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="inbox-agent-postgres-"))
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_postgres:
        shutil.chown(folder, "postgres")
    data, port = folder / "data", free_port()

    def run(*command: str) -> None:
        subprocess.run([*as_postgres, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")

    try:
        run(str(binaries[-1] / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} {_FAST}"
        control = str(binaries[-1] / "pg_ctl")
        run(control, "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            yield Postgres(port)
        finally:
            run(control, "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
