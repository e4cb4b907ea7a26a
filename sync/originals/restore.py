"""Restores originals: fetched, proved by their MD5, and put back under their own names, over nothing.

It can be stopped and begun again: what lies in its place, with the right MD5, is not fetched twice.
"""

import errno
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from catalog.originals import Restorable
from catalog.real_path import RealPaths
from catalog.scan.chosen import scan_file
from catalog.scan.written import WrittenFile, store_written
from catalog.store import SqlCatalog
from sync.originals.download import Downloader
from sync.originals.events import Problem
from sync.originals.incoming import Incoming
from sync.originals.restore_events import (
    Archived,
    RestoreOutcome,
    RestorePlan,
    RestoreProgress,
    RestoreReport,
)
from sync.originals.restored_file import already_at, fsync_names, place_of
from sync.originals.workers import Workers
from sync.stores.limits import Limits
from sync.stores.objectstore import (
    MAY_PASS,
    ArchivedError,
    DeniedError,
    NotThereError,
    RemoteError,
    UnreachableError,
)
from sync.stores.original_store import ARCHIVED, ORIGINALS, OriginalStore, Stored, md5_of_key, original_key
from sync.transfer import AT_ONCE, CancelledError, Pause

_TOLD_EVERY = 0.2  # seconds
_KEPT_EVERY = 0.5  # seconds
_ASK_EACH = 50  # photos up to which each is looked up by itself, and not in a listing of all
_GIVE_UP = 5  # photos that the remote has failed, with none in between that it gave
_THAWED_DAYS = 7
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class _Ended(NamedTuple):
    """What became of one photo: written, found in its place (a raw path), or a failure."""

    photo: Restorable
    result: WrittenFile | bytes | Exception


