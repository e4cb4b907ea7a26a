"""The rollback: back to what photos were at a restore point.

It undoes, field by field, what still is as the changes from elsewhere made it; what has been changed since
stays. So a star that was given later is never lost. `uploaded` stays, too: it is a fact about the bucket.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from catalog.changes import change_photos
from catalog.conflicts import typed_value
from catalog.protocol import CatalogError
from catalog.pull import in_parts
from catalog.restore_points import ROW, NewPoint, restore_points
from catalog.row import SHARDS, PhotoRow, parse_line
from catalog.store import SqlCatalog, driver
from catalog.tables import CONFLICT, FILE, PHOTO, SYNCED, photo_row

_MD5 = 32  # characters


class RestorePointNotFoundError(CatalogError):
    """There is no such restore point."""


class Rollback(NamedTuple):
    """What a rollback did.

    Attributes:
        to: the restore point that it went back to.
        restored: photos put back as they were.
        removed: photos that were not known then, and are tombstones now.
        kept_here: photos that were not known then, and stay because a file of theirs lies on this device.
        kept_changes: photos that keep what has been changed since.
        point: the restore point from which all this can be undone, None if nothing was changed.
    """

    to: int
    restored: int
    removed: int
    kept_here: int
    kept_changes: int
    point: int | None


def roll_back(catalog: SqlCatalog, to: int | None = None) -> Rollback:
    """Undo what was changed from elsewhere since a restore point, as changes of this device.

    It is a transaction, makes a restore point itself, and needs no remote: the next sync sends it.

    Args:
        catalog: the store.
        to: the point's id; None is the newest.

    Raises:
        RestorePointNotFoundError: there is none of this id, or none at all.
    """
    with catalog.engine.begin() as connection:
        points = restore_points(connection)
        if not points:
            raise RestorePointNotFoundError(
                "There is no restore point yet: a sync makes one before it changes photos here."
            )
        to = points[0].id if to is None else to
        if to not in {point.id for point in points}:
            raise RestorePointNotFoundError(
                f"There is no restore point {to}. Nothing was changed. `photolala history` lists them."
            )
        newest = points[0]
        made = NewPoint(connection, url=newest.url, seq=newest.seq, reason=f"rollback to {to}")
        counts: Counter[str] = Counter()
        for x in SHARDS:  # one shard's photos at a time in memory
            way_back = _WayBack(connection, x)
            for point in points:
                if point.id >= to:
                    way_back.undo(point.id)
            counts.update(way_back.make(made))
        made.close()
        return Rollback(to, point=made.id, **counts)


class _WayBack:
    """The undoing of one shard's changes, the newest first."""

    def __init__(self, connection: Connection, x: str) -> None:
        self._connection = connection
        self._bounds = (x, chr(ord(x) + 1))
        self._now: dict[str, PhotoRow] = {}
        self._then: dict[str, PhotoRow] = {}
        self._since: dict[str, set[str]] = {}  # fields that were changed after what brought the changes
        self._wanted: dict[str, PhotoRow] = {}  # the oldest before-image so far
        self._kept_here: set[str] = set()

    def undo(self, point: int) -> None:
        """Undo what the changes at a point have made here."""
        low, high = self._bounds
        query = select(ROW.c.md5, ROW.c.before, ROW.c.after).where(
            ROW.c.point == point, ROW.c.md5 >= low, ROW.c.md5 < high
        )
        known: dict[str, tuple[PhotoRow, PhotoRow]] = {}
        for md5, before, after in self._connection.execute(query):
            if before is None:
                self._undo_unknown(_split(after), was_starred=md5[1] == "1")
            else:
                known[md5] = parse_line(before), parse_line(after)
        for md5 in self._look(known):
            before, after = known[md5]
            self._then[md5] = undone(self._then[md5], before, after, self._since[md5])
            self._wanted[md5] = before._replace(uploaded=self._then[md5].uploaded)

    def _undo_unknown(self, md5s: list[str], *, was_starred: bool) -> None:
        here: set[str] = set()
        for part in in_parts(md5s):
            files = select(FILE.c.md5).where(FILE.c.md5.in_(part), FILE.c.missing.is_(False))
            here.update(self._connection.scalars(files))
        for md5 in self._look(md5s):
            row = self._then[md5]
            if row.starred != was_starred:
                self._since[md5].add("starred")
            if md5 not in here:
                row = row._replace(deleted=True)
            elif not row.deleted:
                self._kept_here.add(md5)
            self._then[md5] = self._wanted[md5] = row

    def _look(self, md5s: Iterable[str]) -> list[str]:
        """Read photos that were not read yet; returns those that there are."""
        md5s = list(md5s)
        for part in in_parts(md5 for md5 in md5s if md5 not in self._now):
            for record in self._connection.execute(select(*SYNCED).where(PHOTO.c.md5.in_(part))):
                row = photo_row(record)
                self._now[row.md5] = self._then[row.md5] = row
                self._since[row.md5] = set()
        return [md5 for md5 in md5s if md5 in self._now]

    def make(self, point: NewPoint) -> dict[str, int]:
        """Make it so; returns the counts of a `Rollback`."""
        for md5, then in self._then.items():
            since = self._since[md5]
            deleted_since = "deleted" in since and self._now[md5].deleted
            if then.starred and "starred" in since and not deleted_since:
                self._then[md5] = then._replace(deleted=False)  # a star keeps its photo
        changes = [(now, self._then[md5]) for md5, now in self._now.items() if self._then[md5] != now]
        change_photos(driver(self._connection), {then.md5: _new_values(now, then) for now, then in changes})
        point.add(changes)
        _close_conflicts(self._connection, {then.md5: then for _, then in changes})
        removed = sum(then.deleted and not now.deleted for now, then in changes)
        kept = sum(self._then[md5] != wanted for md5, wanted in self._wanted.items())
        return {
            "restored": len(changes) - removed,
            "removed": removed,
            "kept_here": len(self._kept_here),
            "kept_changes": kept,
        }


