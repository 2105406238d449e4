"""Alembic's environment; it is handed a connection, so that migrations need no settings of their own."""

from alembic import context
from sqlalchemy import Connection

from moorings.store.tables import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
