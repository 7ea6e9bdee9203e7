"""Functional tests run against real servers; they skip, with the reason, only where Debian's packages are missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories.postgres import Postgres, PostgresMissing, a_postgres
from factories.world import World, a_world

from inbox_agent.bench.dovecot import DovecotMissing


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world on SQLite."""
    yield from _entered(tmp_path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL server."""
    try:
        with a_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def postgres_world(tmp_path: Path, postgres: Postgres) -> Iterator[World]:
    """A world on an empty PostgreSQL database."""
    name = postgres.create()
    yield from _entered(tmp_path, postgres.url(name))
    postgres.drop(name)


def _entered(folder: Path, database_url: str = "") -> Iterator[World]:
    try:
        context = a_world(folder, database_url)
        entered = context.__enter__()
    except DovecotMissing as missing:
        pytest.skip(missing.sentence)
    yield entered
    context.__exit__(None, None, None)
