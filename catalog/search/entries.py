"""What the store tells of photos: by md5 with all their places, or of each file in a folder."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from catalog.backup_status import BACKUP_STATUS
from catalog.entry import STATUSES, Entry
from catalog.raw_path import path_in
from catalog.row import text_of_name
from catalog.search.filters import is_within

_ENTRIES = f"""
SELECT md5, filename, size, photodate, modified, width, height, starred, {BACKUP_STATUS}, error
  FROM photo WHERE md5 IN (SELECT value FROM json_each(?))
"""
_PLACES = """
SELECT md5, folder, name FROM file
 WHERE md5 IN (SELECT value FROM json_each(?)) AND missing = 0 ORDER BY folder, name
"""
_FILES = f"""
SELECT file.folder, name, file.md5, coalesce(photo.size, nullif(file.size, 0)), photodate, modified,
       width, height, coalesce(starred, 0), {BACKUP_STATUS}, file.error
  FROM file LEFT JOIN photo ON photo.md5 = file.md5 WHERE missing = 0
"""


def entries_of(connection: sqlite3.Connection, md5s: Sequence[str]) -> list[Entry]:
    """Return photos by md5, in the order asked for; one that is not there (any more) is left out."""
    wanted = json.dumps(list(md5s))
    places: dict[str, list[bytes]] = {}
    for md5, folder, name in connection.execute(_PLACES, (wanted,)):
        places.setdefault(md5, []).append(path_in(folder, name))
    found = {}
    for md5, filename, *facts, starred, status, error in connection.execute(_ENTRIES, (wanted,)):
        here = tuple(places.get(md5, ()))
        found[md5] = Entry._make((md5, filename, here, *facts, bool(starred), STATUSES[status], error))
    return [found[md5] for md5 in md5s if md5 in found]


def entries_in(
    connection: sqlite3.Connection, folder: bytes, names: Sequence[bytes] | None = None
) -> Iterator[Entry]:
    """Yield the files of one folder (not of those below) by name, each as a photo of that name and place.

    Args:
        connection: a catalog.
        folder: an absolute raw path.
        names: only these, at most some hundreds; None is all.
    """
    wanted = "" if names is None else f" AND name IN ({', '.join('?' * len(names))})"
    statement = f"{_FILES} AND file.folder = ?{wanted} ORDER BY name"
    return (_entry(*found) for found in connection.execute(statement, (folder, *(names or ()))))


def unreadable(connection: sqlite3.Connection, folder: bytes | None, *, recursive: bool) -> Iterator[Entry]:
    """Yield the files that could not be read, by place: all, or those in a folder, or there and below."""
    within, places = "1", ()
    if folder is not None:
        within, places = is_within(folder, recursive=recursive, column="file.folder")
    statement = f"{_FILES} AND file.md5 IS NULL AND {within} ORDER BY file.folder, name"
    return (_entry(*found) for found in connection.execute(statement, places))


def _entry(folder: bytes, name: bytes, md5: str | None, *facts: Any) -> Entry:
    *sizes, starred, status, error = facts
    return Entry._make(
        (md5, text_of_name(name), (path_in(folder, name),), *sizes, bool(starred), STATUSES[status], error)
    )
