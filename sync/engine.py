"""The sync: recover, pull, freeze, stage, swap, finish. The order of the commit protocol, no more."""

import threading
import time
import uuid
from collections.abc import Callable

from catalog.exchange import Exchange
from catalog.protocol import CatalogError
from catalog.pull import RemoteSeen
from catalog.store import SqlCatalog
from sync.commit import Committed, Device, NotCommittedError, Stage, swap
from sync.events import SUCCESSES, Outcome, Phase, Progress, SyncReport
from sync.lock import SyncUnderWayError, sync_lock
from sync.manifest import KEY, MAX_BYTES, Manifest, ManifestError, decode
from sync.objectstore import Fetched, NotThereError, ObjectStore, RemoteError, UnclearError, UnreachableError
from sync.probe import READ_ONLY, Conditions, probe
from sync.pull import DeltaMismatchError, merge_shard
from sync.shard import DamagedError
from sync.transfer import CancelledError, Pause, fetch, in_parallel, to_fetch

_REBASES = 15


class RefusedError(Exception):
    """Going on could cost data; the text says why, and what to do."""


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
        progress: Callable[[Progress], object] = lambda _: None,
        cancel: threading.Event | None = None,
        backoff: float = 0.2,
    ) -> None:
        """Prepare a sync.

        Args:
            catalog: this device's.
            store: the remote.
            device_name: what people call this device.
            keep_stars: the star policy "keep".
            single_writer: whether the user has said that no other device ever writes to this remote.
            progress: told each step, on the syncing thread.
            cancel: set by another thread, it ends the sync between two objects.
            backoff: seconds of the longest first wait before a further try.
        """
        self._catalog = catalog
        self._exchange = Exchange(catalog)
        self._store = store
        self._device = Device(self._exchange.device_id(), device_name.encode(errors="replace").decode()[:64])
        self._keep_stars = keep_stars
        self._single_writer = single_writer
        self._progress = progress
        self._pause = Pause(cancel or threading.Event(), backoff)
        self._report = SyncReport()
        self._distrusted: set[str] = set()

    def run(self) -> SyncReport:
        """Sync once.

        Returns:
            The report. No failure of the remote raises: it is the report's outcome and error. Whatever was
            not committed is still pending.
        """
        begun = time.monotonic()
        try:
            with sync_lock(self._catalog.path):
                self._report.outcome = self._sync()
        except CancelledError:
            self._end(Outcome.FAILED, "Cancelled: whatever was not committed is queued.")
        except (UnreachableError, UnclearError) as error:
            self._end(Outcome.OFFLINE, f"{error} Everything is queued.")
        except (RefusedError, ManifestError, DamagedError) as error:
            self._end(Outcome.REFUSED, str(error))
        except (RemoteError, CatalogError) as error:
            self._end(Outcome.FAILED, str(error))
        except SyncUnderWayError as error:  # says nothing of the remote: the other sync will
            self._end(Outcome.FAILED, str(error))
            return self._report
        report = self._report
        traffic = self._store.traffic
        report.requests, report.bytes_up, report.bytes_down = (
            dict(traffic.requests), traffic.bytes_up, traffic.bytes_down,
        )  # fmt: skip
        report.seconds = time.monotonic() - begun
        report.open_conflicts = self._catalog.stats().open_conflicts
        self._exchange.note_outcome(
            self._store.url, report.outcome, report.error, success=report.outcome in SUCCESSES
        )
        return report

    def _end(self, outcome: Outcome, error: str) -> None:
        self._report.outcome, self._report.error = outcome, error

    def _sync(self) -> Outcome:
        batch = uuid.uuid4().hex
        self._progress(Progress(Phase.CHECKING, 0, 0))
        outcome = self._recover()
        for _ in range(_REBASES):
            seen = self._pull()
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

    def _conditions(self) -> Conditions:
        """Return what is known of the remote's conditional writes; found out once, before the first write."""
        known = self._exchange.conditions(self._store.url)
        if known is None or (known == Conditions.NONE and not self._single_writer):
            known = self._pause.patiently(
                lambda: probe(self._store)
            )  # one stray answer may have told that it honours none: look again
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
            committed = swap(self._store, journal, self._device, self._conditions(), self._pause)
            self._finish(journal.batch_id, committed)
        except NotCommittedError:
            self._exchange.abandon()
            return None
        return Outcome.COMMITTED

    def _pull(self) -> RemoteSeen | None:
        """Merge what is new on the remote; None if there is no catalog on it yet."""
        seen = self._exchange.remote(self._store.url)
        try:
            fetched = self._pause.patiently(
                lambda: self._store.get(KEY, limit=MAX_BYTES, unless_etag=seen.etag if seen else None)
            )
        except NotThereError as error:
            if seen is not None:
                raise RefusedError(
                    f"The manifest has vanished from {self._store.url}, where commit {seen.seq} was seen. "
                    "Nothing was changed. If it was removed on purpose, choose a new prefix for the remote; "
                    "if not, put it back from manifests/."
                ) from error
            with self._exchange.pull() as pull:
                pull.forget_bases()  # what another remote had is no base here: all of it goes up
            return None
        if fetched is None:
            self._report.seq = seen.seq if seen else None
            return seen
        new = decode(fetched.data)
        self._report.seq = new.seq
        old = decode(seen.manifest.encode()) if seen and seen.manifest else None
        if seen and old:
            self._check_lineage(seen, old, new)
        while True:
            try:
                return self._merge(old, new, fetched)
            except DeltaMismatchError as error:
                self._distrusted.add(error.x)

    def _check_lineage(self, seen: RemoteSeen, old: Manifest, new: Manifest) -> None:
        if new.catalog_id != old.catalog_id:
            raise RefusedError(
                f"{self._store.url} holds another catalog than before. Nothing was changed. To join it, "
                "give the remote another address (a copy under a new prefix)."
            )
        if new.seq < seen.seq or (new.seq == old.seq and new.commit_id != old.commit_id):
            raise RefusedError(
                f"{self._store.url} has gone back to commit {new.seq}, but commit {seen.seq} was seen. "
                f"Nothing was changed. Put back the newer manifest from manifests/{seen.seq}-…"
            )
        lost = new.lost_since(old)
        if lost is not None:
            raise RefusedError(
                f"{self._store.url} has lost commit {lost}, which was seen; others have gone on without it. "
                f"Nothing was changed. Put back the newer manifest from manifests/{seen.seq}-…, or give the "
                "remote another address (a copy under a new prefix) to join it as it is."
            )

    def _merge(self, old: Manifest | None, new: Manifest, fetched: Fetched) -> RemoteSeen:
        wanted = list(to_fetch(old, new, self._distrusted))
        if wanted:
            self._progress(Progress(Phase.DOWNLOADING, 0, len(wanted)))
        tasks = (
            (lambda x=x, whole=whole: fetch(self._store, old, new, x, self._pause, whole=whole))
            for x, whole in wanted
        )
        downloads = list(
            in_parallel(
                tasks, lambda n: self._progress(Progress(Phase.DOWNLOADING, n, len(wanted))), self._pause
            )
        )
        seen = RemoteSeen(self._store.url, new.seq, fetched.etag, fetched.data.decode())
        pulled = conflicts = 0
        with self._exchange.pull() as pull:
            if old is None:
                pull.forget_bases()
            for number, download in enumerate(downloads, 1):
                count, found = merge_shard(
                    pull,
                    download,
                    before=old.shards[download.x].state if old else None,
                    expected=new.shards[download.x].state,
                    keep_stars=self._keep_stars,
                )
                pulled += count
                theirs = new.names_since(old.seq if old else 0, self._device.id)
                conflicts += pull.record(found, mine=self._device.name, theirs=theirs, seq=new.seq)
                self._progress(Progress(Phase.MERGING, number, len(downloads)))
                self._pause.check()
            pull.remember(seen)
        self._report.pulled_rows += pulled
        self._report.new_conflicts += conflicts
        return seen

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
        return swap(self._store, journal, self._device, self._conditions(), self._pause)

    def _finish(self, batch: str, committed: Committed) -> None:
        seen = RemoteSeen(self._store.url, committed.manifest.seq, committed.etag, committed.text)
        self._exchange.finish(batch, seen)
        self._report.seq = committed.manifest.seq
        self._report.commit_id = committed.manifest.commit_id
