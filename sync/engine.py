"""The sync: recover, pull, freeze, stage, swap, finish. The commit protocol in order, and its rehearsal."""

import threading
import time
import uuid
from collections.abc import Callable, Collection
from contextlib import suppress

from catalog.exchange import Exchange, OpenBatch, rehearsal
from catalog.protocol import CatalogError
from catalog.pull import RemoteSeen
from catalog.store import SqlCatalog
from sync import brake
from sync.commit import Committed, Device, NotCommittedError, Stage, SwapRefusedError, fate, swap
from sync.events import QUEUED, SUCCESSES, Outcome, Phase, Preview, Progress, Reason, SyncReport
from sync.garbage import after_commit
from sync.idle import News
from sync.lock import SyncUnderWayError, sync_lock
from sync.manifest import ManifestError, decode
from sync.photolala import adopt
from sync.pull import AskingError, Puller, RefusedError
from sync.shard import WAY_OUT, DamagedError
from sync.stores.objectstore import MAY_PASS, ObjectStore, RemoteError
from sync.stores.probe import READ_ONLY, Conditions, probe
from sync.transfer import CancelledError, Pause

_REBASES = 15


class Sync:
    """One sync of one catalog with one remote."""

    def __init__(
        self,
        catalog: SqlCatalog,
        store: ObjectStore,
        device_name: str,
        *,
        keep_stars: bool = False,
        single_writer: bool = False,
        accepted: Collection[Reason] = (),
        progress: Callable[[Progress], object] = lambda _: None,
        cancel: threading.Event | None = None,
        news: News | None = None,
        backoff: float = 0.2,
    ) -> None:
        """Prepare a sync.

        Args:
            catalog: this device's.
            store: the remote.
            device_name: what people call this device.
            keep_stars: the star policy "keep".
            single_writer: whether the user has said that no other device ever writes to this remote.
            accepted: what the user has agreed to: `Reason.REMOVALS`, see `sync.brake`, `Reason.ADDRESS`.
            progress: told each step, on the syncing thread.
            cancel: set by another thread, it ends the sync between two objects.
            news: the manifest, if it has been fetched already.
            backoff: seconds of the longest first wait before a further try.
        """
        self._catalog = catalog
        self._exchange = Exchange(catalog)
        self._store = store
        self._name = device_name.encode(errors="replace").decode()[:64]
        self._keep_stars = keep_stars
        self._single_writer = single_writer
        self._accepted = accepted
        self._progress = progress
        self._news = news
        self._pause = Pause(cancel or threading.Event(), backoff)
        self._report = SyncReport()

    def run(self) -> SyncReport:
        """Sync once.

        Returns:
            The report. No failure of the remote raises: it is the report's outcome and error. Whatever was
            not committed is still pending.
        """
        report = self._reported(self._sync)
        if report.reason not in (Reason.CANCELLED, Reason.BUSY):  # these say nothing of the remote
            self._exchange.note_outcome(
                self._store.url, report.outcome, report.error, success=report.outcome in SUCCESSES
            )
        return report

    def rehearse(self) -> SyncReport:
        """Find out what a sync would do, and change neither the catalog nor the remote.

        Returns:
            The report that a sync would give, with a preview; a failure of the remote is in it, too.
        """
        return self._reported(self._rehearse)

    def _reported(self, sync: Callable[[], Outcome]) -> SyncReport:
        begun = time.monotonic()
        report = self._report
        try:
            with sync_lock(self._catalog.path):
                report.outcome = sync()
        except CancelledError:
            self._end(Outcome.FAILED, "Cancelled: whatever was not committed is queued.", Reason.CANCELLED)
        except MAY_PASS as error:
            self._end(Outcome.OFFLINE, f"{error} {QUEUED}")
        except AskingError as error:
            self._end(Outcome.REFUSED, str(error), error.reason)
        except (RefusedError, ManifestError) as error:
            self._end(Outcome.REFUSED, str(error))
        except DamagedError as error:
            self._end(Outcome.REFUSED, f"{error}. Nothing was changed. {WAY_OUT}")
        except (RemoteError, CatalogError) as error:
            self._end(Outcome.FAILED, str(error))
        except SyncUnderWayError as error:
            self._end(Outcome.FAILED, str(error), Reason.BUSY)
            return report
        traffic = self._store.traffic
        report.requests, report.bytes_up, report.bytes_down = (
            dict(traffic.requests), traffic.bytes_up, traffic.bytes_down,
        )  # fmt: skip
        report.seconds = time.monotonic() - begun
        report.open_conflicts = self._exchange.open_conflicts()
        return report

    def _end(self, outcome: Outcome, error: str, reason: Reason | None = None) -> None:
        self._report.outcome, self._report.error, self._report.reason = outcome, error, reason

    def _puller(self, exchange: Exchange, device: Device, accepted: Collection[Reason]) -> Puller:
        return Puller(
            exchange,
            self._store,
            device,
            self._report,
            keep_stars=self._keep_stars,
            accepted=accepted,
            news=self._news,
            progress=self._progress,
            pause=self._pause,
        )

    def _sync(self) -> Outcome:
        batch = uuid.uuid4().hex
        self._progress(Progress(Phase.CHECKING, 0, 0))
        self._device = Device(self._exchange.device_id(), self._name)
        puller = self._puller(self._exchange, self._device, self._accepted)
        outcome = self._recover()
        for _ in range(_REBASES):
            seen = puller.pull()
            if seen is None:
                self._report.pulled_rows = adopt(self._catalog, self._store, self._pause)
            self._brake()
            dirty = self._exchange.freeze(batch, self._store.url)
            if not dirty:
                return outcome or (Outcome.PULLED if self._report.pulled_rows else Outcome.UP_TO_DATE)
            try:
                self._conditions()
                committed = self._commit(batch, dirty, seen)
            except NotCommittedError:
                self._exchange.abandon()
                continue
            self._report.pushed_rows = sum(dirty.values())
            self._finish(batch, committed)
            if committed.etag is not None:
                return Outcome.COMMITTED
            outcome, batch = Outcome.COMMITTED, uuid.uuid4().hex  # others came after: look what they have
        raise RemoteError("Other devices commit all the time; everything is queued for the next sync.")

    def _brake(self) -> None:
        if Reason.REMOVALS not in self._accepted:
            _, removals = self._exchange.outgoing(new=False)
            if brake.stops(removals):
                raise AskingError(Reason.REMOVALS, brake.question(removals, f"on {self._store.url}"))

    def _rehearse(self) -> Outcome:
        self._progress(Progress(Phase.CHECKING, 0, 0))
        with rehearsal(self._catalog) as exchange:
            device = Device(exchange.known_device_id() or "", self._name)
            self._settle_journal(exchange, device)
            puller = self._puller(exchange, device, {*self._accepted, Reason.REMOVALS})
            puller.pull()
            there, removals = exchange.outgoing()
        report = self._report
        report.pushed_rows = there.rows
        stopped = None
        for lost, where in ((puller.removals, "here"), (removals, f"on {self._store.url}")):
            if stopped is None and brake.stops(lost) and Reason.REMOVALS not in self._accepted:
                stopped = f"A sync would {brake.losses(lost, where)}: it would stop before that, and ask."
        report.preview = Preview(puller.tally, there, stopped)
        if stopped is not None:
            report.reason = Reason.REMOVALS
            return Outcome.REFUSED
        if there.rows:
            return Outcome.COMMITTED
        return Outcome.PULLED if report.pulled_rows else Outcome.UP_TO_DATE

    def _settle_journal(self, exchange: Exchange, device: Device) -> None:
        """Take a batch that an earlier sync has left open as the remote has it: committed, or not."""
        journal = exchange.journal()
        if journal is None:
            return
        with suppress(NotCommittedError):
            if journal.url == self._store.url and journal.manifest is not None:
                committed = fate(self._store, journal, device, self._pause)
                if committed is not None:
                    exchange.finish(journal.batch_id, self._seen(committed))
                    return
        exchange.abandon()

    def _conditions(self) -> Conditions:
        """Return what is known of the remote's conditional writes; found out once, before the first write."""
        known = self._exchange.conditions(self._store.url)
        # a single stray answer may have told that it honours none: then look again
        if known is None or (known == Conditions.NONE and not self._single_writer):
            known = self._pause.patiently(lambda: probe(self._store))
            self._exchange.note_conditions(self._store.url, known)
        conditions = Conditions(known)
        if conditions is Conditions.NONE and not self._single_writer:
            raise RefusedError(READ_ONLY)
        return conditions

    def _recover(self) -> Outcome | None:
        """Find out the fate of a batch that an earlier sync has left open, before anything else."""
        journal = self._exchange.journal()
        if journal is None:
            return None
        if journal.url != self._store.url or journal.manifest is None:
            self._exchange.abandon()  # its manifest was never put, or belongs to a remote we have left
            return None
        try:
            committed = fate(self._store, journal, self._device, self._pause)
            if committed is None:  # what is put before that look would be in vain, or on no disk
                committed = self._swap(journal)
        except NotCommittedError:
            self._exchange.abandon()
            return None
        self._finish(journal.batch_id, committed)
        return Outcome.COMMITTED

    def _commit(self, batch: str, dirty: dict[str, int], seen: RemoteSeen | None) -> Committed:
        old = decode(seen.manifest.encode()) if seen and seen.manifest else None
        stage = Stage(self._exchange, self._store, self._device, batch, old)
        manifest = stage.upload(
            dirty, self._pause, lambda done, total: self._progress(Progress(Phase.UPLOADING, done, total))
        )
        self._progress(Progress(Phase.COMMITTING, 0, 1))
        self._exchange.stage(batch, manifest.encode().decode(), seen.etag if seen else None)
        journal = self._exchange.journal()
        assert journal is not None
        return self._swap(journal)

    def _swap(self, journal: OpenBatch) -> Committed:
        try:
            return swap(self._store, journal, self._device, self._conditions(), self._pause)
        except SwapRefusedError:  # it is another server than was probed
            self._exchange.note_conditions(self._store.url, None)
            raise

    def _finish(self, batch: str, committed: Committed) -> None:
        self._exchange.finish(batch, self._seen(committed))
        self._report.seq = committed.manifest.seq
        self._report.commit_id = committed.manifest.commit_id
        after_commit(self._store, committed.manifest, self._pause)

    def _seen(self, committed: Committed) -> RemoteSeen:
        return RemoteSeen(self._store.url, committed.manifest.seq, committed.etag, committed.text)
