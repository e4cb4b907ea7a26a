"""What the first paint needs of a catalog, by plain sqlite3: the ORM is not loaded for it.

Reads the tables of catalog/tables.py and writes nothing. A catalog that is not there yet, or not of this
schema, is an empty one here: whoever opens it for writing says what is wrong.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from catalog.connections import existing
from catalog.entry import Entry
from catalog.search import files, find, timeline
from catalog.search.entries import entries_in, entries_of
from catalog.search.find import Page
from catalog.search.query import Cursor, Md5s, Query
from catalog.search.timeline import Period, Span

Found = TypeVar("Found")


class Summary(NamedTuple):
    """The catalog in numbers, and how the last sync ended. Times are Unix seconds."""

    photos: int = 0
    files: int = 0
    starred: int = 0
    pending: int = 0
    open_conflicts: int = 0
    seq: int | None = None
    last_success: int | None = None
    last_outcome: str | None = None
    last_error: str | None = None


_SUMMARY = """
SELECT (SELECT count(*) FROM photo WHERE deleted = 0),
       (SELECT count(*) FROM file WHERE missing = 0),
       (SELECT count(*) FROM photo WHERE starred = 1 AND deleted = 0),
       (SELECT count(*) FROM pending),
       (SELECT count(*) FROM conflict WHERE state = 'open')
"""

_REMOTE = "SELECT nullif(seq, 0), last_success, last_outcome, last_error FROM remote WHERE url = ?"


class CatalogReader:
    """Reads one catalog file. Any thread may use it; each call opens the file anew."""

    def __init__(self, path: Path) -> None:
        """Name the catalog.

        Args:
            path: the SQLite file, which need not be there.
        """
        self._path = path

    def folder(self, folder: bytes, names: Sequence[bytes]) -> dict[bytes, Entry]:
        """Return what is known of some files of one folder, by name.

        Args:
            folder: an absolute raw path.
            names: at most some hundreds.
        """
        entries: list[Entry] = self._search(lambda found: list(entries_in(found, folder, names)), [])
        return {entry.paths[0].rpartition(b"/")[2]: entry for entry in entries}

    def summary(self, url: str | None) -> Summary:
        """Count what is known, and tell how the last sync with a remote ended.

        Args:
            url: the remote's address, None if none is configured.
        """
        try:
            with self._open() as connection:
                remote = connection.execute(_REMOTE, (url,)).fetchone() or (None, None, None, None)
                return Summary(*connection.execute(_SUMMARY).fetchone(), *remote)
        except sqlite3.Error:
            return Summary()

    def page(self, query: Query, after: Cursor | None = None, limit: int = 50) -> Page:
        """Return some photos in order, with where to go on; see `catalog.search.find.page`."""
        return self._search(lambda found: find.page(found, query, after, limit), Page([], None))

    def count(self, query: Query) -> int:
        """Return how many photos are asked for."""
        return self._search(lambda found: find.count(found, query), 0)

    def md5s(self, query: Query) -> Md5s:
        """Return the md5s of all photos that are asked for, in order, 16 bytes each."""
        return self._search(lambda found: find.md5s(found, query), Md5s())

    def names(self, query: Query) -> list[bytes]:
        """Return the names of a folder's files that are asked for; see `catalog.search.files.names`."""
        return self._search(lambda found: files.names(found, query), [])

    def periods(self, within: Period | None = None) -> list[Period]:
        """Return the years, or the months or days within a period, that hold photos."""
        return self._search(lambda found: timeline.periods(found, within), [])

    def span(self, years: Sequence[Period]) -> Span:
        """Return how many photos there are, and how many of them without a date; `years` are all, counted."""
        return self._search(lambda found: timeline.span(found, years), Span(0, 0))

    def rows(self, md5s: Sequence[str]) -> list[Entry]:
        """Return photos by md5, at most some hundreds, in the order asked for; what is gone is left out."""
        return self._search(lambda found: entries_of(found, md5s), [])

    def _search(self, ask: Callable[[sqlite3.Connection], Found], nothing: Found) -> Found:
        try:
            with self._open() as connection:
                return ask(connection)
        except sqlite3.Error:
            return nothing

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(existing(self._path)) as connection:
            connection.execute("PRAGMA temp_store = MEMORY")  # what is sorted or collected for an answer
            connection.execute("BEGIN")  # all answers of one call are of one moment
            yield connection
