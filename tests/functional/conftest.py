"""Functional tests run against real servers; they skip, with the reason, only where Debian's packages are missing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories.postgres import Postgres, PostgresMissing, a_postgres
from factories.world import World, a_world

from inbox_agent import db
from inbox_agent.bench.dovecot import Dovecot, DovecotMissing


@pytest.fixture(scope="session")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """The session's IMAP server; each world empties its one mailbox."""
    try:
        server = Dovecot.start(tmp_path_factory.mktemp("dovecot"), users={World.USER: World.PASSWORD})
    except DovecotMissing as missing:
        pytest.skip(missing.sentence)
    with server:
        yield server


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A database file that worlds copy, and the token of its person."""
    path = tmp_path_factory.mktemp("founded") / "inbox-agent.db"
    engine = db.create_engine(f"sqlite:///{path}")
    token = World.found(engine)
    with engine.connect() as connection:
        connection.rollback()
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path, token


@pytest.fixture
def world(tmp_path: Path, dovecot: Dovecot, founded: tuple[Path, str]) -> Iterator[World]:
    """A world on SQLite."""
    path, token = founded
    (tmp_path / "data").mkdir()
    shutil.copyfile(path, tmp_path / "data" / path.name)
    with a_world(tmp_path, dovecot, token) as made:
        yield made


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL server."""
    try:
        with a_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_founded(postgres: Postgres) -> tuple[str, str]:
    """Name of a database that worlds copy, and the token of its person."""
    name = postgres.create()
    engine = db.create_engine(postgres.url(name))
    token = World.found(engine)
    engine.dispose()
    return name, token


@pytest.fixture
def postgres_world(
    tmp_path: Path, dovecot: Dovecot, postgres: Postgres, postgres_founded: tuple[str, str]
) -> Iterator[World]:
    """A world on PostgreSQL."""
    template, token = postgres_founded
    name = postgres.create(template)
    with a_world(tmp_path, dovecot, token, postgres.url(name)) as made:
        yield made
    postgres.drop(name)
