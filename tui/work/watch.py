"""Notices that the catalog was changed: by cron, a script, the app in another terminal, or by us.

By whom, and what, is not told: SQLite says only this much of a connection that is kept, but for next to
nothing.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from catalog.connections import existing

_EVERY = 2.0  # seconds
_END_SECONDS = 0.5


class CatalogWatch:
    """Looks at one catalog every few seconds, on a thread of its own."""

    def __init__(self, path: Path, changed: Callable[[], object]) -> None:
        """Prepare it.

        Args:
            path: the SQLite file; as long as it is not there, nothing is told.
            changed: called on that thread.
        """
        self._path = path
        self._changed = changed
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(_END_SECONDS)  # a disk that does not answer holds nobody up

    def _run(self) -> None:
        while not self._ended.wait(_EVERY):
            try:
                with closing(existing(self._path)) as connection:
                    self._follow(connection)
            except sqlite3.Error:  # not there yet, or set aside: whoever writes to it says so
                continue

    def _follow(self, connection: sqlite3.Connection) -> None:
        seen = None  # what was done since the app has looked for the first time
        while not self._ended.wait(_EVERY):
            if (now := _version(connection)) != seen:
                seen = now
                self._changed()


def _version(connection: sqlite3.Connection) -> int:
    """Return a number that is another one after each commit of somebody else."""
    version: int
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return version
