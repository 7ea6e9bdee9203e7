"""A fresh database of the present schema for each test, on SQLite and on PostgreSQL: `engine` runs a test on both."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.postgres import Postgres, PostgresMissing, a_postgres

from inbox_agent import db, schema
from inbox_agent.durable import Queue


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at the present schema."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = db.create_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        connection.rollback()
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's server."""
    try:
        with a_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_database(postgres: Postgres) -> str:
    """Name of a database at the present schema, emptied after each test."""
    name = postgres.create()
    engine = db.create_engine(postgres.url(name))
    schema.upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An engine on an empty database."""
    if request.param == "sqlite":
        path = tmp_path / "inbox-agent.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        made = db.create_engine(f"sqlite:///{path}")
        yield made
        made.dispose()
        return
    server: Postgres = request.getfixturevalue("postgres")
    name: str = request.getfixturevalue("postgres_database")
    made = db.create_engine(server.url(name))
    yield made
    made.dispose()
    server.empty(name)


@pytest.fixture
def queue_door(engine: sa.Engine) -> Queue:
    """The real door to the durable engine; nobody works behind it."""
    return Queue(engine)
