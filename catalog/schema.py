"""Opens the catalog file: created 0600, WAL, brought to the newest schema by Alembic after a backup copy."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from catalog.protocol import CatalogError, CatalogTooNewError

HEAD = "0002"
"""The newest step in migrations/. Compared by plain sqlite3: Alembic is imported only to migrate."""

_KNOWN = frozenset({"0001", HEAD})
_BUSY_SECONDS = 30.0
_COPIES_KEPT = 3


def open_engine(path: Path) -> Engine:
    """Open a catalog, creating or migrating it first where that is needed.

    Args:
        path: the SQLite file; its folder is created.

    Returns:
        An engine whose transactions begin at once as writers (`BEGIN IMMEDIATE`), or as readers on a
        connection with the execution option `reading=True`.

    Raises:
        CatalogTooNewError: the file was written by a newer version.
        CatalogError: it cannot be created or opened, or is not a catalog.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        version = _version(path)
        if version != HEAD:
            with _alone(path):
                version = _create_or_migrate(path, _version(path))
    except OSError as error:
        raise CatalogError(
            f"The catalog {path} cannot be opened: {error.strerror}. "
            "Choose another place with PHOTOLALA_CATALOG."
        ) from error
    except sqlite3.OperationalError as error:  # nothing is wrong with the file itself
        raise CatalogError(
            f"The catalog {path} cannot be opened: {error}. Check that it and its folder can be written, and "
            "that no other program holds it, or choose another place with PHOTOLALA_CATALOG."
        ) from error
    except sqlite3.Error as error:
        raise CatalogError(
            f"The catalog {path} is damaged or not a catalog ({error}). It was left as it is: move it aside, "
            f"or put back a copy ({path.name}.before-… beside it)."
        ) from error
    if version is not None and version not in _KNOWN:
        raise CatalogTooNewError(
            f"The catalog {path} was written by a newer photolala (schema {version}). "
            "Upgrade photolala on this machine."
        )
    return _engine(path)


def _engine(path: Path) -> Engine:
    address = URL.create("sqlite", database=str(path))  # as text, a `?` or `%` in it would not be the path's
    engine = create_engine(address, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes and threads out: SQLite's own lock does not cover the change to WAL."""
    descriptor = os.open(f"{path}.open-lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _create_or_migrate(path: Path, version: str | None) -> str | None:
    """Bring a catalog of a known version to the newest; returns the version that it has then."""
    if version == HEAD or (version is not None and version not in _KNOWN):
        return version
    if version is None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    else:
        back_up(path, f"before-{HEAD}")
    engine = _engine(path)
    try:
        _migrate(engine)
    finally:
        engine.dispose()
    return HEAD


def back_up(path: Path, label: str) -> Path:
    """Copy a catalog with SQLite's own backup, beside it; the oldest copies past three are removed.

    Args:
        path: the catalog.
        label: goes into the copy's name.

    Returns:
        The copy.
    """
    copy = path.with_name(f"{path.name}.{label}-{time.strftime('%Y%m%d-%H%M%S')}")
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copies = sorted(path.parent.glob(f"{path.name}.before-*"), key=lambda p: p.stat().st_mtime)
    for old in copies[:-_COPIES_KEPT]:
        with suppress(OSError):
            old.unlink()
    return copy


def _version(path: Path) -> str | None:
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
        if "alembic_version" not in tables:
            if tables:
                raise sqlite3.DatabaseError("it holds other tables")
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(found[0]) if found else None


def _migrate(engine: Engine) -> None:
    # 0.2 s, and only on the first start after an install or an upgrade
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _prepare(connection: DBAPIConnection, _record: Any) -> None:
    # the driver's own transaction control would commit around DDL and begin too late for a writer
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "cache_size = -16384"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
