"""What the app's threads do on catalog and remote, telling the screen by messages."""

import threading
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from textual.message import Message

from catalog.reader import CatalogReader
from catalog.search.query import Query
from sync.events import SUCCESSES, Outcome, Progress, Reason, SyncReport
from sync.originals.events import BackupOutcome, BackupReport
from tui.config.settings import Settings
from tui.messages import (
    BackupEnded,
    BackupPlanned,
    BackupStep,
    CatalogWarned,
    FilesStored,
    Imported,
    ImportStep,
    ScanProgress,
    SummaryRead,
    SyncEnded,
    SyncProgress,
)
from tui.words.facts import plural
from tui.work.catalog_thread import Job, sentence
from tui.work.sync_log import Moved

if TYPE_CHECKING:
    from catalog.scan.scanned import ScannedFile
    from catalog.scan.scanner import ScanReport
    from catalog.store import SqlCatalog
    from sync.stores.objectstore import ObjectStore

Post = Callable[[Message], object]

_PROGRESS_SECONDS = 0.1
_SUMMARY_SECONDS = 1.0


class ImportCancelledError(Exception):
    """The user has cancelled an import."""


def import_photolala(folder: bytes, *, post: Post, cancel: threading.Event) -> Job:
    """Return the job that imports the Photolala catalog of a folder; a cancel undoes all of it."""

    def progress(photos: int) -> None:
        if cancel.is_set():
            raise ImportCancelledError
        post(ImportStep(photos))

    def job(catalog: "SqlCatalog") -> None:
        from catalog.photolala.importing import import_folder

        try:
            report = import_folder(catalog, folder, progress=progress)
        except ImportCancelledError:
            post(Imported(folder, "The import was cancelled: nothing was imported.", failed=False))
            return
        told = f"{plural(report.imported, 'photo')} imported, {report.known} known already"
        told += f", {plural(report.stars, 'new star')}"
        if report.problem_count:
            told += f"; {plural(report.problem_count, 'remark')}: `photolala import` tells them"
        if not report.complete:
            told += ". Not all of it could be read: import it again once it can be"
        post(Imported(folder, told + ".", failed=not report.complete))

    return job


def count(post: Post, reader: CatalogReader, remote: str | None) -> Job:
    """Return the job that reads the catalog in numbers.

    The thread that writes the stars reads here, too: so the screen is never told what was before a star.
    """
    return lambda _: post(SummaryRead(reader.summary(remote)))


def scan(
    settings: Settings,
    root: bytes,
    *,
    post: Post,
    ask: Callable[[Job], object],
    stale: Callable[[], bool],
    shown_folder: Callable[[], bytes],
) -> None:
    """Scan a folder behind the screen.

    Args:
        settings: which catalog.
        root: raw path.
        post: tells the screen.
        ask: has the catalog's thread read what the screen is to show.
        stale: True ends the scan.
        shown_folder: the folder on the screen: it is told which of its files have become known.
    """
    from catalog.scan.scanner import Scan
    from catalog.store import SqlCatalog

    reader = CatalogReader(settings.catalog)
    told = {"progress": 0.0, "summary": 0.0}

    def due(what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now - told[what] < seconds:
            return False
        told[what] = now
        return True

    def progress(report: "ScanReport") -> None:
        if due("progress", _PROGRESS_SECONDS):
            post(ScanProgress(report.files, len(report.problems), done=False))

    def stored(batch: "list[ScannedFile]") -> None:
        folder = shown_folder()
        names = [file.name for file in batch if file.folder == folder]
        if names:
            post(FilesStored(folder, names))
        if due("summary", _SUMMARY_SECONDS):
            ask(count(post, reader, settings.remote))

    try:
        catalog = SqlCatalog(settings.catalog)
        if catalog.warning is not None:  # told by whoever has opened it first
            post(CatalogWarned(catalog.warning))
        try:
            report = Scan(catalog, root, progress=progress, stored=stored, cancelled=stale).run()
            # damaged photos of files that were not read again are told, too
            damaged = 0 if stale() else reader.count(Query(folder=root, damaged=True))
        finally:
            catalog.close()
    except Exception as error:
        post(ScanProgress(0, 0, done=True, failure=sentence(error, settings.catalog)))
        return
    if not stale():
        problems = len(report.problems) - report.damaged + damaged
        post(ScanProgress(report.files, problems, done=True, changed=report.changed > 0))
        ask(count(post, reader, settings.remote))


def plan_backup(settings: Settings, post: Post, *, by_hand: bool) -> Job:
    """Return the job that plans a backup; one by itself leaves out what is to wait after a failure."""

    def job(catalog: "SqlCatalog") -> None:
        from tui.work import backing_up

        planned = backing_up.plan_of(catalog, settings, due_only=not by_hand)
        post(BackupPlanned(planned, by_hand, backing_up.has_chores(catalog, settings)))

    return job


def back_up(settings: Settings, post: Post, cancel: threading.Event, *, due_only: bool) -> None:
    """Back up what is queued, behind the screen; see `tui.work.backing_up.back_up`."""
    try:
        from tui.work import backing_up

        report = backing_up.back_up(
            settings, progress=lambda step: post(BackupStep(step)), cancel=cancel, due_only=due_only
        )
    except Exception as error:
        why = sentence(error, settings.catalog)
        report = BackupReport(outcome=BackupOutcome.FAILED, error=why)
    post(BackupEnded(report))


class Syncs:
    """The syncs of a session, one at a time. A store that works is kept: a client takes 0.3 s to make."""

    def __init__(self, settings: Settings, post: Post) -> None:
        """Prepare them.

        Args:
            settings: catalog and remote.
            post: tells the screen.
        """
        self.settings = settings
        self._post = post
        self._store: ObjectStore | None = None
        self.cancel = threading.Event()

    def run(self, accepted: Collection[Reason] = ()) -> None:
        """Sync once, on the thread that calls.

        Args:
            accepted: what the user has agreed to; see `sync_once`.
        """
        from tui.work.remote import open_remote
        from tui.work.syncing import sync_once

        begun = time.monotonic()
        try:
            store = self._store = self._store or open_remote(self.settings, self.cancel)
            store.traffic.reset()

            def progress(step: Progress) -> None:
                traffic = store.traffic
                moved = Moved(dict(traffic.requests), traffic.bytes_up, traffic.bytes_down)
                rate = (moved.up + moved.down) / max(0.001, time.monotonic() - begun)
                self._post(SyncProgress(step, rate, moved))

            report = sync_once(
                self.settings,
                progress=progress,
                cancel=self.cancel,
                store=store,
                accepted=accepted,
            )
        except Exception as error:
            report = SyncReport(outcome=Outcome.FAILED, error=sentence(error, self.settings.catalog))
        if report.outcome not in SUCCESSES:
            self._store = None  # credentials, an endpoint, a connection: all is looked up again
        self._post(SyncEnded(report))
