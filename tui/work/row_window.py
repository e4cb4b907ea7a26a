"""The rows of the photos that are seen, and of some before and after: read on a worker, the latest used kept.

One read at a time: while it goes on only the newest wish is remembered, so that holding a key costs no queue.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from textual.message import Message

from catalog.search.query import Query
from tui.work.background import Background
from tui.work.rows import Row, unknown_row

_KEPT = 3000  # rows of some hundred bytes each; more than three screens of the largest contact sheet

ReadRows = Callable[[Query, Sequence[bytes]], Iterable[Row]]


@dataclass
class RowsRead(Message):
    """What a worker has read: the rows of the photos that were asked for, less those that are gone."""

    query: Query
    asked: set[bytes]
    rows: list[Row]


class RowWindow:
    """A cache of rows that fills itself. Used on the screen's own thread."""

    def __init__(self, read: ReadRows, background: Background, post: Callable[[Message], object]) -> None:
        """Prepare it, empty.

        Args:
            read: reads rows; called on a worker.
            background: runs it.
            post: brings what was read to the screen's thread, where it is to be given to `take`.
        """
        self._read, self._background, self._post = read, background, post
        self._rows: OrderedDict[bytes, Row] = OrderedDict()
        self._doubted: set[bytes] = set()
        self._asked: set[bytes] | None = None  # what a worker reads; empty if it does not count any more
        self._newest: tuple[Query, Sequence[bytes]] = (Query(), ())

    def get(self, key: bytes) -> Row | None:
        """Return the row of a photo if it is known; never waits."""
        row = self._rows.get(key)
        if row is not None:
            self._rows.move_to_end(key)
        return row

    def all(self) -> list[Row]:
        """Return all rows that are known."""
        return list(self._rows.values())

    def fetch(self, query: Query, keys: Sequence[bytes]) -> None:
        """Have those of some photos read that are not known, or not known for sure."""
        self._newest = query, keys
        missing = [key for key in keys if self.lacks(key)]
        if self._asked is not None or not missing:
            return
        asked = self._asked = set(missing)
        self._background.run("rows", lambda _: self._post(RowsRead(query, asked, self._try(query, missing))))

    def lacks(self, key: bytes) -> bool:
        """Tell whether a photo's row is not known, or not known for sure."""
        return key not in self._rows or key in self._doubted

    def _try(self, query: Query, keys: Sequence[bytes]) -> list[Row]:
        try:
            return list(self._read(query, keys))
        except Exception:  # what cannot be read is told where the folder is listed
            return []

    def take(self, read: RowsRead) -> set[bytes]:
        """Take in what a worker has read; returns the keys of which something else is known now."""
        if read.asked is not self._asked:
            return set()  # of a list that is not on the screen any more
        self._asked = None
        found = {row.key: row for row in read.rows}
        news = (found.get(key) or unknown_row(read.query, key)._replace(known=True) for key in read.asked)
        changed = self.learn(news)
        self.fetch(*self._newest)
        return changed

    def learn(self, rows: Iterable[Row]) -> set[bytes]:
        """Take in rows from elsewhere; returns the keys of which something else is known now."""
        changed = set()
        for row in rows:
            if self._rows.get(row.key) != row:
                changed.add(row.key)
            self._rows[row.key] = row
            self._rows.move_to_end(row.key)
            self._doubted.discard(row.key)
        while len(self._rows) > _KEPT:
            key, _ = self._rows.popitem(last=False)
            self._doubted.discard(key)
        return changed

    def doubt(self, keys: Collection[bytes] | None) -> None:
        """Something else may be true of some photos now, None is all: read again when they are looked at."""
        self._doubted.update(self._rows if keys is None else self._rows.keys() & keys)
        if self._asked is not None:
            self._asked.clear()  # read before that, perhaps

    def forget(self) -> None:
        """Other photos are looked at from now on."""
        self._rows.clear()
        self._doubted.clear()
        self._asked = None
