"""What a sync reads from and writes to the catalog: each step of the commit protocol one transaction."""

import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, delete, func, insert, literal, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from catalog.changes import PENDING, PHOTO, SYNCED, photo_row
from catalog.conflicts import record_conflicts
from catalog.row import NewConflict, PhotoRow, parse_line
from catalog.store import SqlCatalog
from catalog.tables import Device, Journal, Remote

DEVICE = Device.__table__  # type: ignore[attr-defined]
REMOTE = Remote.__table__  # type: ignore[attr-defined]
JOURNAL = Journal.__table__  # type: ignore[attr-defined]


class RemoteSeen(NamedTuple):
    """The remote as it was last merged here: `seq` is the highest seen, `manifest` its text."""

    url: str
    seq: int
    etag: str | None
    manifest: str | None


class OpenBatch(NamedTuple):
    """The journal: a batch under way and, once all is staged, the manifest that would commit it."""

    batch_id: str
    url: str
    manifest: str | None
    if_etag: str | None


class LocalPhoto(NamedTuple):
    """One photo of this device with what the remote last had of it."""

    row: PhotoRow
    pending: bool
    base: PhotoRow | None


class Pull:
    """The one transaction in which the remote's changes become this device's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def forget_bases(self) -> None:
        """Begin anew with a remote never seen: each photo here is pending, with no base."""
        self._connection.execute(delete(PENDING))
        self._connection.execute(delete(JOURNAL))
        # what a probe has found out about a server stays true
        self._connection.execute(update(REMOTE).values(manifest=None, etag=None, seq=0))
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
        for part in [None] if md5s is None else _parts(md5s):
            chosen = query if part is None else query.where(PHOTO.c.md5.in_(part))
            for record in self._connection.execute(chosen):
                row = photo_row(record)
                pending = record.pending is not None
                base = (parse_line(record.base) if record.base is not None else None) if pending else row
                found[row.md5] = LocalPhoto(row, pending, base)
        return found

    def write(self, rows: Iterable[PhotoRow]) -> None:
        """Write merged rows; what only this device knows of a photo is left as it is."""
        values = [row._asdict() for row in rows]
        if values:
            statement = upsert(PHOTO)
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["md5"],
                    set_={name: statement.excluded[name] for name in PhotoRow._fields[1:]},
                ),
                values,
            )

    def settle(self, clean: Iterable[str], pending: Iterable[tuple[str, PhotoRow | None]]) -> None:
        """Say which photos now equal the remote, and which differ from it and from what base.

        Args:
            clean: md5s that are pending no more.
            pending: (md5, the remote's row or None) of those that must go up.
        """
        for part in _parts(clean):
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

    def remember(self, seen: RemoteSeen) -> None:
        """Remember the remote as merged."""
        _remember(self._connection, seen)


class Exchange:
    """A catalog as a sync sees it."""

    def __init__(self, catalog: SqlCatalog) -> None:
        self._engine = catalog.engine
        self._reading = catalog.reading

    def device_id(self) -> str:
        """Return this device's id; the first call makes it."""
        with self._engine.begin() as connection:
            known = connection.scalar(select(DEVICE.c.id))
            if known is None:
                known = uuid.uuid4().hex
                connection.execute(insert(DEVICE).values(id=known))
            return str(known)

    def remote(self, url: str) -> RemoteSeen | None:
        """Return the remote as last merged; None if this catalog never met the remote at this address."""
        with self._reading() as connection:
            columns = [REMOTE.c[name] for name in RemoteSeen._fields]
            found = connection.execute(
                select(*columns).where(REMOTE.c.url == url, REMOTE.c.manifest.is_not(None))
            ).one_or_none()
        return None if found is None else RemoteSeen(*found)

    def conditions(self, url: str) -> str | None:
        """Return what a probe has found out about a remote, None if none was made."""
        with self._reading() as connection:
            return connection.scalar(select(REMOTE.c.conditions).where(REMOTE.c.url == url))

    def note_conditions(self, url: str, conditions: str) -> None:
        """Remember what a probe has found out about a remote."""
        self._note(url, {"conditions": conditions})

    @contextmanager
    def pull(self) -> Iterator[Pull]:
        """Open the transaction of step 3; an exception in it leaves the catalog as it was."""
        with self._engine.begin() as connection:
            yield Pull(connection)

    def journal(self) -> OpenBatch | None:
        """Return the batch whose fate is not known, None if there is none."""
        with self._reading() as connection:
            columns = [JOURNAL.c[name] for name in OpenBatch._fields]
            found = connection.execute(select(*columns)).one_or_none()
        return None if found is None else OpenBatch(*found)

    def stage(self, batch: str, manifest: str, if_etag: str | None) -> None:
        """Note in the journal what is about to be put, so that after a crash the same can be put again.

        Args:
            batch: the batch's id.
            manifest: the new manifest's text.
            if_etag: the ETag of the manifest that it replaces, None if there is none.
        """
        with self._engine.begin() as connection:
            values = {"manifest": manifest, "if_etag": if_etag}
            connection.execute(update(JOURNAL).where(JOURNAL.c.batch_id == batch).values(**values))

    def freeze(self, batch: str, url: str) -> dict[str, int]:
        """Put all that is pending into a batch, journaled. What changes from now on is the next one's.

        Args:
            batch: the batch's id, the same again after a rebase.
            url: the remote's address.

        Returns:
            Rows of the batch by shard; empty, and nothing is journaled, if nothing is pending.
        """
        x = func.substr(PENDING.c.md5, 1, 1)
        with self._engine.begin() as connection:
            connection.execute(update(PENDING).values(batch=batch, sent=None))
            counts = {key: int(n) for key, n in connection.execute(select(x, func.count()).group_by(x))}
            if counts:
                connection.execute(delete(JOURNAL))
                connection.execute(
                    insert(JOURNAL).values(batch_id=batch, url=url, created_at=int(time.time()))
                )
        return counts

    def changed_rows(self, batch: str, x: str) -> list[tuple[PhotoRow | None, PhotoRow]]:
        """Return (base, row as the batch takes it) of a batch's photos in one shard, by md5."""
        with self._reading() as connection:
            return [
                (parse_line(base) if base is not None else None, row)
                for base, row in _outgoing(connection, x, batch, PENDING.c.batch == batch)
            ]

    def whole_shard(self, batch: str, x: str) -> list[PhotoRow]:
        """Return all rows of a shard, by md5, as they will be once the batch is committed."""
        with self._reading() as connection:
            return [row for _, row in _outgoing(connection, x, batch)]

    def finish(self, batch: str, seen: RemoteSeen) -> None:
        """Note that a batch is committed: clear what it took, unless it has changed again since.

        Args:
            batch: its id.
            seen: the remote as the commit left it.
        """
        with self._engine.begin() as connection:
            ours = PENDING.c.batch == batch
            again = select(PENDING.c.sent, *SYNCED).join_from(PENDING, PHOTO, PENDING.c.md5 == PHOTO.c.md5)
            same = [
                row.md5
                for sent, *record in connection.execute(again.where(ours, PENDING.c.sent.is_not(None)))
                if (row := PhotoRow(*record)).line() == sent
            ]
            for part in _parts(same):
                connection.execute(delete(PENDING).where(PENDING.c.md5.in_(part)))
            connection.execute(delete(PENDING).where(ours, PENDING.c.sent.is_(None)))
            connection.execute(update(PENDING).where(ours).values(base=PENDING.c.sent, sent=None, batch=None))
            connection.execute(delete(JOURNAL))
            _remember(connection, seen)

    def abandon(self) -> None:
        """Note that the batch under way will never be committed: its rows are pending as before."""
        with self._engine.begin() as connection:
            connection.execute(
                update(PENDING).where(PENDING.c.batch.is_not(None)).values(batch=None, sent=None)
            )
            connection.execute(delete(JOURNAL))

    def note_outcome(self, url: str, outcome: str, error: str | None, *, success: bool) -> None:
        """Keep how the last sync with a remote ended, for the status.

        Args:
            url: the remote's address.
            outcome: one of the outcomes of a sync.
            error: one sentence, or None.
            success: whether catalog and remote were seen to be equal, or made so.
        """
        values: dict[str, Any] = {"last_outcome": outcome, "last_error": error}
        if success:
            values["last_success"] = int(time.time())
        self._note(url, values)

    def _note(self, url: str, values: dict[str, Any]) -> None:
        with self._engine.begin() as connection:
            statement = upsert(REMOTE).values(url=url, seq=0, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["url"], set_=values))