def _new_values(now: PhotoRow, then: PhotoRow) -> dict[str, Any]:
    return {name: value for name, value in then._asdict().items() if value != getattr(now, name)}


def undone(row: PhotoRow, before: PhotoRow, after: PhotoRow, since: set[str]) -> PhotoRow:
    """Return a photo without a change that was made to it.

    Args:
        row: as it is now, without the changes that came later.
        before: as it was before the change.
        after: as the change made it.
        since: the fields that were changed later, which stay; those found to be so are added.
    """
    names = PhotoRow._fields
    since.update(name for name, now, made in zip(names, row, after, strict=True) if now != made)
    if "deleted" in since and row.starred and not row.deleted:
        since.add("starred")  # a star has brought it back, also where the change had left an older one
    stays = since | {"uploaded"}  # no rollback changes what is in the bucket
    values: dict[str, Any] = {name: was for name, was in zip(names, before, strict=True) if name not in stays}
    return row._replace(**values)


def _close_conflicts(connection: Connection, photos: dict[str, PhotoRow]) -> None:
    """Close the conflicts that this device had lost, and whose value of this device is back."""
    for part in in_parts(list(photos)):
        lost = select(CONFLICT.c.id, CONFLICT.c.md5, CONFLICT.c.field, CONFLICT.c.mine).where(
            CONFLICT.c.md5.in_(part), CONFLICT.c.state == "open", CONFLICT.c.winner == "theirs"
        )
        for number, md5, field, mine in connection.execute(lost).all():
            if getattr(photos[md5], field) == typed_value(field, mine):
                connection.execute(update(CONFLICT).where(CONFLICT.c.id == number).values(state="mine"))


def _split(md5s: str) -> list[str]:
    return [md5s[begin : begin + _MD5] for begin in range(0, len(md5s), _MD5)]
