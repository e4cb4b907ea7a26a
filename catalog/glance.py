"""A sync's first look at the catalog, by plain sqlite3: is there anything to send, and what was seen last?

An idle sync, the one that a cron job makes all day, then costs one request and not the ORM's import.
"""

import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from catalog.connections import existing
from catalog.protocol import SCHEMA

_QUIET = """
SELECT seq, etag, (SELECT count(*) FROM conflict WHERE state = 'open')
  FROM remote
 WHERE url = ? AND manifest IS NOT NULL AND etag IS NOT NULL
   AND (SELECT version_num FROM alembic_version) = ?
   AND NOT EXISTS (SELECT 1 FROM pending) AND NOT EXISTS (SELECT 1 FROM journal)
"""

_NOTE = """
UPDATE remote SET last_outcome = ?, last_error = ?, last_success = coalesce(?, last_success) WHERE url = ?
"""


class Quiet(NamedTuple):
    """A catalog with nothing to send: the commit that it equals, and its manifest's ETag."""

    seq: int
    etag: str
    open_conflicts: int


def quiet(path: Path, url: str) -> Quiet | None:
    """Look whether a catalog equals the remote as it was last seen.

    Args:
        path: the SQLite file, which need not be there.
        url: the remote's address.

    Returns:
        What was seen; None if there is something to send, or anything else that the engine must look at.
    """
    try:
        with closing(existing(path)) as connection:
            found = connection.execute(_QUIET, (url, SCHEMA)).fetchone()
    except sqlite3.Error:
        return None
    return None if found is None else Quiet(*found)


def note_outcome(path: Path, url: str, outcome: str, error: str | None = None) -> None:
    """Keep for the status that catalog and remote were seen to be equal just now, or why that is not known.

    A catalog that is too busy for it keeps the earlier note: it is no less true.

    Args:
        path: the SQLite file.
        url: the remote's address.
        outcome: a sync's word for it.
        error: one sentence if they were not seen.
    """
    success = int(time.time()) if error is None else None
    with suppress(sqlite3.Error), closing(existing(path, writable=True)) as connection, connection:
        connection.execute(_NOTE, (outcome, error, success, url))