class Restore:
    """One restore of chosen photos into one folder."""

    def __init__(
        self,
        catalog: SqlCatalog,
        store: OriginalStore,
        target: bytes,
        *,
        progress: Callable[[RestoreProgress], object] = lambda _: None,
        placed: Callable[[str, bytes], object] = lambda _, __: None,
        cancel: threading.Event | None = None,
        backoff: float = 0.2,
    ) -> None:
        """Prepare.

        Args:
            catalog: this device's; restored files become known to it.
            store: the remote.
            target: the raw path of the folder under which the photos' own folders are.
            progress: told a few times a second how far it has come, on the thread that runs it.
            placed: told (md5, raw path) of each photo that lies in its place now and is known to the catalog,
                on the thread that runs it.
            cancel: set by another thread, it ends the restore.
            backoff: seconds of the longest first wait before a further try.
        """
        self._catalog = catalog
        self._store = store
        self._target = target
        self._progress = progress
        self._placed = placed
        self._cancel = cancel or threading.Event()
        self._halt = threading.Event()
        self._looking = Limits(Pause(self._cancel, backoff))
        self._limits = Limits(Pause(self._halt, backoff))
        self._ended: queue.SimpleQueue[_Ended] = queue.SimpleQueue()
        self._counting = threading.Lock()
        self._bytes = 0
        self._kept = 0  # of those that an earlier try has fetched
        self._latest = ""
        self._written: list[WrittenFile] = []
        self._unclear = 0  # failures of the remote, with no original in between that it gave

    def plan(self, photos: Sequence[Restorable]) -> RestorePlan:
        """Look what is there, and what is archived.

        Args:
            photos: the chosen ones.

        Raises:
            RemoteError: the remote failed.
            CancelledError: it was cancelled.
        """
        there = self._looking.ask(lambda: self._look(photos))
        planned = RestorePlan()
        for photo in photos:
            found = there.get(photo.md5)
            if found is None:
                planned.missing.append(photo)
            elif found.storage_class in ARCHIVED and not (thawed := self._thawed(found)):
                planned.archived.append(Archived(photo, found.storage_class, is_asked=thawed is False))
            else:
                planned.photos.append(photo._replace(size=found.size))
                planned.bytes += found.size
        return planned

    def _look(self, photos: Sequence[Restorable]) -> dict[str, Stored]:
        wanted = {photo.md5 for photo in photos}
        prefixes = [original_key(md5) for md5 in wanted] if len(wanted) <= _ASK_EACH else [ORIGINALS]
        found: dict[str, Stored] = {}
        for prefix in prefixes:
            for stored in self._store.stored(prefix):
                md5 = md5_of_key(stored.key)
                if md5 in wanted:
                    found[md5] = stored
        return found

    def _thawed(self, listed: Stored) -> bool | None:
        found = self._looking.ask(lambda: self._store.find(listed.key))
        return found and found.thawed

    def thaw(self, planned: RestorePlan) -> int:
        """Ask for what is archived to be made readable, for a week; returns of how many nobody had before.

        Raises:
            RemoteError: the remote failed.
            CancelledError: it was cancelled.
        """
        keys = [original_key(photo.md5) for photo, _, is_asked in planned.archived if not is_asked]
        for key in keys:
            self._looking.ask(lambda key=key: self._store.thaw(key, _THAWED_DAYS))  # type: ignore[misc]
        return len(keys)

    def run(self, planned: RestorePlan) -> RestoreReport:
        """Fetch what can be fetched.

        Returns:
            The report. No failure of the remote raises: it is the report's outcome and error.
        """
        begun = time.monotonic()
        report = RestoreReport(chosen=len(planned.photos) + len(planned.archived) + len(planned.missing))
        report.archived = dict(planned.classes)
        for photo in planned.missing:
            _fail(report, photo, "Its original is not on the remote.")
        workers, downloader = Workers(AT_ONCE, "restore"), Downloader(self._store, self._limits, self._moved)
        try:
            workers.for_each(planned.photos, partial(self._bring, downloader))
            try:
                self._follow(report, planned)
            finally:
                self._keep()
            if report.failed:
                report.outcome = RestoreOutcome.FAILED
                report.error = f"{report.failed} could not be restored."
            elif report.archived:
                report.outcome = RestoreOutcome.WAITING
        except CancelledError:
            report.outcome = RestoreOutcome.CANCELLED
            report.error = "Cancelled: what was restored is not fetched again."
        except RemoteError as error:
            report.outcome = RestoreOutcome.OFFLINE if isinstance(error, MAY_PASS) else RestoreOutcome.FAILED
            report.error = str(error)
        except OSError as error:  # the disk is full: the next ones would be fetched in vain
            report.outcome, report.error = RestoreOutcome.FAILED, _reason(error)
        finally:
            self._halt.set()
            workers.end()
            downloader.end()
        report.bytes_down, report.seconds = self._bytes, time.monotonic() - begun
        return report

    def _follow(self, report: RestoreReport, planned: RestorePlan) -> None:
        """Wait until all is done, noting what becomes of each; raises what ends it before."""
        done, told, kept = 0, 0.0, time.monotonic()
        while done < len(planned.photos):
            if self._cancel.is_set():
                raise CancelledError
            if time.monotonic() - told >= _TOLD_EVERY:
                told = time.monotonic()
                self._progress(
                    RestoreProgress(done, len(planned.photos), self._here(), planned.bytes, self._latest)
                )
            with suppress(queue.Empty):
                self._note(report, self._ended.get(timeout=_TOLD_EVERY))
                done += 1
            if time.monotonic() - kept >= _KEPT_EVERY:
                self._keep()
                kept = time.monotonic()
        self._progress(RestoreProgress(done, done, self._here(), planned.bytes, ""))

    def _note(self, report: RestoreReport, ended: _Ended) -> None:
        photo, result = ended
        if isinstance(result, WrittenFile):
            report.restored += 1
            self._unclear = 0
            self._written.append(result)
        elif isinstance(result, bytes):
            report.already_here += 1
            self._placed(photo.md5, result)
        elif self._ends_it(result):
            raise result
        else:
            _fail(report, photo, _reason(result))

    def _ends_it(self, error: Exception) -> bool:
        """Return whether the next photos would only fail like this one."""
        if isinstance(error, OSError):
            return error.errno in _FULL
        unclear = isinstance(error, RemoteError) and not isinstance(error, NotThereError | ArchivedError)
        self._unclear += unclear
        return isinstance(error, UnreachableError | DeniedError) or self._unclear >= _GIVE_UP

    def _keep(self) -> None:
        """Take up into the catalog what has been written, once it will outlive a power cut."""
        files, self._written = self._written, []
        if files:
            fsync_names(files, self._target)
            store_written(self._catalog, files, self._target)
            for file in files:
                self._placed(file.facts.md5, file.path)

    def _bring(self, downloader: Downloader, photo: Restorable) -> None:
        """Restore one photo, on a thread of its own."""
        try:
            self._limits.pause.check()
            self._latest = photo.filename
            self._ended.put(_Ended(photo, self._restore(downloader, photo)))
        except CancelledError:
            return
        except Exception as error:
            self._ended.put(_Ended(photo, error))

    def _restore(self, downloader: Downloader, photo: Restorable) -> WrittenFile | bytes:
        place = RealPaths().file(place_of(photo, self._target))  # a folder in it may be a link elsewhere
        if (here := already_at(photo, place)) is not None:
            scan_file(self._catalog, here)
            return here
        with Incoming(photo, place) as file:
            self._taken_up(file.kept)
            downloader.fetch(photo.md5, photo.size or 0, file)
            if file.kept and not file.is_proved:  # a power cut may have spoilt what an earlier try has left
                self._taken_up(-file.kept)
                file.begin_anew()
                downloader.fetch(photo.md5, photo.size or 0, file)
            return file.finish()

    def _here(self) -> int:
        return self._bytes + self._kept

    def _taken_up(self, amount: int) -> None:
        with self._counting:
            self._kept += amount

    def _moved(self, amount: int) -> None:
        with self._counting:
            self._bytes += amount


def _fail(report: RestoreReport, photo: Restorable, reason: str) -> None:
    report.failed += 1
    report.problems.append(Problem(photo.md5, photo.filename, reason))


def _reason(error: Exception) -> str:
    if isinstance(error, NotThereError):
        return "Its original is not on the remote."
    if isinstance(error, OSError):
        return f"It cannot be written: {error.strerror or error}."
    return str(error)
