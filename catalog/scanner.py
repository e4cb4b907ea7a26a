"""The scanner: walks a folder, reads each new or changed file once on worker threads, stores as it goes."""

import os
import stat
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from catalog.metadata import FileChanged, ReadCancelled, read_facts
from catalog.photo_names import is_photo_name
from catalog.protocol import CatalogError
from catalog.row import text_of_name
from catalog.scanned import (
    ScannedFile,
    Stat,
    count_files,
    folders_under,
    known_files,
    library_folder,
    library_root,
    mark_missing,
    store_files,
)
from catalog.store import SqlCatalog

_WORKERS = min(4, (os.cpu_count() or 2))
_BATCH_FILES = 200
_BATCH_SECONDS = 0.5
_SIGN = 1 << 63


class RootOfflineError(CatalogError):
    """The folder cannot be reached, or is suddenly empty: nothing is taken as deleted."""


@dataclass
class ScanReport:
    """What a scan found. Counts are of files under the scanned folder, except `photos` and `new`.

    Attributes:
        files: files that may hold a photo, by their name.
        photos: different photos among them.
        new: photos that the catalog did not know before.
        changed: files that were read because they are new or not what they were.
        unchanged: files that were not read again.
        missing: files known before and gone now.
        failed: files that could not be read at all.
        skipped: other files, left alone.
        damaged: photos that were read, and that something is wrong with.
        bytes_read: bytes.
        seconds: wall time.
        problems: (path, reason) of failed and damaged files and unreadable folders.
        complete: whether the walk came to its end; if not, nothing was marked missing.
    """

    files: int = 0
    photos: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    failed: int = 0
    skipped: int = 0
    damaged: int = 0
    bytes_read: int = 0
    seconds: float = 0.0
    problems: list[tuple[bytes, str]] = field(default_factory=list)
    complete: bool = False


