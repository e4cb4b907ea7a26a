"""The SQLModel store: `CatalogService` over one SQLite file."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, and_, bindparam, func, or_, select, true, update
from sqlalchemy.exc import DBAPIError

from catalog.changes import PENDING, PHOTO, change_photo
from catalog.protocol import (
    BackupStatus,
    CatalogError,
    CatalogStats,
    PhotoNotFoundError,
)
from catalog.row import text_of_name
from catalog.schema import open_engine
from catalog.tables import Conflict, File

FILE = File.__table__  # type: ignore[attr-defined]
CONFLICT = Conflict.__table__  # type: ignore[attr-defined]


class Entry(NamedTuple):
    """One photo, or one unreadable file, as the store tells of it (a `CatalogEntry`)."""

    md5: str | None
    filename: str
    paths: tuple[bytes, ...]
    size: int | None
    photodate: int | None
    modified: int | None
    width: int | None
    height: int | None
    starred: bool
    backup_status: BackupStatus
    error: str | None


_FACTS = ("size", "photodate", "modified", "width", "height", "starred", "backup_status", "error")
_ENTRY = tuple(PHOTO.c[name] for name in ("md5", "filename", *_FACTS))


def under(root: bytes) -> Any:
    """Return the condition that a file lies in a folder or anywhere below it.

    Args:
        root: an absolute raw path.
    """
    prefix = root.rstrip(b"/") + b"/"
    return or_(FILE.c.folder == root, and_(FILE.c.folder >= prefix, FILE.c.folder < prefix[:-1] + b"0"))


class SqlCatalog:
    """A catalog in one SQLite file. Any thread may use it; each call is one transaction."""

    def __init__(self, path: Path) -> None:
        """Open the catalog, creating or migrating it first where that is needed.

        Args:
            path: the SQLite file.

        Raises:
            CatalogError: it cannot be opened; the text says what to do.
        """
        self.path = path
        self.engine: Engine = open_engine(path)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def reading(self) -> Connection:
        """Return a connection for reads only, to be used as a context manager."""
        return self.engine.connect().execution_options(reading=True)

    def load_catalog(self, directory: bytes) -> Sequence[Entry]:
        """Return the files of one directory that are there now, by name; see `CatalogService`."""
        query = (
            select(FILE.c.folder, FILE.c.name, FILE.c.error, *_ENTRY)
            .join_from(FILE, PHOTO, FILE.c.md5 == PHOTO.c.md5, isouter=True)
            .where(FILE.c.folder == directory, FILE.c.missing.is_(False))
            .order_by(FILE.c.name)
        )
        with self.reading() as connection:
            return [_file_entry(record) for record in connection.execute(query)]

    def find_entry(self, md5: str) -> Entry | None:
        """Return one photo with all its places; see `CatalogService`."""
        with self.reading() as connection:
            record = connection.execute(select(*_ENTRY).where(PHOTO.c.md5 == md5)).one_or_none()
            return None if record is None else _entry(record, _places(connection, [md5]))

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
        with self.engine.begin() as connection:
            known = select(PHOTO.c.md5).where(PHOTO.c.md5 == bindparam("wanted"))
            for md5 in stars:
                if connection.execute(known, {"wanted": md5}).one_or_none() is None:
                    raise PhotoNotFoundError(f"No photo {md5} is in the catalog. Scan its folder first.")
            wanted = {md5: star_values(is_starred) for md5, is_starred in stars.items()}
            return [md5 for md5, values in wanted.items() if change_photo(connection, md5, **values)]

    def update_backup_status(self, md5: str, status: BackupStatus) -> None:
        """Say how far a backup has come; see `CatalogService`."""
        with self.engine.begin() as connection:
            done = connection.execute(
                update(PHOTO).where(PHOTO.c.md5 == md5).values(backup_status=status.value)
            )
            if not done.rowcount:
                raise PhotoNotFoundError(f"No photo {md5} is in the catalog. Scan its folder first.")

    def starred_entries(self) -> Sequence[Entry]:
        """Return all photos with a star; see `CatalogService`."""
        return list(self.entries(starred=True))

    def entries(
        self, root: bytes | None = None, *, starred: bool = False, duplicates: bool = False
    ) -> Iterator[Entry]:
        """Yield photos by md5, then unreadable files by place.

        Args:
            root: only what lies in this folder or below it; None is everywhere, and includes photos that
                are only known from other devices.
            starred: only photos with a star.
            duplicates: only photos that lie in several places on this device.
        """
        chosen = [PHOTO.c.deleted.is_(False)]
        here = select(FILE.c.md5).where(FILE.c.missing.is_(False), FILE.c.md5.is_not(None))
        if root is not None:
            chosen.append(PHOTO.c.md5.in_(here.where(under(root))))
        if starred:
            chosen.append(PHOTO.c.starred.is_(True))
        if duplicates:
            chosen.append(PHOTO.c.md5.in_(here.group_by(FILE.c.md5).having(func.count() > 1)))
        query = select(*_ENTRY).where(*chosen).order_by(PHOTO.c.md5)
        with self.reading() as connection:
            for part in connection.execute(query).partitions(500):
                places = _places(connection, [record.md5 for record in part])
                yield from (_entry(record, places) for record in part)
            if not (starred or duplicates):
                yield from self._unreadable(connection, root)

    def _unreadable(self, connection: Connection, root: bytes | None) -> Iterator[Entry]:
        query = select(FILE.c.folder, FILE.c.name, FILE.c.error).where(
            FILE.c.md5.is_(None), FILE.c.missing.is_(False), true() if root is None else under(root)
        )
        for record in connection.execute(query.order_by(FILE.c.folder, FILE.c.name)):
            yield _unreadable_entry(record)

    def stats(self) -> CatalogStats:
        """Count what is known; see `CatalogService`."""
        kept = PHOTO.c.deleted.is_(False)
        with self.reading() as connection:

            def count(table: Any, *conditions: Any) -> int:
                return connection.execute(
                    select(func.count()).select_from(table).where(*conditions)
                ).scalar_one()

            backup = dict.fromkeys(BackupStatus, 0)
            # by its partial index: "none" is what all the others leave over, and is never asked for
            for status in (s for s in BackupStatus if s is not BackupStatus.NONE):
                backup[status] = count(PHOTO, PHOTO.c.backup_status == status.value, kept)
            backup[BackupStatus.NONE] = count(PHOTO, PHOTO.c.backup_status == BackupStatus.NONE.value, kept)
            return CatalogStats(
                photos=count(PHOTO, kept),
                files=count(FILE, FILE.c.missing.is_(False)),
                starred=count(PHOTO, PHOTO.c.starred.is_(True), kept),
                pending=count(PENDING),
                open_conflicts=count(CONFLICT, CONFLICT.c.state == "open"),
                backup=backup,
            )

    def photo_at(self, path: bytes) -> str | None:
        """Return the md5 of the photo at an absolute path, None if no scan has seen it there."""
        folder, _, name = path.rpartition(b"/")
        query = select(FILE.c.md5).where(
            FILE.c.folder == (folder or b"/"), FILE.c.name == name, FILE.c.missing.is_(False)
        )
        with self.reading() as connection:
            return connection.execute(query).scalar_one_or_none()


def star_values(is_starred: bool) -> dict[str, bool]:
    """Return what a star given or taken changes: a photo that is starred is not, or no more, deleted."""
    return {"starred": True, "deleted": False} if is_starred else {"starred": False}


def sentence_of(error: DBAPIError, path: Path) -> CatalogError:
    """Turn what SQLite says into one sentence that says what to do.

    Args:
        error: raised by any call on the catalog.
        path: the catalog's file.
    """
    cause = error.orig
    if isinstance(cause, sqlite3.OperationalError) and "full" in str(cause):
        return CatalogError(f"The disk that holds {path} is full. Make room; what was saved before is safe.")
    if isinstance(cause, sqlite3.OperationalError) and "readonly" in str(cause):
        return CatalogError(f"The catalog {path} cannot be written. Check its permissions.")
    return CatalogError(f"The catalog {path} could not be used: {cause}.")


def _places(connection: Connection, md5s: Iterable[str]) -> dict[str, tuple[bytes, ...]]:
    query = (
        select(FILE.c.md5, FILE.c.folder, FILE.c.name)
        .where(FILE.c.md5.in_(list(md5s)), FILE.c.missing.is_(False))
        .order_by(FILE.c.folder, FILE.c.name)
    )
    places: dict[str, tuple[bytes, ...]] = {}
    for md5, folder, name in connection.execute(query):
        places[md5] = (*places.get(md5, ()), folder.rstrip(b"/") + b"/" + name)
    return places


def _entry(record: Any, places: Mapping[str, tuple[bytes, ...]]) -> Entry:
    md5, filename, size, photodate, modified, width, height, starred, status, error = record
    return Entry(
        md5, filename, places.get(md5, ()), size, photodate, modified, width, height,
        starred, BackupStatus(status), error,
    )  # fmt: skip


def _file_entry(record: Any) -> Entry:
    if record.md5 is None:
        return _unreadable_entry(record)
    place = record.folder.rstrip(b"/") + b"/" + record.name
    # two files of one photo in a directory: each under the name it has there
    return _entry(record[3:], {record.md5: (place,)})._replace(filename=text_of_name(record.name))


def _unreadable_entry(record: Any) -> Entry:
    place = record.folder.rstrip(b"/") + b"/" + record.name
    unknown = dict.fromkeys(("md5", "size", "photodate", "modified", "width", "height"))
    return Entry(
        filename=text_of_name(record.name),
        paths=(place,),
        starred=False,
        backup_status=BackupStatus.NONE,
        error=record[2],
        **unknown,
    )
