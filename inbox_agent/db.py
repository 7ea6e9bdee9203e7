"""The database: engine, sessions, column types. SQLite embedded, PostgreSQL when outgrown; same code.

Whoever opens a session with `writing` commits it by leaving the block; nobody else commits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError as SqlDatabaseError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlmodel import Session, SQLModel

from inbox_agent.domain.errors import DatabaseError, SettingsError

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only, stores UTC, gives aware UTC back (SQLite drops offsets by itself)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuses naive datetimes with `ValueError`: nobody could know what they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(sa.types.TypeDecorator[StrEnum]):
    """A `StrEnum` member stored as its value, so that a new member needs no migration."""

    impl = sa.String(32)
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | str | None, dialect: sa.Dialect) -> str | None:
        """Refuses strings that are no member with `ValueError`."""
        return None if value is None else self.members(value).value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> StrEnum | None:
        """The member."""
        return None if value is None else self.members(value)


class utc_day(sa.sql.functions.FunctionElement[date]):
    """The UTC day of an instant, in a query."""

    type = sa.Date()
    inherit_cache = True


@compiles(utc_day)
def _utc_day(element: utc_day, compiler: Any, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    return f"date({instant})" if compiler.dialect.name == "sqlite" else f"CAST(timezone('UTC', {instant}) AS DATE)"


def create_engine(url: str) -> sa.Engine:
    """An engine for `url`, with what SQLite needs to serve a worker and a web process at once.

    SQLite: write-ahead log, 30 s busy time-out (`?timeout=5` in the URL: 5 s), foreign keys on, and a transaction that
    takes the write lock when it begins (a later upgrade from reading fails at once instead of waiting) unless the session
    is `reading`. Either database: exceptions never quote the values of a statement, which are mail.
    Raises `SettingsError` for another kind of database, `DatabaseError` when the folder of the database cannot be made.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True)
    folder = Path(str(parsed.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The folder {folder} for the database cannot be made: {error.strerror}. Set INBOX_AGENT_DATA_DIR elsewhere."
        ) from error
    engine = _sqlite_engine(parsed, None)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reading_only = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading_only else "BEGIN IMMEDIATE")

    return engine


def create_durable_engine(url: str) -> sa.Engine:
    """The durable engine's own connections: DBOS reads outside transactions, so that only its writes take the lock.

    More of them than workflows run at once: a transaction that holds the lock asks DBOS who owns its workflow, and must
    never wait for a connection held by somebody who waits for that lock.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=30, hide_parameters=True)
    return _sqlite_engine(parsed, "IMMEDIATE")


def _parsed(url: str) -> sa.URL:
    """The URL of one of the two databases. Its text is not repeated in the sentence: it may hold a password."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise SettingsError(_WRONG_URL) from None
    kept_on_disk = parsed.drivername in _SQLITE and parsed.database not in (None, "", ":memory:")
    if parsed.drivername not in _POSTGRES and not kept_on_disk:
        raise SettingsError(_WRONG_URL)
    return parsed


_SQLITE, _POSTGRES = ("sqlite", "sqlite+pysqlite"), ("postgresql+psycopg",)
_WRONG_URL = (
    "The setting database_url (environment: INBOX_AGENT_DATABASE_URL) names no database that can be used. "
    "Write sqlite:////FOLDER/FILE.db or postgresql://USER:PASSWORD@HOST/NAME."
)


def _sqlite_engine(url: sa.URL, isolation_level: str | None) -> sa.Engine:
    seconds = float(str(url.query.get("timeout", "30")))
    engine = sa.create_engine(
        url,
        connect_args={"timeout": seconds, "check_same_thread": False},
        pool_size=10,
        max_overflow=-1,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = isolation_level
        busy = f"busy_timeout={int(seconds * 1000)}"
        for pragma in (busy, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[Session]:
    """A session that only reads; on SQLite it never waits for a writer. Raises `DatabaseError`."""
    with sentences(), Session(engine.execution_options(reading=True)) as session:
        yield session


@contextmanager
def writing(engine: sa.Engine) -> Iterator[Session]:
    """A session whose work is committed when the block ends, rolled back when it raises. Raises `DatabaseError`."""
    with sentences(), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def sentences() -> Iterator[None]:
    """Turns the database's own failures into `DatabaseError` with what to do about it."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise DatabaseError("The database is busy: every connection is in use. Try again in a moment.") from error
    except (OperationalError, InterfaceError, SqlDatabaseError) as error:
        ours = isinstance(error, sa.exc.IntegrityError | sa.exc.ProgrammingError | sa.exc.DataError)
        if ours and "permission denied" not in str(error.orig):
            raise
        raise DatabaseError(explain(error)) from error


def explain(error: BaseException) -> str:
    """What a person reads when the database fails, and what to do."""
    words = str(getattr(error, "orig", error)).strip().split("\n")[0]
    if "locked" in words:
        return "The database is locked by another program. Close it, or wait and try again; nothing was changed."
    if "disk is full" in words or "No space left" in words:
        return "The disk is full. Free some space and try again; nothing was half-written."
    if "disk I/O error" in words:
        return "The disk is full or does not work (disk I/O error). Look at the free space (df -h); nothing was half-written."
    if "readonly" in words or "unable to open" in words:
        return f"The database cannot be opened or written ({words}). Check the folder's permissions."
    if "permission denied" in words:
        return (
            f"The database's user may not do this ({words}). Grant it the rights, or use the user that owns the tables."
        )
    if "not a database" in words or "malformed" in words:
        return f"The database file is damaged or is no database ({words}). Restore it from a backup."
    return f"The database does not answer ({words}). Check that it runs and that INBOX_AGENT_DATABASE_URL is right."


def now() -> datetime:
    """The present instant, in UTC. Only the edges ask; everything else gets it as an argument."""
    return datetime.now(UTC)
