"""The SQLModel store: `CatalogService` over one SQLite file.

What screens, stars and scans ask for goes by plain sqlite3: the ORM is loaded once the engine is asked for.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import finalize

from catalog.changes import change_photos
from catalog.connections import Connections
from catalog.damage import is_damage, suspect
from catalog.entry import STATUSES, Entry
from catalog.full_disk import full_disk, is_disk_full
from catalog.protocol import BackupStatus, CatalogError, CatalogStats, PhotoNotFoundError
from catalog.schema import make_ready, tend
from catalog.search import find
from catalog.search.entries import entries_in, entries_of, unreadable
from catalog.search.indexes import SETS, WAITING, index_name
from catalog.search.query import Query

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_PART = 500

_COUNTS = """
SELECT (SELECT count(*) FROM file WHERE missing = 0), (SELECT count(*) FROM pending),
       (SELECT count(*) FROM conflict WHERE state = 'open')
"""
_IN_BACKUP = f"""
SELECT backup_status, count(*) FROM photo INDEXED BY {index_name("size", "in_backup")}
 WHERE {SETS["in_backup"]} AND uploaded IS NULL GROUP BY backup_status
"""
_QUEUED = f"""
SELECT count(*) FROM photo INDEXED BY photo_waiting
 WHERE {WAITING} AND places > 0 AND backup_status = 'none'
"""
_SET_BACKUP = "UPDATE photo SET backup_status = ? WHERE md5 = ?"


class SqlCatalog:
    """A catalog in one SQLite file. Any thread may use it; each call is one transaction.

    Attributes:
        path: the file.
        connections: plain ones.
        warning: why its weekly copy or the like could not be made, one sentence; None if all is well.
    """

    def __init__(self, path: Path, *, migrating: Callable[[], object] = lambda: None) -> None:
        """Open the catalog, creating or migrating it first where that is needed.

        Args:
            path: the SQLite file.
            migrating: called before a migration, or a wait for one: each may take minutes.

        Raises:
            CatalogError: it cannot be opened; the text says what to do.
        """
        self.path = path
        make_ready(path, migrating)
        self.warning = tend(path)
        self.connections = Connections(path)

    def close(self) -> None:
        """Give all connections back."""
        self.connections.close()
        if "engine" in vars(self):
            self.engine.dispose()

    @cached_property
    def engine(self) -> "Engine":
        """SQLAlchemy's way to the tables; its transactions begin as a writer's at once."""
        from catalog.engine import make_engine  # 0.8 s, and 28 MB

        engine = make_engine(self.path)
        finalize(self, engine.dispose)
        return engine

    def reading(self) -> "Connection":
        """Return a connection of the engine for reads only, to be used as a context manager."""
        return self.engine.connect().execution_options(reading=True)

    def load_catalog(self, directory: bytes) -> Sequence[Entry]:
        """Return the files of one directory that are there now, by name; see `CatalogService`."""
        with self.connections.reading() as connection:
            return list(entries_in(connection, directory))

    def find_entry(self, md5: str) -> Entry | None:
        """Return one photo with all its places; see `CatalogService`."""
        with self.connections.reading() as connection:
            return next(iter(entries_of(connection, [md5])), None)

    def update_star_status(self, md5: str, is_starred: bool) -> bool:
        """Give or take one star; see `CatalogService`."""
        return bool(self.update_star_statuses({md5: is_starred}))

    def update_star_statuses(self, stars: Mapping[str, bool]) -> list[str]:
        """Give or take many stars in one transaction: all of them or, on an error, none.

        Args:
            stars: md5 -> whether it shall be starred.

        Returns:
            The md5s that changed.

        Raises:
            PhotoNotFoundError: the catalog does not know one of them.
        """
        with self.connections.writing() as connection:
            changes = {md5: star_values(is_starred) for md5, is_starred in stars.items()}
            changed = change_photos(connection, changes)
            for md5 in stars:
                if md5 not in changed:
                    raise _not_found(md5)
            return [md5 for md5 in stars if changed[md5]]

    def update_backup_status(self, md5: str, status: BackupStatus) -> None:
        """Say how far a backup has come; see `CatalogService`."""
        with self.connections.writing() as connection:
            if not connection.execute(_SET_BACKUP, (status.value, md5)).rowcount:
                raise _not_found(md5)

    def starred_entries(self) -> Sequence[Entry]:
        """Return all photos with a star; see `CatalogService`."""
        return list(self.entries(Query(starred=True)))

    def entries(self, query: Query = Query(), limit: int | None = None) -> Iterator[Entry]:  # noqa: B008
        """Yield photos in the order asked for, then unreadable files by place.

        Args:
            query: which; unreadable files are left out by any filter other than a folder.
            limit: how many at most.
        """
        with self.connections.reading() as reader:
            found = find.md5s(reader, query, limit)
            for begin in range(0, len(found), _PART):
                yield from entries_of(reader, found[begin : begin + _PART])
            if not query.narrowed:
                left = None if limit is None else limit - len(found)
                yield from islice(unreadable(reader, query.folder, recursive=query.recursive), left)

    def stats(self) -> CatalogStats:
        """Count what is known; see `CatalogService`."""
        with self.connections.reading() as reader:
            photos = find.count(reader, Query())
            files, pending, open_conflicts = reader.execute(_COUNTS).fetchone()
            backup = dict.fromkeys(BackupStatus, 0)
            backup |= {STATUSES[status]: number for status, number in reader.execute(_IN_BACKUP)}
            backup[BackupStatus.QUEUED] += reader.execute(_QUEUED).fetchone()[0]
            backup[BackupStatus.UPLOADED] = find.count(reader, Query(backup=BackupStatus.UPLOADED))
            backup[BackupStatus.NONE] = photos - sum(backup.values())
            return CatalogStats(
                photos=photos,
                files=files,
                starred=find.count(reader, Query(starred=True)),
                pending=pending,
                open_conflicts=open_conflicts,
                backup=backup,
            )


def driver(connection: "Connection") -> sqlite3.Connection:
    """Return SQLite's own connection under one of the engine's, in the same transaction."""
    if not connection.in_transaction():
        connection.begin()
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def star_values(is_starred: bool) -> dict[str, bool]:
    """Return what a star given or taken changes: a photo that is starred is not, or no more, deleted."""
    return {"starred": True, "deleted": False} if is_starred else {"starred": False}


def sentence_of(error: Exception, path: Path) -> CatalogError | None:
    """Turn what SQLite says into one sentence that says what to do; damage is looked into at the next start.

    Args:
        error: raised by any call on the catalog.
        path: the catalog's file.

    Returns:
        The sentence; None if it was not SQLite that said it.
    """
    cause = getattr(error, "orig", error)  # SQLAlchemy's errors carry SQLite's
    if not isinstance(cause, sqlite3.Error):
        return None
    if is_disk_full(path, cause):
        return full_disk(path)
    if isinstance(cause, sqlite3.OperationalError) and "readonly" in str(cause):
        return CatalogError(f"The catalog {path} cannot be written. Check its permissions.")
    if is_damage(cause):
        return suspect(path, cause)
    return CatalogError(f"The catalog {path} could not be used: {cause}.")


def _not_found(md5: str) -> PhotoNotFoundError:
    return PhotoNotFoundError(f"No photo {md5} is in the catalog. Scan its folder first.")
