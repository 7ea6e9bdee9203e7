"""Functional tests run against real servers; they skip, with the reason, only where Debian's packages are missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories.world import World, a_world

from inbox_agent.bench.dovecot import DovecotMissing


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    try:
        context = a_world(tmp_path)
        entered = context.__enter__()
    except DovecotMissing as missing:
        pytest.skip(missing.sentence)
    yield entered
    context.__exit__(None, None, None)
