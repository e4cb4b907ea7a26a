"""The backup: what waits goes up, several at a time, and what became of each is noted as it happens.

Nothing is lost by a kill or a cancel: the queue is what is not safe yet, and parts that have arrived stay.
"""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from catalog.backup_queue import BackupQueue, Waiting
from catalog.protocol import CatalogError
from catalog.scan.chosen import scan_file
from catalog.scan.scanner import Scan
from catalog.store import SqlCatalog
from sync.lock import BackupUnderWayError, backup_lock
from sync.originals.events import BackupOutcome, BackupProgress, BackupReport, Problem
from sync.originals.meter import Meter
from sync.originals.tidying import tidy
from sync.originals.upload import Callbacks, UnreadableError, Uploaded, Uploader
from sync.originals.workers import Workers
from sync.stores.limits import Limits
from sync.stores.objectstore import MAY_PASS, DeniedError, RemoteError, UnreachableError
from sync.stores.original_store import IntegrityError, OriginalStore
from sync.transfer import AT_ONCE, CancelledError, Pause

_TOLD_EVERY = 0.2  # seconds
_GIVE_UP = 5  # photos that the remote has failed, with none in between that it took


class _Ended(NamedTuple):
    """What became of one photo: `result` is a failure, or what the upload returned."""

    photo: Waiting
    result: Uploaded | Exception


