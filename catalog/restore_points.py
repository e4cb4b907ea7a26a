"""Restore points: photos as they were before changes from elsewhere, and as these made them."""

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from catalog.row import PhotoRow
from catalog.tables import RestorePoint, RestoreRow

POINT = RestorePoint.__table__  # type: ignore[attr-defined]
ROW = RestoreRow.__table__  # type: ignore[attr-defined]

POINTS_KEPT = 20

_INSERT = "INSERT INTO restore_row (point, md5, before, after) VALUES (?, ?, ?, ?)"
_APPEND = f'{_INSERT} ON CONFLICT DO UPDATE SET "after" = "after" || excluded."after"'


class Point(NamedTuple):
    """A restore point: before what (`reason`), when (Unix seconds), and how many photos changed then."""

    id: int
    made_at: int
    url: str
    seq: int
    reason: str
    photos: int


class NewPoint:
    """A restore point in the making, in the transaction that makes the changes. Without changes, none."""

    def __init__(self, connection: Connection, *, url: str, seq: int, reason: str) -> None:
        """Name it.

        Args:
            connection: the transaction.
            url: the remote.
            seq: the commit that brings the changes.
            reason: what brings them, for people.
        """
        self._connection = connection
        self._values: dict[str, Any] = {"url": url, "seq": seq, "reason": reason}
        self.id: int | None = None

    def add(self, changes: Iterable[tuple[PhotoRow | None, PhotoRow]]) -> None:
        """Keep what photos were: (before, after), before being None if the photo was not known."""
        rows: list[tuple[str, str, str]] = []
        unknown: dict[str, list[str]] = {}
        for before, after in changes:
            if before is not None:
                rows.append((after.md5, before.line(), after.line()))
            else:
                unknown.setdefault(f"{after.md5[0]}{after.starred:d}", []).append(after.md5)
        photos = len(rows) + sum(map(len, unknown.values()))
        if not photos:
            return
        if self.id is None:
            values = {**self._values, "made_at": int(time.time()), "photos": 0}
            newest = insert(POINT).values(values).returning(POINT.c.id)
            self.id = self._connection.execute(newest).scalar_one()
        for statement, found in (
            (_INSERT, [(self.id, *row) for row in rows]),
            (_APPEND, [(self.id, key, None, "".join(md5s)) for key, md5s in unknown.items()]),
        ):
            if found:
                self._connection.exec_driver_sql(statement, found)
        more = update(POINT).where(POINT.c.id == self.id).values(photos=POINT.c.photos + photos)
        self._connection.execute(more)

    def close(self) -> None:
        """Drop the oldest points, if there are more than are kept."""
        if self.id is not None:
            newest = select(POINT.c.id).order_by(POINT.c.id.desc()).limit(POINTS_KEPT)
            self._connection.execute(delete(POINT).where(POINT.c.id.not_in(newest)))


def restore_points(connection: Connection) -> list[Point]:
    """Return the restore points, the newest first."""
    columns = [POINT.c[name] for name in Point._fields]
    return [Point(*found) for found in connection.execute(select(*columns).order_by(POINT.c.id.desc()))]
