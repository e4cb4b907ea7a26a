"""Finds photos by plain sqlite3: a page, how many there are, or the md5s of all, in any order.

Two ways lead to a page. The walk goes along the order's index and leaves out what does not pass: short where
much passes. The pick takes all that passes one filter, by an index of its own, and sorts it: cheap where
little passes. Where an index holds filter and order at once, a walk leaves out nothing. Otherwise the sizes
decide; and a walk that becomes too long, since what it looks for lies all at the other end, is broken off.
The functions read on the caller's connection, best in one transaction.
"""

import math
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from catalog.entry import Entry
from catalog.search.entries import entries_of
from catalog.search.filters import MANY_FOLDERS, Filter, Parameters, filters_of, is_within
from catalog.search.indexes import ALL, SETS, index_name
from catalog.search.query import Cursor, Md5s, Order, Query

_STEPS_A_PHOTO = 20
"""Of SQLite's virtual machine, at most, to look at one photo; a walk's bound is counted in them."""

_BY_MD5 = "sqlite_autoindex_photo_1"
_KEYS = {Order.DATE: "photodate", Order.STARRED: "photodate", Order.NAME: "filename", Order.SIZE: "size"}


class Page(NamedTuple):
    """Some photos in order; `after` leads to those that follow, None if none do."""

    entries: list[Entry]
    after: Cursor | None


class _Segment(NamedTuple):
    """A stretch of an order: its keys are all known, or (key None) all unknown, or the md5 alone counts."""

    number: int
    key: str | None
    condition: str = "1"
    starred: bool = False


def page(connection: sqlite3.Connection, query: Query, after: Cursor | None = None, limit: int = 50) -> Page:
    """Return some photos in order.

    Args:
        connection: a catalog.
        query: which photos.
        after: where the page before ended; None is the beginning.
        limit: how many at most.
    """
    found = list(_Search(connection, query).found(after, limit))
    last = found[-1] if found and len(found) == limit else None
    return Page(entries_of(connection, [place.md5 for place in found]), last)


def md5s(connection: sqlite3.Connection, query: Query, limit: int | None = None) -> Md5s:
    """Return the md5s of all photos that are asked for, in order; a million take 16 MB and some seconds.

    Args:
        connection: a catalog.
        query: which photos.
        limit: how many at most; few are found as soon as a page is.
    """
    return Md5s(place.md5 for place in _Search(connection, query).found(None, limit))


