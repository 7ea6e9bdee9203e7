"""Logging as a process of the product sets it up, for the time of one test."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from inbox_agent import log
from inbox_agent.settings import Settings


@contextmanager
def logging_as(settings: Settings) -> Iterator[None]:
    """Everything is as before when the block ends; no module's logger remembers it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log.configure(settings)
    structlog.configure(cache_logger_on_first_use=False)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
