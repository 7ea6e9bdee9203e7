"""The database schema: every table, and how a database gets to the present one.

Our tables by Alembic (`migrations/`), the durable engine's by DBOS itself, in the same database.
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from dbos import DBOS, SQLAlchemyDatasource
from sqlmodel import SQLModel

from inbox_agent import db
from inbox_agent.domain.errors import DatabaseError
from inbox_agent.ledger import tables
from inbox_agent.records import registry

TABLES: tuple[type[SQLModel], ...] = (*tables.TABLES, *registry.TABLES)
"""Every table of the product; importing this module fills `SQLModel.metadata`."""


def upgrade(engine: sa.Engine) -> None:
    """Brings the database to the present schema; does nothing when it is there already. Raises `DatabaseError`."""
    url = engine.url.render_as_string(hide_password=False)
    with db.sentences():
        with engine.begin() as connection:
            command.upgrade(_alembic(connection), "head")
        DBOS.migrate(url)
        SQLAlchemyDatasource.migrate(url)


def require_current(engine: sa.Engine) -> None:
    """Raises `DatabaseError` with the command to run when the database is not at the present schema."""
    with db.sentences(), engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    wanted = ScriptDirectory.from_config(_alembic()).get_current_head()
    if found != wanted:
        raise DatabaseError(
            "The database has no tables yet. Run: inbox-agent database upgrade"
            if found is None
            else f"The database is at schema {found}, this program needs {wanted}. Run: inbox-agent database upgrade"
        )


def ours(name: str | None, kind: str) -> bool:
    """Whether a table belongs to us and not to DBOS or SQLite (for comparing the schema in code with the database)."""
    return kind != "table" or name in SQLModel.metadata.tables


def _alembic(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    return config
