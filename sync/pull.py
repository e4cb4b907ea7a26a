"""Makes the remote's changes this device's: verified shards through the merge, in one transaction."""

from collections.abc import Callable, Collection

from catalog.exchange import Exchange
from catalog.pull import RemoteSeen
from catalog.tally import Removals, Tally
from sync import brake
from sync.commit import Device
from sync.events import Phase, Progress, Reason, SyncReport
from sync.fetching import fetch, to_fetch
from sync.idle import News
from sync.manifest import KEY, MAX_BYTES, Manifest, decode
from sync.shard_merge import DeltaMismatchError, merge_shard
from sync.stores.objectstore import EmptyRemoteError, Fetched, NotThereError, ObjectStore, UnreachableError
from sync.transfer import Pause, in_parallel


class RefusedError(Exception):
    """Going on could cost data; the text says why, and what to do."""


class AskingError(RefusedError):
    """Going on may be meant, and nobody has said so; `reason` is what there is to agree to."""

    def __init__(self, reason: Reason, question: str) -> None:
        super().__init__(question)
        self.reason = reason


class Puller:
    """Merges what is new on a remote.

    Attributes:
        tally: what the last pull has changed here.
        removals: what it has taken away.
    """

    def __init__(
        self,
        exchange: Exchange,
        store: ObjectStore,
        device: Device,
        report: SyncReport,
        *,
        keep_stars: bool,
        accepted: Collection[Reason],
        news: News | None,
        progress: Callable[[Progress], object],
        pause: Pause,
    ) -> None:
        """Set it up; see `Sync` for the arguments. The report is told what was pulled."""
        self.tally, self.removals = Tally(), Removals()
        self._exchange = exchange
        self._store = store
        self._device = device
        self._report = report
        self._keep_stars = keep_stars
        self._accepted = accepted
        self._news = news
        self._progress = progress
        self._pause = pause
        self._distrusted: set[str] = set()

    def pull(self) -> RemoteSeen | None:
        """Merge what is new on the remote; None if there is no catalog on it yet.

        Raises:
            RefusedError: going on could cost data.
            UnreachableError: nothing at all is there, where something was seen.
            ManifestError, DamagedError, RemoteError: the remote is not what it should be.
        """
        seen = self._exchange.remote(self._store.url)
        try:
            fetched = self._fetch(seen.etag if seen else None)
        except NotThereError as error:
            if seen is not None:
                raise self._vanished(seen, error) from error
            if not self._has_copies():
                self._check_address(None)
                with self._exchange.pull() as pull:
                    pull.forget_bases()  # what another remote had is no base here: all of it goes up
                return None
            fetched = self._fetch_again()
        if fetched is None:
            self._report.seq = seen.seq if seen else None
            return seen
        new = decode(fetched.data)
        self._report.seq = new.seq
        old = decode(seen.manifest.encode()) if seen and seen.manifest else None
        if seen and old:
            self._check_lineage(seen, old, new)
        else:
            self._check_address(new)
        while True:
            try:
                return self._merge(old, new, fetched)
            except DeltaMismatchError as error:
                self._distrusted.add(error.x)

    def _vanished(self, seen: RemoteSeen, error: NotThereError) -> Exception:
        if isinstance(error, EmptyRemoteError):
            return UnreachableError(
                f"Nothing is in {self._store.url}, where commit {seen.seq} was seen: is its disk mounted?"
                " If all was removed on purpose, give the remote another address."
            )
        return RefusedError(
            f"The manifest has vanished from {self._store.url}, where commit {seen.seq} was seen. "
            "Nothing was changed. If it was removed on purpose, choose a new prefix for the remote; "
            "if not, put it back from manifests/."
        )

    def _fetch(self, known: str | None) -> Fetched | None:
        news, self._news = self._news, None
        if news is not None and news.since == known:  # no other sync has come between
            return news.manifest
        return self._pause.patiently(lambda: self._store.get(KEY, limit=MAX_BYTES, unless_etag=known))

    def _has_copies(self) -> bool:
        """Tell whether the remote has held a catalog: then its manifest has left copies."""
        copies = self._pause.patiently(lambda: [listed.key for listed in self._store.list("manifests/")])
        seqs = (key.removeprefix("manifests/").partition("-")[0] for key in copies)
        # a first commit that was begun and not finished leaves a copy of 1
        return any(seq.isascii() and seq.isdecimal() and int(seq[:20]) > 1 for seq in seqs)

    def _fetch_again(self) -> Fetched | None:
        """Fetch the manifest of a remote that has copies of some: others may have begun it just now."""
        try:
            return self._fetch(None)
        except NotThereError as error:
            raise RefusedError(
                f"{self._store.url} has no manifest, but copies of older ones: it has held a catalog. "
                f"Nothing was changed. Put the newest of manifests/ back as {KEY}, or choose a new "
                "prefix for the remote."
            ) from error

    def _check_address(self, new: Manifest | None) -> None:
        """Ask before all that is here goes to a place where neither this device nor its catalog has been."""
        other = self._exchange.other_remote(self._store.url)
        if other is None or other.manifest is None or Reason.ADDRESS in self._accepted:
            return
        if new is None:
            raise AskingError(
                Reason.ADDRESS,
                f"{self._store.url} holds no catalog, and this one has synced with {other.url}: is the "
                "address right? Nothing was sent. `photolala sync --accept-address` begins anew there.",
            )
        is_ours = new.catalog_id == decode(other.manifest.encode()).catalog_id
        if not is_ours and self._device.id not in new.devices:
            raise AskingError(
                Reason.ADDRESS,
                f"{self._store.url} holds another catalog than {other.url}, with which this one has synced: "
                "is the address right? Nothing was changed. `photolala sync --accept-address` joins both.",
            )

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
            theirs = new.names_since(old.seq if old else 0, self._device.id)
            pull.keep_before(url=seen.url, seq=new.seq, reason=f"commit {new.seq} by {theirs}")
            for number, download in enumerate(downloads, 1):
                count, found = merge_shard(
                    pull,
                    download,
                    before=old.shards[download.x].state if old else None,
                    expected=new.shards[download.x].state,
                    keep_stars=self._keep_stars,
                )
                pulled += count
                conflicts += pull.record(found, mine=self._device.name, theirs=theirs, seq=new.seq)
                self._progress(Progress(Phase.MERGING, number, len(downloads)))
                self._pause.check()
            self.tally, self.removals = pull.tally, pull.removals()
            if Reason.REMOVALS not in self._accepted and brake.stops(self.removals):
                raise AskingError(Reason.REMOVALS, brake.question(self.removals, "here"))
            pull.remember(seen)
        self._report.pulled_rows += pulled
        self._report.new_conflicts += conflicts
        return seen
