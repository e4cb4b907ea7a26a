"""The photos by year, month and day, counted, by plain sqlite3: one level of the timeline at a time.

Days are those of this machine's time zone. The index of dates is followed from one period that holds photos
to the next, so a year without any costs nothing.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from catalog.search.indexes import ALL, index_name

_EARLIEST, _LATEST = -62_000_000_000, 253_000_000_000  # Unix seconds: what calendars here can tell

_FROM = f"FROM photo INDEXED BY {index_name('date')} WHERE {ALL} AND"
_NEXT = f"SELECT photodate {_FROM} photodate >= ? ORDER BY photodate LIMIT 1"
_COUNT = f"SELECT count(*) {_FROM} photodate >= ? AND photodate < ?"


class Period(NamedTuple):
    """A year, a month or a day, and how many photos were taken in it.

    Attributes:
        date: (year,), (year, month) or (year, month, day).
        since: its first moment, Unix seconds.
        until: the first moment after it.
        photos: how many; those that are only on the remote are counted, too.
    """

    date: tuple[int, ...]
    since: int
    until: int
    photos: int


class Span(NamedTuple):
    """All that a timeline leads to: how many photos there are, and of how many nobody knows the date."""

    photos: int
    undated: int


def span(connection: sqlite3.Connection, years: Iterable[Period]) -> Span:
    """Count all photos, and those without a date.

    Args:
        connection: a catalog.
        years: all of its, counted: only what is in none of them is still to be counted.
    """
    undated, before, after = (
        int(connection.execute(f"SELECT count(*) {_FROM} {condition}").fetchone()[0])
        for condition in ("photodate IS NULL", f"photodate < {_EARLIEST}", f"photodate >= {_LATEST}")
    )
    return Span(sum(year.photos for year in years) + undated + before + after, undated)


def periods(connection: sqlite3.Connection, within: Period | None = None) -> list[Period]:
    """Return the periods of the next level that hold photos, in order.

    Args:
        connection: a catalog.
        within: a year, for its months; a month, for its days; None for all years.
    """
    return list(_periods(connection, within))


def _periods(connection: sqlite3.Connection, within: Period | None) -> Iterator[Period]:
    length = 1 if within is None else len(within.date) + 1
    since, end = (_EARLIEST, _LATEST) if within is None else (within.since, within.until)
    while (found := connection.execute(_NEXT, (since,)).fetchone()) is not None and found[0] < end:
        date = time.localtime(found[0])[:length]
        begin, until = _bounds(date)
        until = max(until, found[0] + 1)
        photos = connection.execute(_COUNT, (begin, until)).fetchone()[0]
        yield Period(date, begin, until, photos)
        since = until


def _bounds(date: tuple[int, ...]) -> tuple[int, int]:
    """Return the first moment of a period, and the first after it; the C library knows the calendar."""
    year, month, day = (*date, 1, 1)[:3]
    after = [year, month, day]
    after[len(date) - 1] += 1
    return _moment(year, month, day), _moment(*after)


def _moment(year: int, month: int, day: int) -> int:
    return int(time.mktime((year, month, day, 0, 0, 0, 0, 0, -1)))
