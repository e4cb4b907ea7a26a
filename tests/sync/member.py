"""A device, its user and its syncs, well or badly, beside what the model says of it."""

import shutil
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Engine, event

from catalog.conflicts import ConflictEntry, dismiss, typed_value, use_mine
from catalog.restore_points import restore_points
from catalog.rollback import roll_back
from catalog.row import PhotoRow
from sync.engine import Sync
from sync.events import SUCCESSES, Outcome, Reason, SyncReport
from sync.idle import idle_sync
from tests.sync.conftest import Device, md5_of
from tests.sync.fault_store import Fault, FaultStore, Killed
from tests.sync.memory_store import MemoryStore
from tests.sync.model import AuditedBucket, ModelDevice

if TYPE_CHECKING:
    from tests.sync.world import World

NAMES = ("laptop", "server", "phone", "desk")
_ENGINES: dict[str, Engine] = {}
COUNTS: Counter[str] = Counter()
"""What all examples of a run have done, for its last words."""


class Trouble(NamedTuple):
    """A call of a sync that goes wrong."""

    fault: Fault
    method: str
    key: str
    nth: int = 1
    times: int = 1


class Plot(NamedTuple):
    """What happens just before a call of a sync; `device` counts on from the one that syncs."""

    what: str
    device: int
    photo: str
    method: str
    key: str
    nth: int = 1


class Inline:
    """In the place of a thread pool: does what it is given at once, so that a run can be repeated."""

    def __init__(self, *_: object, **__: object):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_: object):
        return None

    def submit(self, task: Callable[[], object]) -> Future:
        future: Future = Future()
        try:
            future.set_result(task())
        except BaseException as error:
            future.set_exception(error)
        return future


def opened(name: str, path: Path, bucket: AuditedBucket) -> Device:
    """Open a catalog. All share what SQLAlchemy has compiled: half of the time of a run would go into that."""
    device = Device(name, path, bucket)
    engine, first = device.catalog.engine, _ENGINES.setdefault("first", device.catalog.engine)
    engine.dialect = engine.pool._dialect = first.dialect
    engine._compiled_cache = first._compiled_cache
    return device


class WatchedStore(FaultStore):
    """A way to the remote at each step of which somebody looks at the device."""

    def __init__(self, store, look: Callable[[], None], late: list):
        super().__init__(store, late=late)
        self._look = look

    def _call(self, method, key, do):
        self._look()
        return super()._call(method, key, do)