def count(connection: sqlite3.Connection, query: Query) -> int:
    """Return how many photos are asked for."""
    if query.folder is not None and not query.narrowed:
        return _count_of_folder(connection, query.folder, recursive=query.recursive)
    search = _Search(connection, query)
    smallest = search.smallest(search.size() // 4)
    source, conditions, parameters = search.passing(smallest[0] if smallest else None, all_of_them=True)
    if source == "photo" and all(each.column for each in search.filters):
        source += f" INDEXED BY {index_name('name')}"  # it holds all these columns
    statement = f"SELECT count(*) FROM {source} WHERE {conditions}"
    return int(connection.execute(statement, parameters).fetchone()[0])


def _count_of_folder(connection: sqlite3.Connection, folder: bytes, *, recursive: bool) -> int:
    """Add up what the folders hold, less tombstones, less what is in more than one of them."""
    paths, places = is_within(folder, recursive=recursive, column="path")
    within, _ = is_within(folder, recursive=recursive, column="file.folder")
    many_times = f"""
    SELECT count(DISTINCT file.folder) AS folders
      FROM photo INDEXED BY %s JOIN file INDEXED BY ix_file_md5 ON file.md5 = photo.md5
     WHERE %s AND missing = 0 AND {within} GROUP BY photo.md5
    """
    held = f"SELECT sum(photos) FROM folder WHERE {paths}"
    tombstones = f"SELECT sum(folders) FROM ({many_times % ('photo_deleted', 'deleted = 1')})"
    again = f"SELECT sum(folders - 1) FROM ({many_times % (index_name('size', 'twice'), SETS['twice'])})"

    def number(statement: str) -> int:
        return int(connection.execute(statement, places).fetchone()[0] or 0)

    return number(held) - number(tombstones) - (number(again) if recursive else 0)


class _Search:
    """One query on one catalog. `limit` None is all."""

    def __init__(self, connection: sqlite3.Connection, query: Query) -> None:
        self._connection = connection
        self._query = query
        self._key = _KEYS.get(query.order)
        self._by_date = self._key == "photodate"
        self._direction, self._beyond = ("DESC", "<") if query.reverse else ("ASC", ">")
        self.filters = filters_of(query)
        sets = [each.of or each.within for each in self.filters]
        self._set = next((name for name in sets if name is not None), None)

    def found(self, after: Cursor | None, limit: int | None) -> Iterator[Cursor]:
        """Yield the places, in the order, of the photos that are asked for."""
        size = bound = 0
        smallest = None
        if not all(self._is_read_off(each) for each in self.filters):
            size = self.size()
            bound = size // 4 if limit is None else math.isqrt(limit * size) + 1
            smallest = self.smallest(bound)
        if smallest is not None and smallest[1] < bound:
            yield from self._pick(smallest[0], after, limit)
            return
        steps = 0 if smallest is None or limit is None else 4 * bound * _STEPS_A_PHOTO
        if not steps:
            yield from self._walk(after, limit, 0)
            return
        try:
            for place in self._walk(after, limit, steps):
                after, limit = place, None if limit is None else limit - 1
                yield place
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            smallest = self.smallest(size // 8)
            if smallest is not None and smallest[1] < size // 8:
                yield from self._pick(smallest[0], after, limit)
            else:
                yield from self._walk(after, limit, 0)

    def size(self) -> int:
        """Return about how many photos there are."""
        return int(self._connection.execute("SELECT coalesce(max(rowid), 0) FROM photo").fetchone()[0])

    def smallest(self, bound: int) -> tuple[Filter, int] | None:
        """Return the filter that leaves the least, and about how much that is; counted up to the bound."""
        sizes = []
        for number, each in enumerate(self.filters):
            if each.pick is not None:
                statement = each.pick.counting.replace(":bound", str(bound))
                found = self._connection.execute(statement, each.pick.counting_parameters).fetchone()
                sizes.append((int(found[0]), number))
        return (self.filters[min(sizes)[1]], min(sizes)[0]) if sizes else None

    def passing(self, picked: Filter | None, *, all_of_them: bool = False) -> tuple[str, str, Parameters]:
        """Return what to put after FROM and after WHERE to get what passes, and the parameters.

        Where all that pass are wanted, each filter's own way is better than a look at each photo.
        """
        conditions: list[str] = [ALL]
        parameters: list[Any] = []
        for each in self.filters:
            chosen = each.pick if (each is picked or all_of_them) and each.pick is not None else each
            conditions.append(chosen.condition)
            parameters += chosen.parameters
        source = "photo"
        if picked is not None and picked.pick is not None:
            source += f" INDEXED BY {picked.pick.along}" if picked.pick.along else " NOT INDEXED"
        return source, " AND ".join(conditions), tuple(parameters)

    def _pick(self, picked: Filter, after: Cursor | None, limit: int | None) -> Iterator[Cursor]:
        source, conditions, parameters = self.passing(picked)
        segment = f"({self._key} IS NULL)" if self._key is not None else "0"
        if self._query.order is Order.STARRED:
            segment = f"(2 * (starred = {int(self._query.reverse)}) + {segment})"
        key = f"coalesce({self._key}, 0)" if self._key is not None else "0"
        if after is not None:
            conditions += f" AND ({segment} > ? OR {segment} = ? AND ({key}, md5) {self._beyond} (?, ?))"
            parameters += (after.segment, *after)
        statement = (
            f"SELECT {segment} AS segment, {key} AS key, md5 FROM {source} WHERE {conditions}"
            f" ORDER BY segment, key {self._direction}, md5 {self._direction} LIMIT ?"
        )
        return map(Cursor._make, self._connection.execute(statement, (*parameters, _sql(limit))))

    def _segments(self) -> Iterator[_Segment]:
        key = self._key
        only_stars = any(name == "starred" for each in self.filters for name in (each.of, each.within))
        if self._query.order is Order.STARRED:
            for number, starred in enumerate((0, 1) if self._query.reverse else (1, 0)):
                if starred or not only_stars:
                    for unknown, known in enumerate(("IS NOT NULL", "IS NULL")):
                        condition = f"{key} {known} AND starred = {starred}"
                        chosen = None if unknown else key
                        yield _Segment(2 * number + unknown, chosen, condition, starred=bool(starred))
        elif self._query.order in (Order.DATE, Order.SIZE):
            yield _Segment(0, key, f"{key} IS NOT NULL")
            yield _Segment(1, None, f"{key} IS NULL")
        else:
            yield _Segment(0, key)

    def _is_read_off(self, each: Filter) -> bool:
        """Tell whether the index that a walk goes along holds just what passes a filter."""
        if each.of is not None:
            return each.of == self._set and self._query.order is not Order.MD5
        if each.column == "camera":
            return self._set is None and self._query.order is Order.DATE
        return each.column == "photodate" and self._by_date

    def _index(self, segment: _Segment) -> str:
        if self._query.order is Order.MD5:
            return _BY_MD5
        if self._query.order is Order.DATE and self._query.camera is not None and self._set is None:
            return "photo_camera_by_date"
        order = "date" if self._by_date else self._query.order.value
        return index_name(order, self._set or ("starred" if segment.starred else None))

    def _walk(self, after: Cursor | None, limit: int | None, steps: int) -> Iterator[Cursor]:
        """Go along the order's index; with `steps`, at most so many of SQLite's for each segment."""
        _, passing, parameters = self.passing(None, all_of_them=limit is None)
        dates = self._dates_in_folder() if self._by_date else ()
        for segment in self._segments():
            if after is not None and segment.number < after.segment:
                continue
            conditions, values = f"{passing} AND {segment.condition}", parameters
            if segment.key is not None and dates:
                conditions, values = f"{conditions} AND photodate BETWEEN ? AND ?", values + dates
            keys = [segment.key, "md5"] if segment.key is not None else ["md5"]
            if after is not None and segment.number == after.segment:
                conditions += f" AND ({', '.join(keys)}) {self._beyond} ({', '.join('?' * len(keys))})"
                values += after[-len(keys) :]
            statement = (
                f"SELECT {segment.number}, {segment.key or 0}, md5"
                f" FROM photo INDEXED BY {self._index(segment)} WHERE {conditions}"
                f" ORDER BY {', '.join(f'{key} {self._direction}' for key in keys)} LIMIT ?"
            )
            places = map(Cursor._make, self._run(statement, (*values, _sql(limit)), steps))
            if limit is None:  # there may be a million
                yield from places
                continue
            for place in places:
                limit -= 1
                yield place
            if limit == 0:
                return

    def _dates_in_folder(self) -> Parameters:
        """Return between which times a folder's photos were taken: they often lie together in the order."""
        if self._query.folder is None:
            return ()
        within, places = is_within(self._query.folder, recursive=self._query.recursive, column="path")
        statement = f"""
        SELECT count(*), min(earliest), max(latest)
          FROM (SELECT earliest, latest FROM folder WHERE {within} LIMIT {MANY_FOLDERS})
        """
        folders, *times = self._connection.execute(statement, places).fetchone()
        return tuple(times) if folders < MANY_FOLDERS else ()

    def _run(self, statement: str, parameters: Parameters, steps: int) -> Iterator[Any]:
        if not steps:
            return self._connection.execute(statement, parameters)
        self._connection.set_progress_handler(lambda: 1, steps)
        try:
            return iter(self._connection.execute(statement, parameters).fetchall())
        finally:
            self._connection.set_progress_handler(None, 0)


def _sql(limit: int | None) -> int:
    return -1 if limit is None else limit
