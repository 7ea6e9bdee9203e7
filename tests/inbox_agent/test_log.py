"""What happened stands in the log; what a mail, a password or a statement's values say never does."""

import json
import logging
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import structlog

from inbox_agent import db, log
from inbox_agent.settings import Settings

SECRET = "Mevrouw Jansen schrijft NL91ABNA0417164300"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logging is of the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def failing() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        raise RuntimeError(f"could not: {SECRET}") from error


@pytest.mark.parametrize("form", ["json", "console"])
def test_an_exception_is_logged_with_its_place_and_without_its_message(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also what a library logs by the standard library."""
    log.configure(Settings(log_format=form))
    try:
        failing()
    except RuntimeError:
        structlog.get_logger().exception("broke", mail_id=7)
        logging.getLogger("library").exception("library broke")
    written = capsys.readouterr().err
    assert SECRET not in written
    assert written.count("RuntimeError at ") == written.count("ValueError at ") == 2
    assert f"{__file__}:" in written
    assert ":failing" in written


def test_a_line_is_json_with_an_instant_and_a_level(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Settings(log_format="json"))
    structlog.get_logger().warning("took_over", workflows=3)
    line = json.loads(capsys.readouterr().err)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "took_over", "level": "warning", "workflows": 3}


def test_a_failed_statement_does_not_quote_its_values(engine: sa.Engine) -> None:
    for made in (engine, db.create_durable_engine(engine.url.render_as_string(hide_password=False))):
        with pytest.raises(sa.exc.DBAPIError) as failed, made.connect() as connection:
            connection.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": SECRET})
        assert SECRET not in str(failed.value)
