"""Verifies: what the catalog says of the originals against what the remote has, and says every gap.

One listing is enough to know what is there, with its size and, where the remote tells it, its MD5. A deep
verification fetches and hashes, those first whose last such proof is the oldest, so that it can be done
little by little. What turns out to be lost is said to be lost: if a file of it is here, it is queued again.
Unless not a single original is there: then the address may be wrong, and a person is asked first.
"""

import hashlib
import threading
import time
from collections.abc import Callable

from catalog.backup_queue import BackupQueue
from catalog.originals import Oldest, Originals, Wanted
from catalog.row import SHARDS
from catalog.store import SqlCatalog
from sync.originals.verify_events import Gap, VerifyOutcome, VerifyProgress, VerifyReport
from sync.originals.workers import Workers
from sync.stores.limits import Limits
from sync.stores.objectstore import (
    MAY_PASS,
    ArchivedError,
    EmptyRemoteError,
    NotThereError,
    RemoteError,
    UnreachableError,
)
from sync.stores.original_store import ARCHIVED, ORIGINALS, OriginalStore, Stored, md5_of_key, original_key
from sync.transfer import CancelledError, Pause

_AT_ONCE = 4
_AT_A_TIME = 20_000  # photos
_GIVE_UP = 5  # originals that could not be read, with none in between that could
_FEW = 20  # photos: to upload so many again, to wherever, does no harm


