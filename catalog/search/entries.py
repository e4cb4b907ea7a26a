"""Photos as the store tells of them, read by md5."""

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from catalog.backup_status import BACKUP_STATUS
from catalog.protocol import BackupStatus

STATUSES = {status.value: status for status in BackupStatus}

_ENTRIES = f"""
SELECT md5, filename, size, photodate, modified, width, height, starred, {BACKUP_STATUS}, error
  FROM photo WHERE md5 IN (SELECT value FROM json_each(?))
"""
_PLACES = """
SELECT md5, folder, name FROM file
 WHERE md5 IN (SELECT value FROM json_each(?)) AND missing = 0 ORDER BY folder, name
"""


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


def entries_of(connection: sqlite3.Connection, md5s: Sequence[str]) -> list[Entry]:
    """Return photos by md5, in the order asked for; one that is not there (any more) is left out."""
    wanted = json.dumps(list(md5s))
    places: dict[str, list[bytes]] = {}
    for md5, folder, name in connection.execute(_PLACES, (wanted,)):
        places.setdefault(md5, []).append(folder.rstrip(b"/") + b"/" + name)
    found = {}
    for md5, filename, *facts, starred, status, error in connection.execute(_ENTRIES, (wanted,)):
        here = tuple(places.get(md5, ()))
        found[md5] = Entry._make((md5, filename, here, *facts, bool(starred), STATUSES[status], error))
    return [found[md5] for md5 in md5s if md5 in found]
