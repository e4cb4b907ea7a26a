"""Restores originals: fetched, proved by their MD5, and put back under their own names, over nothing.

It can be stopped and begun again: what lies in its place, with the right MD5, is not fetched twice.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from catalog.originals import Restorable
from catalog.scan.scanner import scan_file
from catalog.store import SqlCatalog
from sync.originals.events import Problem
from sync.originals.restored_file import already_at, place_of, write
from sync.originals.workers import Workers
from sync.stores.limits import Limits
from sync.stores.objectstore import DeniedError, NotThereError, RemoteError, UnreachableError
from sync.stores.original_store import ARCHIVED, ORIGINALS, OriginalStore, Stored, md5_of_key, original_key
from sync.transfer import AT_ONCE, CancelledError, Pause

_TOLD_EVERY = 0.2  # seconds
_ASK_EACH = 50  # photos up to which each is looked up by itself, and not in a listing of all
_THAWED_DAYS = 7


class RestoreOutcome(StrEnum):
    """How a restore ended."""

    DONE = "done"
    WAITING = "waiting"
    """Some are archived: they can be restored later."""
    CANCELLED = "cancelled"
    OFFLINE = "offline"
    FAILED = "failed"


class RestoreProgress(NamedTuple):
    """How far it has come: photos, of how many; bytes fetched, of how many."""

    done: int
    total: int
    bytes_done: int
    bytes_total: int
    filename: str


@dataclass
class RestorePlan:
    """What a restore would do.

    Attributes:
        photos: those that can be fetched now.
        bytes: of these.
        archived: those that cannot, with their storage class.
        missing: those that are not on the remote.
    """

    photos: list[Restorable] = field(default_factory=list)
    bytes: int = 0
    archived: list[tuple[Restorable, str]] = field(default_factory=list)
    missing: list[Restorable] = field(default_factory=list)

    @property
    def classes(self) -> Counter[str]:
        """How many are archived, by storage class."""
        return Counter(kind for _, kind in self.archived)


@dataclass
class RestoreReport:
    """What a restore did; the fields are the keys of `photolala restore --json`.

    Attributes:
        outcome: how it ended.
        chosen: photos that it was about.
        restored: of these, written to the disk.
        already_here: of these, found in their place.
        archived: of these, how many by storage class that must be asked for, and take hours.
        requested: of these, asked for now.
        failed: of these, with a reason in `problems`.
        problems: one for each that failed.
        bytes_down: bytes.
        seconds: wall time.
        error: one sentence; None if all went well.
    """

    outcome: RestoreOutcome = RestoreOutcome.DONE
    chosen: int = 0
    restored: int = 0
    already_here: int = 0
    archived: dict[str, int] = field(default_factory=dict)
    requested: int = 0
    failed: int = 0
    problems: list[Problem] = field(default_factory=list)
    bytes_down: int = 0
    seconds: float = 0.0
    error: str | None = None


class _Ended(NamedTuple):
    photo: Restorable
    result: bool | Exception
    """Whether it was fetched, or why not."""


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
            placed: told (md5, raw path) of each photo that lies in its place now, on any thread.
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
        self._latest = ""

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
            elif found.storage_class in ARCHIVED and not self._is_thawed(found):
                planned.archived.append((photo, found.storage_class or ""))
            else:
                planned.photos.append(photo)
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

    def _is_thawed(self, listed: Stored) -> bool:
        found = self._looking.ask(lambda: self._store.find(listed.key))
        return found is not None and found.thawed is True

    def thaw(self, planned: RestorePlan) -> int:
        """Ask for all that is archived to be made readable, for a week; returns how many that are.

        Raises:
            RemoteError: the remote failed.
            CancelledError: it was cancelled.
        """
        for photo, _ in planned.archived:
            self._looking.ask(lambda md5=photo.md5: self._store.thaw(original_key(md5), _THAWED_DAYS))  # type: ignore[misc]
        return len(planned.archived)

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
        workers = Workers(AT_ONCE, "restore")
        try:
            for photo in planned.photos:
                workers.submit(lambda photo=photo: self._bring(photo))  # type: ignore[misc]
            self._follow(report, planned)
            if report.failed:
                report.outcome, report.error = (
                    RestoreOutcome.FAILED,
                    f"{report.failed} could not be restored.",
                )
            elif report.archived:
                report.outcome = RestoreOutcome.WAITING
        except CancelledError:
            report.outcome = RestoreOutcome.CANCELLED
            report.error = "Cancelled: what was restored is not fetched again."
        except RemoteError as error:
            refused = isinstance(error, DeniedError)
            report.outcome = RestoreOutcome.FAILED if refused else RestoreOutcome.OFFLINE
            report.error = str(error)
        finally:
            self._halt.set()
            workers.end()
        report.bytes_down, report.seconds = self._bytes, time.monotonic() - begun
        return report

    def _follow(self, report: RestoreReport, planned: RestorePlan) -> None:
        done, told = 0, 0.0
        while done < len(planned.photos):
            if self._cancel.is_set():
                raise CancelledError
            if time.monotonic() - told >= _TOLD_EVERY:
                told = time.monotonic()
                self._progress(
                    RestoreProgress(done, len(planned.photos), self._bytes, planned.bytes, self._latest)
                )
            with suppress(queue.Empty):
                photo, result = self._ended.get(timeout=_TOLD_EVERY)
                done += 1
                if isinstance(result, bool):
                    report.restored += result
                    report.already_here += not result
                elif isinstance(result, UnreachableError | DeniedError):
                    raise result
                else:
                    _fail(report, photo, _reason(result))
        self._progress(RestoreProgress(done, done, self._bytes, planned.bytes, ""))

    def _bring(self, photo: Restorable) -> None:
        """Restore one photo, on a thread of its own."""
        try:
            self._limits.pause.check()
            self._latest = photo.filename
            self._ended.put(_Ended(photo, self._restore(photo)))
        except CancelledError:
            return
        except Exception as error:
            self._ended.put(_Ended(photo, error))

    def _restore(self, photo: Restorable) -> bool:
        place = place_of(photo, self._target)
        here = already_at(photo, place)
        path = here or self._limits.ask(lambda: self._fetch(photo, place))
        scan_file(self._catalog, path)
        self._placed(photo.md5, path)
        return here is None

    def _fetch(self, photo: Restorable, place: bytes) -> bytes:
        with self._store.read(original_key(photo.md5)) as pieces:
            return write(photo, place, self._passing(pieces))

    def _passing(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._limits.pause.check()
            with self._counting:
                self._bytes += len(piece)
            yield piece


def _fail(report: RestoreReport, photo: Restorable, reason: str) -> None:
    report.failed += 1
    report.problems.append(Problem(photo.md5, photo.filename, reason))


def _reason(error: Exception) -> str:
    if isinstance(error, NotThereError):
        return "Its original is not on the remote."
    if isinstance(error, OSError):
        return f"It cannot be written: {error.strerror or error}."
    return str(error)
