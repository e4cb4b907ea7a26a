"""Keeps the index of names up to date, many names in one go: row by row they would cost ten times as much."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

_BEHIND = 2_000  # names that a search looks at one by one before that is worth a thought
_PART = 20_000  # names a transaction: a tenth of a second, so that a star need not wait

_MISSING = "SELECT (SELECT upto FROM photo_named), (SELECT coalesce(max(rowid), 0) FROM photo)"
_ADD = """
INSERT INTO photo_name (rowid, filename)
SELECT rowid, filename FROM photo WHERE rowid > ? AND rowid <= ?
"""


def index_names(path: Path) -> int:
    """Take new names into the index, unless they are few. Killed at any point, it goes on from there.

    Args:
        path: the catalog, of the newest schema.

    Returns:
        How many rowids further the index reaches.

    Raises:
        sqlite3.Error: it cannot be written; nothing is wrong then but that a search takes longer.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        begun, newest = connection.execute(_MISSING).fetchone()
        if newest - begun <= _BEHIND:
            return 0
        while True:
            connection.execute("BEGIN IMMEDIATE")
            upto, newest = connection.execute(_MISSING).fetchone()
            if upto >= newest:
                connection.execute("ROLLBACK")
                return int(upto - begun)
            reached = min(upto + _PART, newest)
            connection.execute(_ADD, (upto, reached))
            connection.execute("UPDATE photo_named SET upto = ?", (reached,))
            connection.execute("COMMIT")


def forget_names(path: Path) -> None:
    """Empty the index, to be filled anew; a catalog without one is left as it is."""
    with closing(sqlite3.connect(path)) as connection, connection, suppress(sqlite3.OperationalError):
        connection.execute("UPDATE photo_named SET upto = 0")
        connection.execute("INSERT INTO photo_name (photo_name) VALUES ('delete-all')")
