"""What the catalog knew of the files before a scan, and in what a folder is another one now."""

import sqlite3
from collections.abc import Container, Iterable
from typing import NamedTuple

from catalog.scan.walk import Listing, Stat, Unlisted
from catalog.search.filters import is_within
from catalog.store import SqlCatalog

_AS_IT_WAS = (  # a file that could not be read is never the same again
    "SELECT name, iif(md5 IS NULL, -1, size), mtime_ns, inode FROM file WHERE folder = ? AND NOT missing"
)
_KNOWN = "SELECT name, size, mtime_ns, inode, md5, error FROM file WHERE folder = ? AND NOT missing"
_FOLDERS = (  # from one to the next by the index: DISTINCT would look at each file
    "WITH RECURSIVE found(folder) AS (SELECT min(folder) FROM file WHERE folder = ?1 OR folder >= ?2"
    " UNION ALL SELECT (SELECT min(folder) FROM file WHERE folder > max(found.folder, ?2))"
    " FROM found WHERE found.folder < ?3)"
    " SELECT folder FROM found WHERE folder < ?3"
)
_COUNT = "SELECT count(*) FROM file WHERE missing = 0 AND "
_COPIES = (  # ten times as fast as counting them as distinct: few photos have several files
    "SELECT coalesce(sum(n - 1), 0) FROM ("
    "SELECT count(*) AS n FROM file WHERE missing = 0 AND :within AND md5 IN ("
    "SELECT md5 FROM file WHERE md5 IS NOT NULL GROUP BY md5 HAVING count(*) > 1) GROUP BY md5)"
)


class Known(NamedTuple):
    """A file as the catalog knows it: where it lay, and which photo it is, None if it could not be read."""

    folder: bytes
    name: bytes
    stat: Stat
    md5: str | None
    error: str | None


class Difference(NamedTuple):
    """In what a folder is not as the catalog knows it.

    Attributes:
        changed: files that are new or not what they were, each with what was known at its place.
        failed: (name, reason, what was known at its place) of files that cannot even be asked.
        gone: files that were known and are no more.
    """

    changed: list[tuple[bytes, Stat, Known | None]]
    failed: list[tuple[bytes, str, Known | None]]
    gone: list[Known]


def unlisted(catalog: SqlCatalog, folders: Iterable[bytes]) -> list[Unlisted]:
    """Return folders with what the last scan saw in them."""
    with catalog.connections.reading() as connection:
        return [
            Unlisted(folder, set(map(hash, connection.execute(_AS_IT_WAS, (folder,))))) for folder in folders
        ]


def difference(catalog: SqlCatalog, listing: Listing) -> Difference:
    """Return in what a folder is not as the last scan saw it.

    Args:
        catalog: the store.
        listing: the folder, which could be read.
    """
    if not (listing.files or listing.gone or listing.failed):
        return Difference([], [], [])
    with catalog.connections.reading() as connection:
        was = connection.execute(_AS_IT_WAS, (listing.folder,))
        before = {file[0] for file in was if hash(file) in listing.gone}
        there = {name for name, *_ in listing.files} | {name for name, _ in listing.failed}
        known = known_files(connection, listing.folder, before | there)
    return Difference(
        [(name, Stat(*stat), known.get(name)) for name, *stat in listing.files],
        [(name, why, known.get(name)) for name, why in listing.failed],
        [known[name] for name in sorted(before - there)],
    )


def known_files(
    connection: sqlite3.Connection, folder: bytes, names: Container[bytes] | None = None
) -> dict[bytes, Known]:
    """Return by name what the last scan saw in one folder.

    Args:
        connection: of a reader.
        folder: raw path.
        names: only these files; None is all.
    """
    found = connection.execute(_KNOWN, (folder,))
    return {record[0]: _known(folder, record) for record in found if names is None or record[0] in names}


def known_file(connection: sqlite3.Connection, folder: bytes, name: bytes) -> Known | None:
    """Return what the last scan saw at one place."""
    record = connection.execute(f"{_KNOWN} AND name = ?", (folder, name)).fetchone()
    return None if record is None else _known(folder, record)


def _known(folder: bytes, record: tuple[bytes, int, int, int, str | None, str | None]) -> Known:
    name, size, mtime_ns, inode, md5, error = record
    return Known(folder, name, Stat(size, mtime_ns, inode), md5, error)


def count_files(catalog: SqlCatalog, root: bytes) -> int:
    """Return how many files are known to lie under a root."""
    within, places = is_within(root, recursive=True)
    with catalog.connections.reading() as connection:
        return int(connection.execute(_COUNT + within, places).fetchone()[0])


def count_photos(catalog: SqlCatalog, root: bytes, files: int | None = None) -> int:
    """Return how many different photos are known to lie under a root.

    Args:
        catalog: the store.
        root: raw path.
        files: how many files of known photos lie there, if that is known.
    """
    within, places = is_within(root, recursive=True)
    with catalog.connections.reading() as connection:
        if files is None:
            files = int(connection.execute(f"{_COUNT}{within} AND md5 IS NOT NULL", places).fetchone()[0])
        copies = connection.execute(_COPIES.replace(":within", within), places).fetchone()[0]
    return files - int(copies)


def folders_under(catalog: SqlCatalog, root: bytes) -> set[bytes]:
    """Return the folders under a root in which files are known to lie, or to have lain."""
    first = root.rstrip(b"/") + b"/"
    with catalog.connections.reading() as connection:
        return {folder for (folder,) in connection.execute(_FOLDERS, (root, first, first[:-1] + b"0"))}
