"""Structured logs to standard error: what happened, with ids and counts; never mail content, addresses or secrets.

An exception is logged as its type and where it was raised. Its message is left out: it may quote a mail, a password or the
parameters of a statement.
"""

import logging
import sys
import traceback

import structlog

from inbox_agent.settings import Settings

_FRAMES = 12
_CAUSES = 5


def configure(settings: Settings) -> None:
    """Sends structlog and the libraries' own logging through one renderer. Call once, at the entry of a process."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_message,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for noisy in ("alembic", "dbos", "uvicorn.access", "imapclient", "pypdf", "httpx", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
        cache_logger_on_first_use=True,
    )


def without_message(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Replaces `exc_info` by `exception`: a line for each exception of the chain, each with its frames, no message."""
    found = event.pop("exc_info", None)
    error = found if isinstance(found, BaseException) else found[1] if isinstance(found, tuple) else None
    if found is True:
        error = sys.exc_info()[1]
    if error is not None:
        event["exception"] = "\n".join(described(error))
    return event


def described(error: BaseException) -> list[str]:
    """`package.Type at file:line:function < …`, innermost frame first, then the same of what caused it."""
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(lines) < _CAUSES:
        frames = traceback.extract_tb(cause.__traceback__, limit=-_FRAMES)
        places = " < ".join(f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in reversed(frames))
        name = f"{type(cause).__module__}.{type(cause).__qualname__}"
        lines.append(f"{name} at {places}" if places else name)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return lines
