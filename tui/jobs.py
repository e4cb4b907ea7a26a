"""What the app's threads do on catalog and remote, telling the screen by messages."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

from catalog.reader import CatalogReader
from sync.events import Outcome, SyncReport
from tui.catalog_thread import Job, sentence
from tui.messages import (
    FactsChanged,
    ScanProgress,
    StarSaved,
    SummaryRead,
    SyncEnded,
    SyncProgress,
)
from tui.settings import Settings

if TYPE_CHECKING:
    from catalog.scanned import ScannedFile
    from catalog.scanner import ScanReport
    from catalog.store import SqlCatalog

Post = Callable[[Message], object]

_PROGRESS_SECONDS = 0.1
_SUMMARY_SECONDS = 1.0


def star(folder: bytes, name: bytes, is_starred: bool, *, post: Post, reader: CatalogReader) -> Job:
    """Return the job that gives or takes a star; a photo not scanned yet is read for it."""

    def job(catalog: "SqlCatalog") -> None:
        from catalog.scanner import scan_file

        path = folder.rstrip(b"/") + b"/" + name
        md5 = scan_file(catalog, path)
        catalog.update_star_status(md5, is_starred)
        entry = catalog.find_entry(md5)
        assert entry is not None
        twins = [place.rpartition(b"/")[2] for place in entry.paths if place.rpartition(b"/")[0] == folder]
        post(StarSaved(folder, name, reader.folder(folder, [name, *twins])))

    return job


def scan(
    settings: Settings, root: bytes, post: Post, stale: Callable[[], bool], shown_folder: Callable[[], bytes]
) -> None:
    """Scan a folder behind the screen.

    Args:
        settings: which catalog.
        root: raw path.
        post: tells the screen.
        stale: True ends the scan.
        shown_folder: the folder on the screen, whose rows are told as they become known.
    """
    from catalog.scanner import Scan
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
            post(FactsChanged(folder, reader.folder(folder, names)))
        if due("summary", _SUMMARY_SECONDS):
            post(SummaryRead(reader.summary(settings.remote)))

    try:
        catalog = SqlCatalog(settings.catalog)
        try:
            report = Scan(catalog, root, progress=progress, stored=stored, cancelled=stale).run()
        finally:
            catalog.close()
    except Exception as error:
        post(ScanProgress(0, 0, done=True, failure=sentence(error, settings.catalog)))
        return
    if not stale():
        post(ScanProgress(report.files, len(report.problems), done=True))
        post(FactsChanged(shown_folder(), reader.folder(shown_folder())))
        post(SummaryRead(reader.summary(settings.remote)))


def sync(settings: Settings, post: Post, cancel: threading.Event) -> None:
    """Sync once behind the screen."""
    from tui.syncing import sync_once

    try:
        report = sync_once(settings, progress=lambda step: post(SyncProgress(step)), cancel=cancel)
    except Exception as error:
        report = SyncReport(outcome=Outcome.FAILED, error=sentence(error, settings.catalog))
    post(SyncEnded(report))
    post(SummaryRead(CatalogReader(settings.catalog).summary(settings.remote)))


def described(report: SyncReport) -> str:
    """Return in one sentence what a sync did."""
    if report.error is not None:
        return report.error
    if report.outcome is Outcome.UP_TO_DATE:
        return "Nothing to do: here and there are the same."
    parts = []
    if report.pulled_rows:
        parts.append(f"{report.pulled_rows} {_photos(report.pulled_rows)} changed here")
    if report.pushed_rows:
        parts.append(f"{report.pushed_rows} {_photos(report.pushed_rows)} sent")
    if report.new_conflicts:
        parts.append(f"{report.new_conflicts} new conflict{'s' * (report.new_conflicts != 1)}")
    return "Synced: " + (", ".join(parts) or "all is the same here and there") + "."


def _photos(count: int) -> str:
    return "photo" if count == 1 else "photos"
