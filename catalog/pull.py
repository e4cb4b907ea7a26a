"""The one transaction in which the remote's changes become this device's."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, literal, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from catalog.conflicts import record_conflicts
from catalog.restore_points import NewPoint
from catalog.row import NewConflict, PhotoRow, parse_line
from catalog.tables import PENDING, PHOTO, SYNCED, Journal, Remote, photo_row
from catalog.tally import Removals, Tally

REMOTE = Remote.__table__  # type: ignore[attr-defined]
JOURNAL = Journal.__table__  # type: ignore[attr-defined]

_COLUMNS = ", ".join(PhotoRow._fields)
# as text: a first contact writes a million rows, and Core would take six times as long
_WRITE = f"""
INSERT INTO photo ({_COLUMNS}, backup_status) VALUES ({", ".join("?" * len(PhotoRow._fields))}, 'none')
ON CONFLICT (md5) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in PhotoRow._fields[1:])}
"""  # noqa: S608


class RemoteSeen(NamedTuple):
    """The remote as it was last merged here: `seq` is the highest seen, `manifest` its text."""

    url: str
    seq: int
    etag: str | None
    manifest: str | None


class LocalPhoto(NamedTuple):
    """One photo of this device with what the remote last had of it."""

    row: PhotoRow
    pending: bool
    base: PhotoRow | None


class Pull:
    """The one transaction in which the remote's changes become this device's.

    Attributes:
        tally: what has been written so far.
    """

    def __init__(self, connection: Connection) -> None:
        self.tally = Tally()
        self._connection = connection
        self._point: NewPoint | None = None

    def keep_before(self, *, url: str, seq: int, reason: str) -> None:
        """Let a restore point keep what is changed from now on; see `NewPoint` for the arguments.

        A catalog without photos gets none: there would be nothing to go back to.
        """
        if self._connection.execute(select(PHOTO.c.md5).limit(1)).first() is not None:
            self._point = NewPoint(self._connection, url=url, seq=seq, reason=reason)

    def forget_bases(self) -> None:
        """Begin anew with a remote never seen: each photo here is pending, with no base.

        What another remote has of the originals is not safe in this one, unless it says so itself.
        """
        self._connection.execute(delete(JOURNAL))
        self._connection.execute(update(PHOTO).where(PHOTO.c.uploaded.is_not(None)).values(uploaded=None))
        # what a probe has found out about a server stays true
        self._connection.execute(update(REMOTE).values(manifest=None, etag=None, seq=0))
        has_none = (PENDING.c.base.is_(None), PENDING.c.sent.is_(None), PENDING.c.batch.is_(None))
        pending_so = select(PENDING.c.md5).where(PENDING.c.md5 == PHOTO.c.md5, *has_none).exists()
        if self._connection.execute(select(PHOTO.c.md5).where(~pending_so).limit(1)).first() is None:
            return  # a catalog that was never synced is so already: a million rows need not be written
        self._connection.execute(delete(PENDING))
        self._connection.execute(
            insert(PENDING).from_select(["md5", "revision"], select(PHOTO.c.md5, literal(1)))
        )

    def photos(self, md5s: Iterable[str] | None, x: str) -> dict[str, LocalPhoto]:
        """Return photos of one shard by md5.

        Args:
            md5s: which ones; None is all of the shard.
            x: the shard's hex digit.
        """
        query = (
            select(*SYNCED, PENDING.c.md5.label("pending"), PENDING.c.base)
            .join_from(PHOTO, PENDING, PHOTO.c.md5 == PENDING.c.md5, isouter=True)
            .where(*in_shard(x))
        )
        found: dict[str, LocalPhoto] = {}
        for part in [None] if md5s is None else in_parts(md5s):
            chosen = query if part is None else query.where(PHOTO.c.md5.in_(part))
            for record in self._connection.execute(chosen):
                row = photo_row(record)
                pending = record.pending is not None
                base = (parse_line(record.base) if record.base is not None else None) if pending else row
                found[row.md5] = LocalPhoto(row, pending, base)
        return found

    def write(self, rows: Iterable[PhotoRow], known: Mapping[str, LocalPhoto] | None = None) -> None:
        """Write merged rows; what only this device knows of a photo is left as it is.

        Args:
            rows: the photos as they shall be.
            known: those of them that are known here, as `photos` told them.
        """
        known = known or {}
        changes = [(known[row.md5].row if row.md5 in known else None, row) for row in rows]
        self.tally.count(changes)
        if self._point is not None:
            self._point.add(changes)
        if changes:
            self._connection.exec_driver_sql(_WRITE, [row for _, row in changes])

    def settle(self, clean: Iterable[str], pending: Iterable[tuple[str, PhotoRow | None]]) -> None:
        """Say which photos now equal the remote, and which differ from it and from what base.

        Args:
            clean: md5s that are pending no more.
            pending: (md5, the remote's row or None) of those that must go up.
        """
        for part in in_parts(clean):
            self._connection.execute(delete(PENDING).where(PENDING.c.md5.in_(part)))
        values = [{"md5": md5, "base": base.line() if base else None, "revision": 1} for md5, base in pending]
        if values:
            statement = upsert(PENDING)
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["md5"],
                    set_={"base": statement.excluded.base, "revision": PENDING.c.revision + 1},
                ),
                values,
            )

    def record(self, conflicts: Iterable[NewConflict], *, mine: str, theirs: str, seq: int) -> int:
        """Record conflicts; returns how many there were."""
        return record_conflicts(
            self._connection, conflicts, mine=mine, theirs=theirs, seq=seq, now=int(time.time())
        )

    def removals(self) -> Removals:
        """Return what has been taken away here by what was written so far."""
        return self.tally.removals(self._connection)

    def remember(self, seen: RemoteSeen) -> None:
        """Remember the remote as merged, once all is written."""
        if self._point is not None:
            self._point.close()
        remember_remote(self._connection, seen)


def in_shard(x: str) -> tuple[Any, Any]:
    """Return the conditions that a photo belongs to a shard: a range of the primary key."""
    return PHOTO.c.md5 >= x, PHOTO.c.md5 < chr(ord(x) + 1)


def remember_remote(connection: Connection, seen: RemoteSeen) -> None:
    """Remember a remote as merged or committed; one at another address is forgotten."""
    connection.execute(delete(REMOTE).where(REMOTE.c.url != seen.url))
    values = {"seq": seen.seq, "etag": seen.etag, "manifest": seen.manifest}
    statement = upsert(REMOTE).values(url=seen.url, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["url"], set_=values))


def in_parts(md5s: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    """Yield md5s in lists that SQLite takes as parameters."""
    everything = list(md5s)
    for begin in range(0, len(everything), size):
        yield everything[begin : begin + size]
