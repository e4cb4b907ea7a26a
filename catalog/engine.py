"""The ORM's engine on a catalog: made by the store once a statement of SQLAlchemy's is to be run."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from catalog.connections import BUSY_SECONDS, begin_reading, begin_writing, prepare


def make_engine(path: Path) -> Engine:
    """Return an engine whose transactions begin at once as writers (`BEGIN IMMEDIATE`).

    They begin as readers on a connection with the execution option `reading=True`.

    Args:
        path: a catalog.
    """
    address = URL.create("sqlite", database=str(path))  # as text, a `?` or `%` in it would not be the path's
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _record: Any) -> None:
    prepare(connection)  # type: ignore[arg-type]


def _begin(connection: Connection) -> None:
    begin = begin_reading if connection.get_execution_options().get("reading", False) else begin_writing
    begin(connection.connection.driver_connection)  # type: ignore[arg-type]
