"""The schema in code and the migrations say the same, on both databases; an old or empty database is refused by name."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from inbox_agent import db, schema
from inbox_agent.domain.errors import DatabaseError


def test_migrations_give_the_schema_in_code(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: schema.ours(name, kind), "compare_type": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_upgrading_again_changes_nothing(engine: sa.Engine) -> None:
    schema.upgrade(engine)
    schema.require_current(engine)


def test_every_table_is_listed() -> None:
    assert {table.__tablename__ for table in schema.TABLES} == set(SQLModel.metadata.tables)


def test_every_instant_is_utc() -> None:
    """No column keeps a bare datetime: each is `UtcDateTime`."""
    bare = [
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.DateTime) and not isinstance(column.type, db.UtcDateTime)
    ]
    assert bare == []


def test_an_empty_database_is_refused_with_the_command_to_run(tmp_path) -> None:
    with pytest.raises(DatabaseError, match="inbox-agent database upgrade"):
        schema.require_current(db.create_engine(f"sqlite:///{tmp_path}/empty.db"))


def test_a_file_that_is_no_database_is_refused(tmp_path) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is no database, by far " * 100)
    with pytest.raises(DatabaseError, match="Restore it from a backup"):
        schema.upgrade(db.create_engine(f"sqlite:///{tmp_path}/broken.db"))
