"""Makes the catalog file ready: 0600, WAL, brought to the newest schema by Alembic after a backup copy.

The ORM is loaded only for a migration.
"""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from catalog.access import may
from catalog.connections import BUSY_SECONDS
from catalog.copies import back_up, copy_weekly, is_copy_due, lock_of
from catalog.damage import check, is_damage, is_ours, mark, set_aside, suspect
from catalog.full_disk import full_disk, is_disk_full
from catalog.protocol import SCHEMA, CatalogError, CatalogTooNewError
from catalog.upkeep import forget_names, index_names

HEAD = SCHEMA
"""The newest step in migrations/. Compared by plain sqlite3: Alembic is imported only to migrate."""

_KNOWN = frozenset({"0001", "0002", "0003", "0004", HEAD})


def make_ready(path: Path, migrating: Callable[[], object] = lambda: None) -> None:
    """Make a catalog ready to be used: it is created, migrated or looked through where that is needed.

    Args:
        path: the SQLite file; its folder is created.
        migrating: called before a migration, or a wait for one: each may take minutes.

    Raises:
        CatalogTooNewError: the file was written by a newer version.
        CatalogDamagedError: the file is damaged, and was set aside.
        CatalogError: it cannot be created or opened, or is not a catalog.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_private(path)
        version = _sound_version(path)
        if version != HEAD:
            if version in _KNOWN:
                migrating()
            with _alone(path):
                version = _create_or_migrate(path, _version(path))
    except OSError as error:
        raise CatalogError(
            f"The catalog {path} cannot be opened: {error.strerror}. "
            "Choose another place with PHOTOLALA_CATALOG."
        ) from error
    except sqlite3.OperationalError as error:  # nothing is wrong with the file itself
        if is_disk_full(path, error):
            raise full_disk(path) from error
        raise CatalogError(
            f"The catalog {path} cannot be opened: {error}. Check that it and its folder can be written, and "
            "that no other program holds it, or choose another place with PHOTOLALA_CATALOG."
        ) from error
    except sqlite3.Error as error:
        raise CatalogError(
            f"{path} is not a catalog ({error}). It was left as it is: choose another place with "
            "PHOTOLALA_CATALOG, or move it aside."
        ) from error
    if version is not None and version not in _KNOWN:
        raise CatalogTooNewError(
            f"The catalog {path} was written by a newer photolala (schema {version}). "
            "Upgrade photolala on this machine."
        )


def _make_private(path: Path) -> None:
    """Create the file, for its owner only. One that is there is not opened, only asked whether it may be.

    When a process closes any descriptor of a file, POSIX takes all its locks on it: those of SQLite's
    connections too. Another process would then take itself for the last one, and remove the log under ours.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    if not may(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def tend(path: Path) -> str | None:
    """Do what an open catalog needs now and then: its weekly copy, and the index of names.

    Args:
        path: a catalog of the newest schema.

    Returns:
        Why something could not be done, one sentence; nothing else depends on it.

    Raises:
        CatalogDamagedError: it was found to be damaged, and set aside.
    """
    problem = None
    try:
        if is_copy_due(path):
            with _alone(path, wait=False) as alone, _setting_aside(path):
                problem = copy_weekly(path) if alone and _holds_photos(path) else None
        index_names(path)
    except OSError as error:
        return f"The catalog {path} could not be looked after: {error.strerror}."
    except sqlite3.Error as error:
        if is_damage(error):
            return str(suspect(path, error))
        return f"The catalog {path} could not be looked after: {error}."
    return problem


def _holds_photos(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        return connection.execute("SELECT 1 FROM photo LIMIT 1").fetchone() is not None


def _sound_version(path: Path) -> str | None:
    """Return a catalog's version, None if it is to be made; one that is damaged is set aside.

    Raises:
        CatalogDamagedError: it was set aside.
    """
    try:
        if not mark(path).exists():
            return _version(path)
    except sqlite3.DatabaseError as error:
        if not is_damage(error) or not is_ours(path):
            raise
    with _alone(path):
        problems = check(path)
        if problems:
            raise set_aside(path, problems[0])
        forget_names(path)  # a damaged index of names is not among what is looked through
        mark(path).unlink(missing_ok=True)
        return _version(path)


@contextmanager
def _alone(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Keep other processes and threads out: SQLite's own lock does not cover the change to WAL.

    Yields whether it could: with `wait` it always can, in the end; without, it cannot while another is in.
    """
    descriptor = os.open(lock_of(path), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    alone = True
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            alone = False
        yield alone
    finally:
        os.close(descriptor)


@contextmanager
def _setting_aside(path: Path) -> Iterator[None]:
    """Set a catalog aside that turns out to be damaged when it is copied; to be used alone."""
    try:
        yield
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise set_aside(path, str(error)) from error


def _create_or_migrate(path: Path, version: str | None) -> str | None:
    """Bring a catalog of a known version to the newest; returns the version that it has then."""
    if version == HEAD or (version is not None and version not in _KNOWN):
        return version
    if version is None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    else:
        with _setting_aside(path):
            back_up(path, f"before-{HEAD}")
    _migrate(path)
    return HEAD


def _version(path: Path) -> str | None:
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
        if "alembic_version" not in tables:
            if tables:
                raise sqlite3.DatabaseError("it holds other tables")
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(found[0]) if found else None


def _migrate(path: Path) -> None:
    # a second, and only on the first start after an install or an upgrade
    from alembic import command
    from alembic.config import Config

    from catalog.engine import make_engine

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    engine = make_engine(path)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