def _outgoing(
    connection: Connection, x: str, batch: str, *only: Any
) -> Iterator[tuple[str | None, PhotoRow]]:
    """Yield (base line, row) of a shard as the batch leaves it.

    A row that changed after the freeze goes out as the batch took it (`sent`) or, if it is not in the
    batch at all, as the remote has it (its base); a photo that is newer than the batch stays here.
    """
    kept = case((PENDING.c.batch == batch, PENDING.c.sent), else_=PENDING.c.base)
    query = (
        select(*SYNCED, PENDING.c.md5.label("pending"), PENDING.c.batch, PENDING.c.base, kept.label("kept"))
        .join_from(PHOTO, PENDING, PHOTO.c.md5 == PENDING.c.md5, isouter=True)
        .where(*in_shard(x), *only)
        .order_by(PHOTO.c.md5)
    )
    for record in connection.execute(query):
        if record.pending is None or (record.batch == batch and record.kept is None):
            yield record.base, photo_row(record)
        elif record.kept is not None:
            yield record.base, parse_line(record.kept)


def in_shard(x: str) -> tuple[Any, Any]:
    """Return the conditions that a photo belongs to a shard: a range of the primary key."""
    return PHOTO.c.md5 >= x, PHOTO.c.md5 < chr(ord(x) + 1)


def _remember(connection: Connection, seen: RemoteSeen) -> None:
    connection.execute(delete(REMOTE).where(REMOTE.c.url != seen.url))
    values = {"seq": seen.seq, "etag": seen.etag, "manifest": seen.manifest}
    statement = upsert(REMOTE).values(url=seen.url, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["url"], set_=values))


def _parts(md5s: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    everything = list(md5s)
    for begin in range(0, len(everything), size):
        yield everything[begin : begin + size]