class Backup:
    """One backup of one catalog's starred originals to one remote."""

    def __init__(
        self,
        catalog: SqlCatalog,
        store: OriginalStore,
        *,
        storage_class: str | None = None,
        bytes_per_second: float | None = None,
        due_only: bool = False,
        progress: Callable[[BackupProgress], object] = lambda _: None,
        cancel: threading.Event | None = None,
        backoff: float = 0.2,
    ) -> None:
        """Prepare a backup.

        Args:
            catalog: this device's.
            store: the remote.
            storage_class: of the originals; None is the remote's usual one.
            bytes_per_second: the most to send; None is no limit.
            due_only: leave out photos that have failed a short while ago.
            progress: told a few times a second how far it has come, on the thread that runs it.
            cancel: set by another thread, it ends the backup within a second, in the middle of a body.
            backoff: seconds of the longest first wait before a further try.
        """
        self._catalog = catalog
        self._queue = BackupQueue(catalog, store.url)
        self._store = store
        self._storage_class = storage_class
        self._due_only = due_only
        self._progress = progress
        self._cancel = cancel or threading.Event()
        self._halt = threading.Event()  # the user's cancel, or a failure that ends it all
        self._limits = Limits(Pause(self._halt, backoff), bytes_per_second)
        self._last = Limits(Pause(self._cancel, backoff))  # what is done when all threads have ended
        self._ended: queue.SimpleQueue[_Ended] = queue.SimpleQueue()
        self._report = BackupReport()
        self._told: set[str] = set()  # what the catalog says is being uploaded
        self._safe: dict[str, int] = {}  # since when; the catalog is not told yet
        self._gone: set[bytes] = set()

    def run(self) -> BackupReport:
        """Upload what waits.

        Returns:
            The report. No failure of the remote raises: it is the report's outcome and error.

        Raises:
            CatalogError: the catalog cannot be used.
        """
        begun, report = time.monotonic(), self._report
        try:
            with backup_lock(self._catalog.path):
                self._run()
        except BackupUnderWayError as error:
            self._end(BackupOutcome.FAILED, str(error))
        traffic = self._store.traffic
        report.requests, report.bytes_up, report.bytes_down = (
            dict(traffic.requests), traffic.bytes_up, traffic.bytes_down,
        )  # fmt: skip
        report.seconds = time.monotonic() - begun
        return report

    def _end(self, outcome: BackupOutcome, error: str | None) -> None:
        self._report.outcome, self._report.error = outcome, error

    def _run(self) -> None:
        self._queue.settle()
        photos = self._queue.waiting(due_at=time.time() if self._due_only else None)
        self._report.queued, self._report.not_here = len(photos), self._queue.not_here()
        try:
            if photos:
                self._upload(photos)
                self._scan_again()
            tidy(self._queue, self._store, self._last)
        except CancelledError:
            self._end(BackupOutcome.CANCELLED, "Cancelled: what is not uploaded stays queued.")
        except RemoteError as error:
            outcome = BackupOutcome.OFFLINE if isinstance(error, MAY_PASS) else BackupOutcome.FAILED
            self._end(outcome, f"{error} The rest stays queued.")
        finally:
            self._halt.set()  # threads that are still at it shall end
            self._queue.settle()

    def _upload(self, photos: list[Waiting]) -> None:
        meter = Meter(photos)
        callbacks = Callbacks(lambda path: scan_file(self._catalog, path), _draw, meter.moved)
        uploader = Uploader(
            self._queue, self._store, self._limits, callbacks, storage_class=self._storage_class
        )
        workers = Workers(AT_ONCE, "upload")
        try:
            workers.for_each(photos, partial(self._bring, uploader, meter))
            self._follow(meter, len(photos))
        finally:
            workers.end()
            uploader.end()
            self._tell(meter)
        report = self._report
        failed = f"{report.failed} could not be uploaded." if report.failed else None
        self._end(BackupOutcome.FAILED if failed else BackupOutcome.DONE, failed)

    def _bring(self, uploader: Uploader, meter: Meter, photo: Waiting) -> None:
        """Upload one photo, on a thread of its own."""
        meter.begin(photo.md5)
        try:
            self._limits.pause.check()
            result: Uploaded | Exception = uploader.upload(photo)
        except CancelledError:
            return
        except Exception as error:
            result = error
        finally:
            meter.end(photo.md5)
        self._ended.put(_Ended(photo, result))

    def _follow(self, meter: Meter, count: int) -> None:
        """Wait until all is done, noting what becomes of each; raises what ends it before."""
        in_a_row = 0
        told = 0.0
        while count:
            if self._cancel.is_set():
                raise CancelledError
            if time.monotonic() - told >= _TOLD_EVERY:
                self._tell(meter)
                told = time.monotonic()
            with suppress(queue.Empty):
                photo, result = self._ended.get(timeout=_TOLD_EVERY)
                count -= 1
                in_a_row = in_a_row + 1 if isinstance(result, RemoteError) else 0
                self._note(photo, result)
                if in_a_row >= _GIVE_UP:
                    assert isinstance(result, RemoteError)
                    raise result

    def _tell(self, meter: Meter) -> None:
        """Tell the catalog and whoever asked. A kill loses nothing: what is safe is found to be there."""
        safe, self._safe = self._safe, {}
        begun = meter.under_way() - self._told
        self._told |= begun
        self._queue.begin(begun)
        self._queue.done(safe)
        self._progress(meter.read())

    def _note(self, photo: Waiting, result: Uploaded | Exception) -> None:
        if isinstance(result, Uploaded):
            self._safe[photo.md5] = result.when
            self._report.already_there += result.was_there
            self._report.uploaded += not result.was_there
            return
        if isinstance(result, UnreachableError | DeniedError):
            raise result
        if not isinstance(result, UnreadableError | IntegrityError | RemoteError):
            raise result
        if isinstance(result, UnreadableError) and result.gone is not None:
            self._gone.add(result.gone)
        self._queue.failed(photo.md5, str(result))
        self._report.failed += 1
        self._report.problems.append(Problem(photo.md5, photo.filename, str(result)))

    def _scan_again(self) -> None:
        """Scan where files have vanished."""
        for folder in self._gone:
            with suppress(CatalogError):  # a disk that is not mounted: its photos stay as they are
                Scan(self._catalog, folder, cancelled=self._cancel.is_set).run()


def settle(catalog: SqlCatalog) -> None:
    """See to it that nothing is told to be uploading if no backup is under way: one may have been killed."""
    with suppress(BackupUnderWayError), backup_lock(catalog.path):
        BackupQueue(catalog, "").settle()


def _draw(path: bytes) -> bytes | None:
    from catalog.photo_files.thumbnails import thumbnail_jpeg  # brings the picture library in

    try:
        return thumbnail_jpeg(path)
    except Exception:  # whatever is wrong with a picture, its original is safe
        return None
