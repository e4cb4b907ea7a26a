"""Plain sqlite3 connections to a catalog, kept open between uses: all that screens, stars and scans need.

The ORM's engine (catalog/engine.py) prepares its connections and begins its transactions in the same way.
"""

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import finalize

BUSY_SECONDS = 300.0
"""How long a write waits for its turn: a first sync of a million photos takes minutes on a NAS."""

_LOOK_SECONDS = 2.0  # how long one waits that can be done again, or be left

_PRAGMAS = (
    "wal_autocheckpoint = 4000",  # pages: a scan then writes a third less, for a log of 16 MB
    "foreign_keys = ON",
    "temp_store = MEMORY",
)
_READERS_CACHE, _WRITERS_CACHE = -2048, -16384  # kB: who reads a folder goes along it once


class Connections:
    """The connections to one catalog file. Any thread may use them; each use is one transaction."""

    def __init__(self, path: Path) -> None:
        """Prepare them; none is opened yet.

        Args:
            path: a catalog of the newest schema.
        """
        self._path = path
        self._idle: deque[sqlite3.Connection] = deque()
        finalize(self, _close, self._idle)  # a command that ends, or fails, just leaves its catalog

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction for reads only: all its answers are of one moment."""
        with self._connection() as connection:
            begin_reading(connection)
            yield connection

    @contextmanager
    def writing(self, *, found_again: bool = False) -> Iterator[sqlite3.Connection]:
        """Open a writer's transaction, committed at the end unless there is an exception.

        Args:
            found_again: what is written would be found again by a scan: it does not wait for the disk.
        """
        with self._connection() as connection:
            begin_writing(connection, found_again=found_again)
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, check_same_thread=False)
            prepare(connection)
        try:
            yield connection
        finally:
            connection.rollback()  # nothing, after a commit
            self._idle.append(connection)

    def close(self) -> None:
        """Close those that nobody uses."""
        _close(self._idle)


def _close(idle: deque[sqlite3.Connection]) -> None:
    while idle:
        idle.pop().close()


def existing(path: Path, *, writable: bool = False) -> sqlite3.Connection:
    """Connect to a catalog that may not be there, and make none; no use of it waits longer than 2 s.

    Args:
        path: the SQLite file.
        writable: whether it is to be written.

    Raises:
        sqlite3.OperationalError: it is not there, or cannot be opened.
    """
    address = f"{path.absolute().as_uri()}?mode={'rw' if writable else 'ro'}"
    return sqlite3.connect(address, uri=True, timeout=_LOOK_SECONDS)


def prepare(connection: sqlite3.Connection) -> None:
    """Set up a connection that was just opened."""
    # the driver's own transaction control would commit around DDL and begin too late for a writer
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def begin_reading(connection: sqlite3.Connection) -> None:
    """Begin a transaction that only reads."""
    connection.execute(f"PRAGMA cache_size = {_READERS_CACHE}")
    connection.execute("BEGIN")


def begin_writing(connection: sqlite3.Connection, *, found_again: bool = False) -> None:
    """Begin a transaction as a writer's at once; see `Connections.writing`."""
    connection.execute(f"PRAGMA cache_size = {_WRITERS_CACHE}")
    # FULL: what was acknowledged outlives a power cut, for a wait on the disk. NORMAL: a kill, but not that
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if found_again else 'FULL'}")
    connection.execute("BEGIN IMMEDIATE")
