"""The photos on the screen: which, in what order, where the cursor is, what is marked, and what is known.

One `Photos` for the app. List, contact sheet and full view draw from it and move its cursor; it knows no
widget. All of it is used on the screen's own thread and never waits: the keys of all photos are in memory
(file names, or a million md5s in 16 MB), their rows are read by window on a worker, and the latest used are
kept.

A widget that draws photos

- says `photos.listen(self._hear)` in `on_mount` and `photos.unlisten(self._hear)` in `on_unmount`. It is
  called at once with a message of `tui.work.photo_changes`, and repaints what that names;
- says after each scroll and resize which photos it shows: `photos.look(first, count)`. What is not known of
  them is read then, with some before and after, and told by `RowsChanged`;
- draws from `photos.row(index)`: until `row.known` it holds no more than the name;
- does what a key asks for by `photos.when_there(...)`, so that a key pressed while other photos are on their
  way is meant for those: `photos.when_there(lambda: photos.move_by(1))`.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from textual.message import Message

from catalog.search.query import Query
from tui.work.awaited import Awaited
from tui.work.background import Background
from tui.work.following import following
from tui.work.marks import Marks
from tui.work.photo_changes import CursorMoved, OrderChanged, RowsChanged
from tui.work.row_window import ReadRows, RowsRead, RowWindow
from tui.work.rows import Ref, Row, goes_by_stars, is_folder, key_of, place_of, ref_of, unknown_row
from tui.work.stars_on_their_way import StarsOnTheirWay


class Photos:
    """The photos on the screen; see the module's docstring.

    Attributes:
        query: which photos, in what order.
        keys: of all of them, in order; see `tui.work.rows`.
        cursor: index of the photo under the cursor; 0 if there are none.
        marks: which are marked.
        changed: md5s whose star is another than when they were listed by it: the list may not be so any more.
    """

    def __init__(self, read: ReadRows, background: Background, post: Callable[[Message], object]) -> None:
        """Prepare an empty screen.

        Args:
            read: reads the rows of some photos of a query; called on a worker.
            background: runs it.
            post: brings what was read to the screen's thread, where it is to be given to `take`.
        """
        self.query = Query()
        self.keys: Sequence[bytes] = []
        self.cursor = 0
        self.marks = Marks()
        self.changed: set[str] = set()
        self._rows = RowWindow(read, background, post)
        self._window = (0, 0)
        self._more = self._to_last = False
        self._stars = StarsOnTheirWay()
        self._listeners: list[Callable[[Message], object]] = []
        self._awaited = Awaited()

    @property
    def ready(self) -> bool:
        """Whether no others are on their way."""
        return self._awaited.there

    def __len__(self) -> int:
        return len(self.keys)

    # ---- who draws them

    def listen(self, hear: Callable[[Message], object]) -> None:
        """Have a function called with each message of this module, at once."""
        self._listeners.append(hear)

    def unlisten(self, hear: Callable[[Message], object]) -> None:
        """Call a function no more."""
        self._listeners.remove(hear)

    def _tell(self, message: Message) -> None:
        for hear in list(self._listeners):
            hear(message)

    # ---- which they are

    def expect(self, query: Query) -> None:
        """Other photos are on their way: what is typed from now on is meant for them, not for those here."""
        self._awaited.expect(query)
        if query == self.query and self.keys:
            self._awaited.arrived(query)

    def when_there(self, do: Callable[[], object]) -> None:
        """Do what a key asks for to the photos that it is meant for: those on their way, if there are any."""
        self._awaited.when_there(do)

    def show(self, query: Query, keys: Sequence[bytes], *, at: bytes = b"", more: bool = False) -> None:
        """Put photos on the screen. In the same place the cursor stays on its photo.

        Args:
            query: what was asked for.
            keys: of all that it found, in order.
            at: key of the photo to begin at, in another place.
            more: whether these are only the first, and the others are on their way.
        """
        self._more = more
        self.changed.clear()
        other = place_of(query) != place_of(self.query)
        if query != self.query or keys != self.keys:
            current = at if other else self._key_in(query, keys)
            if is_folder(query) != is_folder(self.query) or other:
                self._rows.forget()
                self.marks.clear()
            self.marks.anchor = None
            self.query, self.keys = query, keys
            self.cursor = self._place_of(current, 0 if other else self.cursor)
            self._tell(OrderChanged(other))
        if self._to_last and not more:
            self.move_to_last()
        self._awaited.arrived(query)

    def _key_in(self, query: Query, keys: Sequence[bytes]) -> bytes | None:
        """Return the key that the photo under the cursor has in another query of the same place.

        If that is no longer there, it is the key of the next photo that is.
        """
        row = self.current
        if row is None:
            return None
        if is_folder(query) == is_folder(self.query):
            return following(keys, self.keys, self.cursor)
        if not is_folder(query):
            return bytes.fromhex(row.md5) if row.md5 is not None else None
        return row.name

    def _place_of(self, key: bytes | None, otherwise: int) -> int:
        otherwise = max(0, min(otherwise, len(self.keys) - 1))
        if key is None or (self.keys and self.keys[otherwise] == key):
            return otherwise
        try:
            return self.keys.index(key)
        except ValueError:
            return otherwise

    # ---- what is known of them

    def row(self, index: int) -> Row:
        """Return what is known of a photo now, with a star that is on its way."""
        key = self.keys[index]
        row = self._rows.get(key) or unknown_row(self.query, key)
        starred = self._stars.of(ref_of(self.query, key))
        return row if starred is None else row._replace(starred=starred, waiting=True)

    @property
    def current(self) -> Row | None:
        """The photo under the cursor, None if there are none."""
        return self.row(self.cursor) if self.keys else None

    def look(self, first: int, count: int) -> None:
        """Some photos are shown: have read what is not known of them, and of as many before and after.

        Args:
            first: index of the first that is shown.
            count: how many are.
        """
        self._window = (first, count)
        begin, half = max(0, first - count), max(0, first - count // 2)
        if any(map(self._rows.lacks, self.keys[half : first + count + count // 2])):
            self._rows.fetch(self.query, self.keys[begin : first + 2 * count])

    def take(self, read: RowsRead) -> None:
        """Take in what a worker has read."""
        self._changed(self._rows.take(read))

    def learn(self, rows: Iterable[Row]) -> None:
        """Take in rows of photos on the screen that somebody else has read."""
        self._changed(self._rows.learn(rows))

    def doubt(self, keys: Collection[bytes] | None = None) -> None:
        """Something else may be true of some photos now, None is all: what is shown is read again."""
        self._rows.doubt(keys)
        self.look(*self._window)

    def _changed(self, keys: Collection[bytes]) -> None:
        if keys:
            self._tell(RowsChanged(keys))

    # ---- the cursor and the marks

    def move_by(self, by: int) -> None:
        """Move the cursor by photos; it stops at the ends."""
        self.move_to(self.cursor + by)

    def move_to(self, index: int) -> None:
        """Put the cursor on a photo; on the first or last if the index is beyond."""
        before, after = self.cursor, max(0, min(index, len(self.keys) - 1))
        if before != after:
            self.cursor = after
            self._tell(CursorMoved(before, after))

    def move_to_last(self) -> None:
        """Put the cursor on the last photo, as soon as all are there."""
        self._to_last = self._more
        self.move_to(len(self.keys) - 1)

    def go_to(self, key: bytes) -> bool:
        """Put the cursor on a photo; returns whether it is there."""
        index = self._place_of(key, -1)
        found = bool(self.keys) and self.keys[index] == key
        if found:
            self.move_to(index)
        return found

    def is_marked(self, index: int) -> bool:
        """Tell whether a photo is marked, or in the range that is being marked."""
        return index in self.marks.in_range(self.cursor) or self.keys[index] in self.marks.keys

    def mark(self) -> None:
        """Mark the photo under the cursor, or take its mark away."""
        if self.keys:
            key = self.keys[self.cursor]
            self.marks.toggle(key)
            self._tell(RowsChanged({key}))

    def begin_range(self) -> None:
        """Have all photos marked from the one under the cursor to wherever that goes."""
        if self.keys:
            self.marks.anchor = self.cursor
            self._tell(RowsChanged({self.keys[self.cursor]}))

    def end_range(self, *, keep: bool) -> None:
        """End the range; its photos stay marked, or do not."""
        covered = self.marks.in_range(self.cursor)
        self.marks.anchor = None
        if keep:
            self.marks.keys.update(self.keys[covered.start : covered.stop])
        self._tell(RowsChanged(None))

    def clear_marks(self) -> None:
        """Take all marks away."""
        self.marks.clear()
        self._tell(RowsChanged(None))

    def marked(self) -> list[bytes]:
        """Return the keys of the marked photos, also of those that a filter hides now."""
        covered = self.marks.in_range(self.cursor)
        return list(self.marks.keys | set(self.keys[covered.start : covered.stop]))

    # ---- stars on their way

    @property
    def stars_wait(self) -> bool:
        """Whether there are stars that the catalog does not have yet."""
        return bool(self._stars)

    def want(self, refs: Iterable[Ref], is_starred: bool) -> None:
        """Stars are on their way into the catalog: show so until all that were asked for have settled."""
        self._stars.want(refs, is_starred)
        self._tell(RowsChanged(None))

    def settle(
        self, refs: Collection[Ref], md5s: Collection[str], is_starred: bool, changed: Collection[str] = ()
    ) -> None:
        """The oldest stars that were wanted of some photos are written, or could not be.

        Args:
            refs: the photos, as in `want`.
            md5s: of the photos that have the star now, or have it no more; none if it could not be written.
            is_starred: what was wanted.
            changed: of those that had another before.
        """
        refs = frozenset(refs)
        self._stars.settle(refs)
        if goes_by_stars(self.query) and any(key_of(self.query, ref) is not None for ref in refs):
            self.changed ^= set(changed)
        of_them = (row for row in self._rows.all() if row.md5 in md5s or (md5s and row.path in refs))
        written = [row._replace(starred=is_starred) for row in of_them]
        self._rows.learn(written)
        self._tell(RowsChanged(None))
        self.doubt({row.key for row in written})
