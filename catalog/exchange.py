"""What a sync reads from and writes to the catalog: each step of the commit protocol one transaction."""

import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from catalog.pull import JOURNAL, REMOTE, Pull, RemoteSeen, in_parts, in_shard, remember_remote
from catalog.row import PhotoRow, parse_line
from catalog.store import SqlCatalog
from catalog.tables import CONFLICT, PENDING, PHOTO, SYNCED, Device, photo_row
from catalog.tally import Removals, Tally

DEVICE = Device.__table__  # type: ignore[attr-defined]


class OpenBatch(NamedTuple):
    """The journal: a batch under way and, once all is staged, the manifest that would commit it."""

    batch_id: str
    url: str
    manifest: str | None
    if_etag: str | None


class Exchange:
    """A catalog as a sync sees it."""

    def __init__(self, catalog: SqlCatalog) -> None:
        self._catalog = catalog

    def _writing(self) -> AbstractContextManager[Connection]:
        return self._catalog.engine.begin()

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._catalog.reading()

    def device_id(self) -> str:
        """Return this device's id; the first call makes it."""
        with self._writing() as connection:
            known = connection.scalar(select(DEVICE.c.id))
            if known is None:
                known = uuid.uuid4().hex
                connection.execute(insert(DEVICE).values(id=known))
            return str(known)

    def known_device_id(self) -> str | None:
        """Return this device's id, None if it has none yet."""
        with self._reading() as connection:
            return connection.scalar(select(DEVICE.c.id))

    def remote(self, url: str) -> RemoteSeen | None:
        """Return the remote as last merged; None if this catalog never met the remote at this address."""
        with self._reading() as connection:
            columns = [REMOTE.c[name] for name in RemoteSeen._fields]
            found = connection.execute(
                select(*columns).where(REMOTE.c.url == url, REMOTE.c.manifest.is_not(None))
            ).one_or_none()
        return None if found is None else RemoteSeen(*found)

    def other_remote(self, url: str) -> RemoteSeen | None:
        """Return the remote as last merged if that was at another address than this one."""
        with self._reading() as connection:
            columns = [REMOTE.c[name] for name in RemoteSeen._fields]
            others = select(*columns).where(REMOTE.c.url != url, REMOTE.c.manifest.is_not(None))
            found = connection.execute(others).first()
        return None if found is None else RemoteSeen(*found)

    def conditions(self, url: str) -> str | None:
        """Return what a probe has found out about a remote, None if none was made."""
        with self._reading() as connection:
            return connection.scalar(select(REMOTE.c.conditions).where(REMOTE.c.url == url))

    def note_conditions(self, url: str, conditions: str | None) -> None:
        """Remember what a probe has found out about a remote; None forgets it."""
        self._note(url, {"conditions": conditions})

    @contextmanager
    def pull(self) -> Iterator[Pull]:
        """Open the transaction of step 3; an exception in it leaves the catalog as it was."""
        with self._writing() as connection:
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
        with self._writing() as connection:
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
        with self._writing() as connection:
            connection.execute(update(PENDING).values(batch=batch, sent=None))
            counts = {key: int(n) for key, n in connection.execute(select(x, func.count()).group_by(x))}
            if counts:
                connection.execute(delete(JOURNAL))
                connection.execute(
                    insert(JOURNAL).values(batch_id=batch, url=url, created_at=int(time.time()))
                )
        return counts

    def outgoing(self, *, new: bool = True) -> tuple[Tally, Removals]:
        """Count what a batch of all that is pending would do to the remote.

        Args:
            new: whether to count photos that the remote does not have; they take nothing away from it.
        """
        tally = Tally()
        query = select(*SYNCED, PENDING.c.base).join_from(PENDING, PHOTO, PENDING.c.md5 == PHOTO.c.md5)
        with self._reading() as connection:
            for part in connection.execute(query.where(PENDING.c.base.is_not(None))).partitions(500):
                tally.count((parse_line(record.base), photo_row(record)) for record in part)
            if new or tally.deleted or tally.unstarred:
                lives, all_of = PHOTO.c.deleted.is_(False), func.count()
                fresh = (
                    select(all_of, all_of.filter(lives), all_of.filter(lives, PHOTO.c.starred.is_(True)))
                    .join_from(PENDING, PHOTO, PENDING.c.md5 == PHOTO.c.md5)
                    .where(PENDING.c.base.is_(None))
                )
                rows, added, starred = connection.execute(fresh).one()
                tally.added += added
                tally.starred += starred
                tally.changed += rows - added
                tally.rows += rows
            return tally, tally.removals(connection)

    def open_conflicts(self) -> int:
        """Count the conflicts that nobody has turned or dismissed."""
        query = select(func.count()).select_from(CONFLICT).where(CONFLICT.c.state == "open")
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

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
        with self._writing() as connection:
            ours = PENDING.c.batch == batch
            again = select(PENDING.c.sent, *SYNCED).join_from(PENDING, PHOTO, PENDING.c.md5 == PHOTO.c.md5)
            same = [
                row.md5
                for sent, *record in connection.execute(again.where(ours, PENDING.c.sent.is_not(None)))
                if (row := PhotoRow(*record)).line() == sent
            ]
            for part in in_parts(same):
                connection.execute(delete(PENDING).where(PENDING.c.md5.in_(part)))
            connection.execute(delete(PENDING).where(ours, PENDING.c.sent.is_(None)))
            connection.execute(update(PENDING).where(ours).values(base=PENDING.c.sent, sent=None, batch=None))
            connection.execute(delete(JOURNAL))
            remember_remote(connection, seen)

    def abandon(self) -> None:
        """Note that the batch under way will never be committed; what is still changed is pending."""
        with self._writing() as connection:
            again = select(PENDING.c.base, *SYNCED).join_from(PENDING, PHOTO, PENDING.c.md5 == PHOTO.c.md5)
            changed_back = [
                row.md5
                for base, *record in connection.execute(again.where(PENDING.c.sent.is_not(None)))
                if (row := PhotoRow(*record)).line() == base
            ]
            for part in in_parts(changed_back):
                connection.execute(delete(PENDING).where(PENDING.c.md5.in_(part)))
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
        with self._writing() as connection:
            statement = upsert(REMOTE).values(url=url, seq=0, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["url"], set_=values))


@contextmanager
def rehearsal(catalog: SqlCatalog) -> Iterator[Exchange]:
    """Open an exchange that plays a sync through: what it writes, only it sees, and all of it is undone.

    From its first write to its end, nobody else can write to the catalog.
    """
    with catalog.engine.connect() as connection:
        yield _Rehearsal(catalog, connection)


class _Rehearsal(Exchange):
    """An exchange within one transaction that is never committed."""

    def __init__(self, catalog: SqlCatalog, connection: Connection) -> None:
        super().__init__(catalog)
        self._connection = connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._connection.begin_nested():
            yield self._connection

    def _reading(self) -> AbstractContextManager[Connection]:
        return nullcontext(self._connection) if self._connection.in_transaction() else super()._reading()


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
    for part in connection.execute(query).partitions(1000):
        for *row, pending, taken_by, base, sent in part:
            if pending is None or (taken_by == batch and sent is None):
                yield base, PhotoRow(*row)
            elif sent is not None:
                yield base, parse_line(sent)