class Scan:
    """One scan of one folder.

    Interrupted at any point, even by kill -9, it loses at most the batch that was not stored yet: the next
    scan reads only what this one did not come to.
    """

    def __init__(
        self,
        catalog: SqlCatalog,
        directory: bytes,
        *,
        progress: Callable[[ScanReport], None] = lambda _: None,
        stored: Callable[[list[ScannedFile]], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Prepare a scan.

        Args:
            catalog: where it stores.
            directory: an absolute raw path.
            progress: told the counts so far after each folder and each batch, on the scanning thread.
            stored: told each batch once it is in the catalog.
            cancelled: asked often; True ends the scan between two files.
        """
        self._catalog = catalog
        self._directory = directory
        self._progress = progress
        self._stored = stored
        self._cancelled = cancelled
        self._report = ScanReport()
        self._md5s: set[str] = set()
        self._gone: dict[bytes, set[bytes]] = {}
        self._unreadable: set[bytes] = set()
        self._batch: list[ScannedFile] = []
        self._flushed = time.monotonic()
        self._waiting: deque[Future[ScannedFile | None]] = deque()

    def run(self) -> ScanReport:
        """Walk, read and store.

        Returns:
            The report; `complete` is False if it was cancelled.

        Raises:
            RootOfflineError: the folder is not there, or empty where files were known.
        """
        begun = time.monotonic()
        self._check_root()
        root = library_root(self._catalog, self._directory)
        not_visited = folders_under(self._catalog, self._directory)
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="scan") as pool:
            for folder, names in self._walk(self._directory):
                not_visited.discard(folder)
                self._folder(pool, folder, names, library_folder(folder, root))
                if self._cancelled():
                    break
            self._drain(0)
        self._flush()
        if not self._cancelled():
            self._report.complete = True
            self._forget_gone(not_visited, root)
        self._report.photos = len(self._md5s)
        self._report.seconds = time.monotonic() - begun
        self._progress(self._report)
        return self._report

    def _check_root(self) -> None:
        shown = text_of_name(self._directory)
        try:
            with os.scandir(self._directory) as entries:
                empty = next(entries, None) is None
        except OSError as error:
            raise RootOfflineError(
                f"{shown} cannot be reached ({error.strerror}). Its photos stay in the catalog as they are."
            ) from error
        if empty and (known := count_files(self._catalog, self._directory)):
            raise RootOfflineError(
                f"{shown} is empty, but {known} photos were there: is the disk mounted? Nothing was changed."
            )

    def _walk(self, folder: bytes) -> Iterator[tuple[bytes, dict[bytes, os.DirEntry[bytes]]]]:
        """Yield each folder with its photo-like files; folders that cannot be read go into the report."""
        folders = [folder]
        while folders and not self._cancelled():
            here = folders.pop()
            names: dict[bytes, os.DirEntry[bytes]] = {}
            below: list[bytes] = []
            try:
                with os.scandir(here) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            if not entry.name.startswith(b"."):
                                below.append(entry.path)
                        elif is_photo_name(entry.name) and not entry.name.startswith(b"."):
                            names[entry.name] = entry
                        else:
                            self._report.skipped += 1
            except OSError as error:
                self._unreadable.add(here)
                self._report.problems.append((here, f"the folder cannot be read: {error.strerror}"))
                continue
            folders += sorted(below, reverse=True)
            yield here, names

    def _folder(
        self, pool: ThreadPoolExecutor, folder: bytes, names: dict[bytes, os.DirEntry[bytes]], relative: str
    ) -> None:
        known = known_files(self._catalog, folder)
        gone = known.keys() - names.keys()
        if gone:
            self._gone[folder] = gone
        for name in sorted(names):
            self._report.files += 1
            try:
                now = _stat(names[name].stat())
            except OSError as error:  # a dangling link, or gone since
                self._keep(ScannedFile(folder, name, Stat(0, 0, 0), relative, None, _reason(error)))
                continue
            before, md5 = known.get(name, (None, None))
            if before == now and md5 is not None:
                self._report.unchanged += 1
                self._md5s.add(md5)
                continue
            self._report.changed += 1
            self._waiting.append(pool.submit(self._read, folder, name, now, relative))
            self._drain(_WORKERS * 8)
            if self._cancelled():
                return
        self._progress(self._report)

    def _read(self, folder: bytes, name: bytes, now: Stat, relative: str) -> ScannedFile | None:
        path = folder.rstrip(b"/") + b"/" + name
        for attempt in (1, 2):
            try:
                if attempt == 2:
                    now = _stat(os.stat(path))  # noqa: PTH116 (a raw path)
                facts = read_facts(path, cancelled=self._cancelled)
            except ReadCancelled:
                return None
            except FileChanged:
                if attempt == 1:
                    continue
                return ScannedFile(folder, name, now, relative, None, "the file changes while it is read")
            except OSError as error:
                return ScannedFile(folder, name, now, relative, None, _reason(error))
            except Exception as error:  # a fault of ours costs one row, never the scan
                return ScannedFile(folder, name, now, relative, None, f"cannot be understood: {error!r}")
            return ScannedFile(folder, name, now, relative, facts, facts.error)
        raise AssertionError

    def _drain(self, leave: int) -> None:
        while len(self._waiting) > leave:
            future = self._waiting.popleft()
            if self._cancelled():
                future.cancel()
            elif (file := future.result()) is not None:
                self._keep(file)

    def _keep(self, file: ScannedFile) -> None:
        path = file.folder.rstrip(b"/") + b"/" + file.name
        if file.facts is None:
            self._report.failed += 1
        else:
            self._report.bytes_read += file.facts.size
            self._report.damaged += file.error is not None
            self._md5s.add(file.facts.md5)
        if file.error:
            self._report.problems.append((path, file.error))
        self._batch.append(file)
        if len(self._batch) >= _BATCH_FILES or time.monotonic() - self._flushed > _BATCH_SECONDS:
            self._flush()

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        self._flushed = time.monotonic()
        if batch:
            self._report.new += store_files(self._catalog, batch)
            self._stored(batch)
            self._progress(self._report)

    def _forget_gone(self, not_visited: set[bytes], root: bytes) -> None:
        for folder in not_visited:
            if not any(_inside(folder, unreadable) for unreadable in self._unreadable):
                self._gone[folder] = set(known_files(self._catalog, folder))
        if self._gone:
            self._report.missing = mark_missing(self._catalog, self._gone, root)


def scan_file(catalog: SqlCatalog, path: bytes) -> str:
    """Return the md5 of the photo at a path, reading the file only if the catalog does not know it as it is.

    Args:
        catalog: the store.
        path: an absolute raw path.

    Raises:
        OSError: it cannot be read.
        FileChanged: it changes while it is read.
    """
    folder, _, name = path.rpartition(b"/")
    folder = folder or b"/"
    now = _stat(os.stat(path))  # noqa: PTH116 (a raw path)
    before, md5 = known_files(catalog, folder).get(name, (None, None))
    if before == now and md5 is not None:
        return md5
    facts = read_facts(path)
    root = library_root(catalog, folder)
    store_files(catalog, [ScannedFile(folder, name, now, library_folder(folder, root), facts, facts.error)])
    return facts.md5


def _inside(folder: bytes, outer: bytes) -> bool:
    return folder == outer or folder.startswith(outer.rstrip(b"/") + b"/")


def _stat(found: os.stat_result) -> Stat:
    # some file systems have 64-bit inode numbers; SQLite's integers are signed
    inode = found.st_ino if found.st_ino < _SIGN else found.st_ino - 2 * _SIGN
    return Stat(found.st_size if stat.S_ISREG(found.st_mode) else 0, found.st_mtime_ns, inode)


def _reason(error: OSError) -> str:
    return f"cannot be read: {error.strerror or error}"
