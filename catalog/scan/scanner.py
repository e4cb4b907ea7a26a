"""The scanner: walks a folder, reads each new or changed file once on worker threads, stores as it goes.

What asks the file system runs on threads that can be left behind (`Crew`). What asks the catalog runs on the
thread that calls `run`, and all is decided there.
"""

import os
import time
from collections.abc import Callable, Iterable
from operator import itemgetter

from catalog.patience import PATIENCE, Beat, Crew, no_answer
from catalog.protocol import CatalogError
from catalog.raw_path import is_inside, path_in
from catalog.row import text_of_name
from catalog.scan.known import (
    Known,
    count_files,
    count_photos,
    difference,
    folders_under,
    known_files,
    unlisted,
)
from catalog.scan.libraries import libraries_below, library_root, take_up
from catalog.scan.links import follow_links
from catalog.scan.moves import KnownPlaces
from catalog.scan.reading import UnreadFile, read_file
from catalog.scan.report import ScanReport
from catalog.scan.scanned import ScannedFile, leave_places, left_together, store_files
from catalog.scan.walk import Listing, Stat, Unlisted, list_folder, unreadable
from catalog.store import SqlCatalog

__all__ = ["RootOfflineError", "Scan", "ScanReport"]

_WORKERS = min(4, (os.cpu_count() or 2))
_BATCH_FILES = 500
_BATCH_SECONDS = 0.5
_LOOK_SECONDS = 0.1  # how long nothing may be done before it is asked whether to go on
_MOST_FOLDERS, _LISTED = 1000, 10_000  # folders, and about how many files, listed between two comparisons
_FILES, _BYTES = 32, 1 << 24  # what one worker is given to read
_AHEAD = 1000  # files waiting to be read, beyond which no further folder is listed
_MOST_STUCK = 2 * _WORKERS


