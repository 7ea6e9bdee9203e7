"""Alembic's entry: runs the migrations on the connection that `schema.upgrade` hands over."""

from alembic import context
from sqlmodel import SQLModel

from inbox_agent import schema

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    include_name=lambda name, kind, parents: schema.ours(name, kind),
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
)
context.run_migrations()
