"""Runs the migrations on the connection, and in the transaction, that catalog/schema.py hands over."""

from alembic import context
from sqlmodel import SQLModel

import catalog.tables  # noqa: F401 (fills the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite can alter little in place
    transactional_ddl=True,
)
context.run_migrations()