class RootOfflineError(CatalogError):
    """The folder cannot be reached, or is suddenly empty: nothing is taken as deleted."""


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
        patience: float = PATIENCE,
    ) -> None:
        """Prepare a scan.

        Args:
            catalog: where it stores.
            directory: an absolute raw path.
            progress: told the counts so far after each folder and each batch, on the scanning thread.
            stored: told each batch once it is in the catalog.
            cancelled: asked often, on several threads; True ends the scan within a second.
            patience: seconds after which a file or a folder that does not answer is left alone.
        """
        self._catalog = catalog
        self._directory = directory
        self._progress = progress
        self._stored = stored
        self._cancelled = cancelled
        self._patience = patience
        self._report = ScanReport()
        self._root = directory
        self._crew: Crew[Unlisted | UnreadFile, Listing | ScannedFile | None] = Crew(
            self._work, size=_WORKERS, patience=patience
        )
        self._places = KnownPlaces(catalog)
        self._folders = [directory]  # to be listed; the next one last
        self._listing = self._reading = 0  # given to the crew
        self._pace, self._listed_files = 1, 0  # folders to be listed together; files found by the last ones
        self._not_visited: set[bytes] = set()
        self._inner: set[bytes] = set()  # roots of libraries in the folder
        self._reached: set[bytes] = set()  # those that are there
        self._unreadable: list[bytes] = []
        self._gone: list[Known] = []
        self._left: dict[tuple[bytes, bytes], Known] = {}
        self._batch: list[ScannedFile] = []
        self._batch_since = time.monotonic()

    def run(self) -> ScanReport:
        """Walk, read and store.

        Returns:
            The report; `complete` is False if it was cancelled.

        Raises:
            RootOfflineError: the folder is not there, does not answer, or is empty where files were known.
        """
        begun = time.monotonic()
        if not self._cancelled():
            follow_links(self._catalog, self._directory)
        try:
            while (self._folders or self._listing or self._reading) and not self._cancelled():
                self._step()
        finally:
            self._crew.dismiss()
        self._flush()
        if not self._cancelled():
            self._leave()
        seen_all = self._report.complete and not self._unreadable
        files = self._report.files - self._report.failed if seen_all else None
        self._report.photos = count_photos(self._catalog, self._directory, files)
        self._report.seconds = time.monotonic() - begun
        self._progress(self._report)
        return self._report

    def _step(self) -> None:
        if self._folders and not self._listing and self._reading < _AHEAD:
            self._list_on()
        done = self._crew.take(_LOOK_SECONDS)
        listings = [result for result in done if isinstance(result, Listing)]
        self._listing -= len(listings)
        self._reading -= len(done) - len(listings)
        self._listed(listings)
        for result in done:
            if isinstance(result, ScannedFile):
                self._keep(result)
        self._give_up()
        if len(self._batch) >= _BATCH_FILES or time.monotonic() - self._batch_since > _BATCH_SECONDS:
            self._flush()

    def _list_on(self) -> None:
        # one thread lists, and nothing is compared while it does: local disks are slower otherwise (the GIL)
        self._pace = self._pace * 2 if self._listed_files < _LISTED else max(self._pace // 2, 1)
        self._pace = min(self._pace, _MOST_FOLDERS)
        self._listed_files = 0
        folders = self._folders[-self._pace :]
        del self._folders[-self._pace :]
        self._listing = len(folders)
        self._crew.give(unlisted(self._catalog, reversed(folders)))

    def _work(self, item: Unlisted | UnreadFile, beat: Beat) -> Listing | ScannedFile | None:
        """List a folder or read a file, on one of the crew's threads."""
        if isinstance(item, Unlisted):
            return list_folder(item, beat)
        return read_file(item, lambda: beat() or self._cancelled())

    def _listed(self, listings: list[Listing]) -> None:
        if not listings:
            return
        if listings[0].folder == self._directory:
            self._begin(listings[0])
        listings = [self._met(each) if each.folder in self._inner else each for each in listings]
        for listing in listings:
            self._folders += reversed(listing.below)
            self._report.skipped += listing.skipped
            self._not_visited.discard(listing.folder)
            if listing.error:
                self._unreadable.append(listing.folder)
                why = f"the folder cannot be read: {listing.error}"
                self._report.problems.append((listing.folder, why))
        unread: list[UnreadFile] = []
        for listing in listings:
            if listing.error:
                continue
            found = difference(self._catalog, listing)
            self._gone += found.gone
            self._listed_files += listing.unchanged + len(listing.files)
            self._report.files += listing.unchanged + len(listing.files) + len(listing.failed)
            self._report.unchanged += listing.unchanged
            by_name = sorted(found.changed, key=itemgetter(0))  # a screen fills from its top
            unread += [UnreadFile(listing.folder, *changed, may_be=None) for changed in by_name]
            for name, why, before in found.failed:
                self._keep(ScannedFile(listing.folder, name, Stat(0, 0, 0), error=why, before=before))
            self._progress(self._report)
        if unread:
            known = self._places.find([item.stat for item in unread])
            self._hand_out([item._replace(may_be=known.get(item.stat)) for item in unread])

    def _met(self, library: Listing) -> Listing:
        """Return the listing of a library further in: if it is suddenly empty, as of one out of reach."""
        if why := self._suddenly_empty(library):
            return unreadable(library.folder, f"it is {why}")
        if not library.error:
            self._reached.add(library.folder)
        return library

    def _begin(self, root: Listing) -> None:
        shown = text_of_name(self._directory)
        if root.error:
            raise RootOfflineError(
                f"{shown} cannot be reached ({root.error}). Its photos stay in the catalog as they are."
            )
        if why := self._suddenly_empty(root):
            raise RootOfflineError(f"{shown} is {why} Nothing was changed.")
        self._root = library_root(self._catalog, self._directory)
        self._inner = libraries_below(self._catalog, self._directory)
        self._not_visited = folders_under(self._catalog, self._directory)

    def _suddenly_empty(self, listing: Listing) -> str | None:
        """Return what is to be said of a library's root if photos were there, and nothing is."""
        if listing.entries or listing.error or not (known := count_files(self._catalog, listing.folder)):
            return None
        photos = "1 photo was" if known == 1 else f"{known} photos were"
        return f"empty, but {photos} there: is the disk mounted?"

    def _hand_out(self, unread: Iterable[UnreadFile]) -> None:
        some: list[UnreadFile] = []
        weight = 0
        for item in unread:
            if some and (len(some) >= _FILES or weight + item.stat.size > _BYTES):
                self._crew.give(some)  # what is small does not wait for what is large
                some, weight = [], 0
            some.append(item)
            self._reading += 1
            weight += item.stat.size
        if some:
            self._crew.give(some)

    def _give_up(self) -> None:
        """Report what hangs, and go on without it."""
        why = no_answer(self._patience)
        for item in self._crew.stuck():
            if isinstance(item, Unlisted):
                self._listing -= 1
                self._listed([unreadable(item.folder, why)])
            else:
                self._reading -= 1
                self._keep(item.failed(f"cannot be read: {why}"))
        if self._crew.still_stuck() >= _MOST_STUCK:
            self._flush()
            raise RootOfflineError(
                f"{text_of_name(self._directory)} does not answer any more. What was read of it is kept: "
                "scan it again when it is back."
            )

    def _keep(self, file: ScannedFile) -> None:
        if file.facts is not None:
            self._report.changed += 1
            self._report.bytes_read += file.facts.size
            self._report.damaged += file.error is not None
        elif file.md5 is not None:
            self._report.unchanged += 1
            self._report.moved += file.moved_from is not None
        else:
            self._report.failed += 1
        if file.error:
            self._report.problems.append((path_in(file.folder, file.name), file.error))
        if file.moved_from is not None:
            self._left[file.moved_from[:2]] = file.moved_from
        if file.before is not None and file.before.md5 not in (None, file.md5):
            self._left[file.before[:2]] = file.before
        if not self._batch:
            self._batch_since = time.monotonic()
        self._batch.append(file)

    def _flush(self) -> None:
        batch, self._batch = sorted(self._batch, key=lambda file: file[:2]), []  # threads finish in any order
        for begin in range(0, len(batch), _BATCH_FILES):
            some = batch[begin : begin + _BATCH_FILES]
            self._report.new += store_files(self._catalog, some, self._root)
            self._stored(some)
            self._progress(self._report)

    def _leave(self) -> None:
        """Mark what is gone, now that all has been seen that might have been moved."""
        self._unreadable += self._inner - self._reached  # a library that is out of reach is offline
        for folder in self._not_visited:
            if not any(is_inside(folder, unreadable) for unreadable in self._unreadable):
                with self._catalog.connections.reading() as connection:
                    self._gone += known_files(connection, folder).values()
        left = {(known.folder, known.name): known for known in self._gone}
        self._report.missing = len(left.keys() - self._left.keys())
        for some in left_together((left | self._left).values()):
            if self._cancelled():
                return
            leave_places(self._catalog, some)
        for root in sorted(self._inner, reverse=True):
            if root in self._reached or not count_files(self._catalog, root):
                take_up(self._catalog, root, self._root)
        self._report.complete = True