class Verify:
    """One verification of one catalog's starred originals on one remote."""

    def __init__(
        self,
        catalog: SqlCatalog,
        store: OriginalStore,
        *,
        deep: bool = False,
        byte_budget: int | None = None,
        accept_losses: bool = False,
        progress: Callable[[VerifyProgress], object] = lambda _: None,
        cancel: threading.Event | None = None,
        backoff: float = 0.2,
    ) -> None:
        """Prepare.

        Args:
            catalog: this device's.
            store: the remote.
            deep: whether originals are fetched and hashed.
            byte_budget: how many bytes may be fetched; None is no limit.
            accept_losses: whether the user has said that all originals may be lost.
            progress: told now and then, on the thread that runs it.
            cancel: set by another thread, it ends the verification; what was proved stays proved.
            backoff: seconds of the longest first wait before a further try.
        """
        self._queue = BackupQueue(catalog, store.url)
        self._originals = Originals(catalog, store.url)
        self._store = store
        self._deep = deep
        self._budget = byte_budget
        self._accept_losses = accept_losses
        self._progress = progress
        self._limits = Limits(Pause(cancel or threading.Event(), backoff))
        self._report = VerifyReport()
        self._archived: set[str] = set()
        self._lost: list[str] = []  # not noted yet
        self._is_the_place = False  # an original has been found there

    def run(self) -> VerifyReport:
        """Verify.

        Returns:
            The report. No failure of the remote raises: it is the report's outcome and error.
        """
        begun, report = time.monotonic(), self._report
        try:
            self._list()
            if self._deep and not self._lost:
                self._read_all()
            report.outcome = VerifyOutcome.GAPS if report.gaps else VerifyOutcome.SAFE
            if self._lost:
                self._doubt()
        except CancelledError:
            report.outcome, report.error = VerifyOutcome.CANCELLED, "Cancelled: what was proved stays proved."
        except RemoteError as error:
            report.outcome = VerifyOutcome.OFFLINE if isinstance(error, MAY_PASS) else VerifyOutcome.FAILED
            report.error = str(error)
        verified, report.last_proof = self._originals.proved()
        report.verified = 0 if report.outcome is VerifyOutcome.NOTHING_THERE else verified
        report.requests, report.seconds = dict(self._store.traffic.requests), time.monotonic() - begun
        return report

    def _list(self) -> None:
        prefixes = [""]
        while self._originals.starred() > _AT_A_TIME * len(prefixes):  # memory is for some, time for all
            prefixes = [prefix + digit for prefix in prefixes for digit in SHARDS]
        for prefix in prefixes:
            self._list_some(prefix)
        if len(self._lost) <= _FEW:
            self._note_lost()

    def _doubt(self) -> None:
        """Tell that nothing is there, and nothing was noted: it is the address that may be wrong."""
        report, url, lost = self._report, self._store.url, set(self._lost)
        report.outcome = VerifyOutcome.NOTHING_THERE
        report.gaps = [gap._replace(queued=gap.queued and gap.md5 not in lost) for gap in report.gaps]
        are = "1 is" if len(lost) == 1 else f"{len(lost):,} are"
        report.error = (
            f"Not a single original is at {url}, where the catalog says that {are}. If the "
            "address, the endpoint, the profile or the disk is wrong, mend that: nothing was noted as lost, "
            "and nothing queued. If all is right, `photolala verify --accept-losses` notes the loss, and "
            "queues those with a file here."
        )

    def _list_some(self, prefix: str) -> None:
        wanted = {photo.md5: photo for photo in self._originals.wanted(prefix)}
        try:
            right, doubtful = self._limits.ask(lambda: self._listed(prefix, wanted))
        except EmptyRemoteError:
            if any(photo.uploaded for photo in wanted.values()):
                raise
            right, doubtful = {}, {}  # a new remote
        for md5, stored in doubtful.items():
            if self._is_right(wanted[md5], stored):
                right[md5] = stored.modified
        gaps = {md5: self._gap(photo, doubtful.get(md5)) for md5, photo in wanted.items() if md5 not in right}
        found = {md5: int(when) for md5, when in right.items() if not wanted[md5].uploaded}
        self._queue.done(found)  # whoever sent it did not live to say so
        self._report.found += len(found)
        self._lost += (md5 for md5 in gaps if wanted[md5].uploaded)
        self._is_the_place |= bool(right or doubtful)
        if self._is_the_place or self._accept_losses:
            self._note_lost()
        self._originals.listed(right, int(time.time()))
        self._report.starred += len(wanted)
        self._report.uploaded += len(right)
        self._report.gaps += (gaps[md5] for md5 in sorted(gaps))
        self._progress(VerifyProgress(self._report.starred, self._originals.starred(), 0))

    def _listed(self, prefix: str, wanted: dict[str, Wanted]) -> tuple[dict[str, float], dict[str, Stored]]:
        """Return originals that the listing shows to be right, with their time, and those to be asked for."""
        right: dict[str, float] = {}
        doubtful: dict[str, Stored] = {}
        below = f"{ORIGINALS}{prefix[:2]}/{prefix}" if len(prefix) > 1 else ORIGINALS + prefix
        for number, stored in enumerate(self._store.stored(below)):
            md5 = md5_of_key(stored.key)
            if number % 1000 == 0:
                self._limits.pause.check()
            photo = wanted.get(md5) if md5 else None
            if photo is None:
                continue
            if stored.storage_class in ARCHIVED:
                self._archived.add(photo.md5)
            if stored.md5 in (None, photo.md5) and photo.size in (None, stored.size):
                right[photo.md5] = stored.modified
            else:
                doubtful[photo.md5] = stored
        return right, doubtful

    def _is_right(self, photo: Wanted, listed: Stored) -> bool:
        """Ask for one object: the ETag of one that is encrypted by KMS looks like an MD5, and is none."""
        if photo.size not in (None, listed.size):
            return False
        found = self._limits.ask(lambda: self._store.find(listed.key))
        return found is not None and found.md5 == photo.md5

    def _gap(self, photo: Wanted, there: Stored | None) -> Gap:
        if there is not None and photo.size not in (None, there.size):
            reason = f"the original on the remote has {there.size} B instead of {photo.size} B"
        elif there is not None:
            reason = "the original on the remote has another MD5"
        elif photo.uploaded:
            reason = "the original is not on the remote any more"
        else:
            reason = "the original is not uploaded yet"
        return Gap(photo.md5, photo.filename, reason, photo.here, queued=photo.here)

    def _note_lost(self) -> None:
        self._lose(self._lost)
        self._lost = []

    def _lose(self, md5s: list[str]) -> None:
        self._queue.lost(md5s)
        self._originals.disproved(md5s)

    def _read_all(self) -> None:
        here = {photo.md5: photo for photo in self._originals.wanted()}
        everything = self._originals.oldest()
        readable = [photo for photo in everything if photo.md5 not in self._archived]
        self._report.unread = len(everything) - len(readable)
        chosen: list[Oldest] = []
        left = self._budget
        for photo in readable:
            if left is not None and (left := left - (photo.size or 0)) < 0:
                break
            chosen.append(photo)
        self._report.left = len(readable) - len(chosen)
        workers, in_a_row = Workers(_AT_ONCE, "verify"), 0
        try:
            for photo, under_way in [(p, workers.submit(lambda p=p: self._read(p))) for p in chosen]:  # type: ignore[misc]
                try:
                    wrong = under_way.result()
                except ArchivedError:  # by a rule of the bucket, in a class that can be read at other times
                    self._report.unread += 1
                    continue
                except UnreachableError:
                    raise
                except RemoteError as error:  # of this one only, it may be: the others shall be read, too
                    in_a_row += 1
                    if in_a_row == _GIVE_UP:
                        raise
                    self._report.gaps.append(self._unreadable(photo, error, here[photo.md5].here))
                    continue
                in_a_row = 0
                self._limits.pause.check()
                if wrong is None:
                    self._report.read += 1
                    self._originals.read(photo.md5, int(time.time()))
                else:
                    is_here = here[photo.md5].here
                    self._report.gaps.append(Gap(photo.md5, photo.filename, wrong, is_here, is_here))
                    self._report.uploaded -= 1
                    self._lose([photo.md5])
                self._progress(VerifyProgress(self._report.read, len(chosen), self._report.bytes_read))
        finally:
            workers.end()

    def _unreadable(self, photo: Oldest, error: RemoteError, here: bool) -> Gap:
        """Return the gap of an original that may be right, and could not be read."""
        reason = f"the original could not be read: {str(error).removesuffix('.')}"
        return Gap(photo.md5, photo.filename, reason, here, queued=False)

    def _read(self, photo: Oldest) -> str | None:
        """Fetch and hash one original; returns what is wrong with it, None if nothing is."""
        try:
            md5, size = self._limits.ask(lambda: self._hash(photo.md5))
        except EmptyRemoteError:
            raise
        except NotThereError:
            return "the original is not on the remote any more"
        self._report.bytes_read += size
        return None if md5 == photo.md5 else "the bytes of the original on the remote are not the photo's"

    def _hash(self, md5: str) -> tuple[str, int]:
        digest, size = hashlib.md5(usedforsecurity=False), 0
        with self._store.read(original_key(md5)) as pieces:
            for piece in pieces:
                self._limits.pause.check()
                digest.update(piece)
                size += len(piece)
        return digest.hexdigest(), size