def _watching(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


class Member:
    """A device, its user's hands, and what the model says of it."""

    def __init__(self, world: "World", device: Device, model: ModelDevice):
        self.world = world
        self.device = device
        self.model = model
        self._opened = 0
        self._open_batch: str | None = None
        self._watch = _watching(device.catalog.path)
        self._looking = threading.Lock()  # a probe puts from several threads

    @property
    def name(self) -> str:
        return self.device.name

    def close(self) -> None:
        self._watch.close()
        self.device.catalog.close()

    def ask(self, query: str) -> list[tuple]:
        return self._watch.execute(query).fetchall()

    # ------------------------------------------------------------------ what the user does

    def knows(self, photo: str) -> bool:
        return md5_of(photo) in self.model.rows

    def act(self, what: str, photo: str) -> None:
        """Do what a user does to one photo; a photo that is not here is found on disk first."""
        md5, promises = md5_of(photo), self.world.promises
        if what == "toggle":
            what = "unstar" if self.knows(photo) and self.model.rows[md5].starred else "star"
        if not self.knows(photo):
            row = PhotoRow(md5, f"{photo} of {self.name}.jpg", starred=what == "star")
            self.device.add(photo, filename=row.filename, starred=row.starred)
            self.model.rows[md5] = row
        elif what == "star":
            self.device.star(photo)
            self.model.set(md5, starred=True, deleted=False)
        elif what == "unstar":
            self.device.unstar(photo)
            self.model.set(md5, starred=False)
        elif what == "rename":
            name = f"{photo} {self.name} {next(self.world.numbers)}.jpg"
            self.device.change(photo, filename=name)
            self.model.set(md5, filename=name)
        elif what == "delete" and not self.model.rows[md5].deleted:
            self.device.change(photo, deleted=True)
            self.model.set(md5, deleted=True)
        if what == "star":
            promises.setdefault(md5, True)
        elif what in ("unstar", "delete"):
            promises[md5] = False

    def turn(self, nth: int, *, mine: bool) -> None:
        """Close one of the open conflicts, one way or the other."""
        found: Sequence[ConflictEntry] = self.device.conflicts()
        if found:
            entry = found[nth % len(found)]
            (use_mine if mine else dismiss)(self.device.catalog, entry.id)
            if mine:
                self.model.set(entry.md5, **{entry.field: typed_value(entry.field, entry.mine)})
                self.world.promises[entry.md5] = False

    def roll_back(self, nth: int) -> None:
        """Go back to one of the restore points, the newest being 0."""
        with self.device.catalog.reading() as connection:
            points = restore_points(connection)
        if points:
            nth %= len(points)
            roll_back(self.device.catalog, points[nth].id)
            starred = {md5 for md5, row in self.model.rows.items() if row.starred and not row.deleted}
            self.world.model.rolls_back(self.model, nth + 1)
            for md5 in starred:
                if not self.model.rows[md5].starred or self.model.rows[md5].deleted:
                    self.world.promises[md5] = False
            COUNTS["rollbacks"] += 1

    # ------------------------------------------------------------------ a sync, well or badly

    def look(self) -> None:
        """Tell the model which steps of the protocol the catalog has gone through since the last look.

        Between a step and the look after it nobody changes anything: users act from outside or in a plot, and
        a store looks before it lets a plot happen.
        """
        with self._looking:
            self._look()

    def _look(self) -> None:
        batch = self.ask("SELECT batch_id FROM journal WHERE manifest IS NULL")
        merged = self.ask("SELECT seq FROM remote WHERE manifest IS NOT NULL")
        if merged and merged[0][0] != self.model.seen:
            self.world.model.has_merged(self.model, merged[0][0])
        if batch and batch[0][0] != self._open_batch:
            self.world.model.freezes(self.model, batch[0][0])
        self._open_batch = batch[0][0] if batch else None

    def _engine(
        self, store: FaultStore, *, accepted: Collection[Reason] = (Reason.REMOVALS,), **how: Any
    ) -> Sync:
        return Sync(self.device.catalog, store, self.name, backoff=0, accepted=accepted, **how)

    def _store(self) -> "WatchedStore":
        return WatchedStore(MemoryStore(self.world.bucket), self.look, self.world.late)

    def sync(
        self, *, troubles=(), plots=(), die_at_commit=0, keep_stars=False, between=lambda: None, **how
    ) -> SyncReport | None:
        """Sync, while this and that happens; None if the process died of it.

        What is to happen `between` does so after the first look, when the lock is free for a moment.
        """
        world, store = self.world, self._store()
        for trouble in troubles:
            store.fail(trouble.fault, trouble.method, trouble.key, nth=trouble.nth, times=trouble.times)
        for plot in plots:
            store.before(lambda plot=plot: world.carry_out(plot, self), plot.method, plot.key, nth=plot.nth)
        if die_at_commit:
            self._die_at(die_at_commit)
        self.model.keep_stars, before = keep_stars, self.model.keep_stars
        try:
            looked = idle_sync(self.device.catalog.path, store)  # as the command and the app begin
            between()
            if isinstance(looked, SyncReport):
                report = looked
            else:
                report = self._engine(store, keep_stars=keep_stars, news=looked, **how).run()
        except Killed:
            COUNTS["deaths"] += 1
            self.reopen()
            return None
        else:
            if die_at_commit:
                self.reopen()  # it came to its end first; but this engine would die of the next transaction
            self.look()
        finally:
            self.model.keep_stars = before
            faults = (call for call in store.injected if call[0] == "LIST" or call[2] != Fault.STALE_LIST)
            COUNTS.update(f"fault: {fault}" for *_, fault in faults)
            COUNTS["collected objects"] += sum(method == "DELETE" for method, _ in store.calls)
        COUNTS[f"sync: {report.outcome} {report.reason or ''}"] += 1
        assert report.outcome in SUCCESSES or report.error
        assert report.outcome is not Outcome.REFUSED or report.reason is Reason.REMOVALS, report.error
        return report

    def sync_overtaken(self, other: "Member", photo: str) -> None:
        """Sync, and another process of this device does so at the same time, and hears of more."""
        self.sync_well()
        other.act("toggle", photo)
        other.sync_well()

        def overtake():
            other.act("toggle", photo)
            other.sync_well()
            self.sync_well()

        self.sync(between=overtake)

    def rehearse_and_sync(self) -> None:
        """Ask what a sync would do: nothing changes by that, and then the sync does it."""
        batch_open = self.ask("SELECT 1 FROM journal")
        before, objects = self.device.dump(), dict(self.world.bucket.objects)
        told = self._engine(self._store()).rehearse()
        assert (self.device.dump(), self.world.bucket.objects) == (before, objects)
        report = self.sync_well()
        if not batch_open:
            assert _figures(told) == _figures(report)

    def sync_well(self) -> SyncReport:
        """Sync with nothing in the way: all that is here is there then, and the other way round."""
        report = self.sync()
        assert report
        assert report.outcome in SUCCESSES, report.error
        assert self.model.seen in (self.world.head, None)
        assert self.model.rows == self.world.model.states[-1]
        assert not self.device.pending()
        return report

    def _die_at(self, nth: int) -> None:
        """Let this process die before its nth transaction is committed."""
        left = [nth]

        def count(_connection):
            left[0] -= 1
            if left[0] <= 0:
                raise Killed

        event.listen(self.device.catalog.engine, "commit", count)

    def reopen(self) -> None:
        """Go on as a new process does after SIGKILL: with the files as they are at this moment."""
        old = self.device
        self._opened += 1
        path = self.world.folder / f"{self.name}-{self._opened}.db"
        for suffix in ("", "-wal"):
            source = Path(f"{old.catalog.path}{suffix}")
            if source.exists():
                shutil.copy(source, f"{path}{suffix}")
        self._watch.close()
        old.catalog.close()
        self.device = opened(self.name, path, self.world.bucket)
        self._watch = _watching(path)
        self.look()

    # ------------------------------------------------------------------ what must be so at any time

    def check(self) -> None:
        model = self.model
        rows = self.device.rows()
        assert rows == model.rows, f"{self.name} does not show what it must"
        base = self.world.model.states[model.seen or 0]
        pending = dict(self.ask("SELECT md5, base FROM pending"))
        assert {md5 for md5, row in rows.items() if base.get(md5) != row} <= pending.keys()
        assert pending == {md5: base[md5].line() if md5 in base else None for md5 in pending}
        recorded = self.ask("SELECT md5, field, base, mine, theirs, winner FROM conflict")
        assert sorted(recorded) == sorted(model.conflicts)
        assert self.ask("SELECT count(*) FROM restore_point") == [(len(model.points),)]

    def check_file(self) -> None:
        assert self.ask("PRAGMA integrity_check") == [("ok",)]
        assert self.ask("PRAGMA foreign_key_check") == []


def _figures(report: SyncReport) -> tuple:
    return report.outcome, report.pulled_rows, report.pushed_rows, report.new_conflicts, report.error
