"""One backup as the app and the command line both start it: from settings to a report, with its two syncs."""

import logging
import threading
import time
from collections.abc import Callable

from catalog.backup_queue import BackupQueue
from catalog.store import SqlCatalog
from sync.events import SUCCESSES, Outcome, Progress, Reason, SyncReport
from sync.originals.backup import Backup
from sync.originals.events import BackupOutcome, BackupProgress, BackupReport
from sync.originals.plan import PRICES, Plan, Price, plan
from sync.originals.tidying import is_due
from tui.config.backup import BackupSettings
from tui.config.settings import Settings
from tui.work.log import log
from tui.work.remote import open_backup
from tui.work.syncing import sync_once


def back_up(
    settings: Settings,
    *,
    progress: Callable[[BackupProgress], object] = lambda _: None,
    syncing: Callable[[Progress], object] = lambda _: None,
    cancel: threading.Event | None = None,
    due_only: bool = False,
) -> BackupReport:
    """Sync, lest something is sent that another device has sent; upload what waits; sync again.

    Args:
        settings: catalog, remote, and what is set about the backup.
        progress: told a few times a second how far the upload has come, on this thread.
        syncing: told the steps of the syncs, on this thread.
        cancel: set by another thread, it ends the backup within a second; what is not uploaded stays queued.
        due_only: leave out photos that have failed a short while ago, as a backup does that nobody asked for.

    Returns:
        What happened; a failure of the remote is in it, and raises nothing.

    Raises:
        SettingsError: no remote is configured.
        CatalogError: the catalog cannot be opened.
        RemoteError: the AWS settings are unusable.
    """
    store = open_backup(settings)
    before = sync_once(settings, progress=syncing, cancel=cancel)
    if before.outcome not in SUCCESSES and before.reason is not Reason.BUSY:
        return _stopped(before)
    catalog = SqlCatalog(settings.catalog)
    try:
        if before.reason is Reason.BUSY and _is_other_remote(catalog, store.url):
            return _stopped(before)  # whether this address is right is for a sync to ask
        report = Backup(
            catalog,
            store,
            storage_class=settings.backup.storage_class,
            bytes_per_second=settings.backup.max_bytes_per_second,
            due_only=due_only,
            progress=progress,
            cancel=cancel,
        ).run()
    finally:
        catalog.close()
    if report.uploaded or report.already_there:
        # a cancel has ended the upload; what is safe now, the others may know all the same
        after = sync_once(settings, progress=syncing)
        if after.outcome not in SUCCESSES and report.error is None:
            report.error = f"All is uploaded, and other devices hear of it with the next sync: {after.error}"
    _log(report)
    return report


def _is_other_remote(catalog: SqlCatalog, url: str) -> bool:
    from catalog.exchange import Exchange  # brings the ORM in

    return Exchange(catalog).other_remote(url) is not None


def _log(report: BackupReport) -> None:
    for problem in report.problems:
        log.warning("backup of %s %s: %s", problem.md5, problem.filename, problem.reason)
    level = logging.INFO if report.error is None else logging.WARNING
    log.log(
        level, "backup %s: %d uploaded, %d there already, %d failed, %d bytes sent, %.1f s%s",
        report.outcome, report.uploaded, report.already_there, report.failed, report.bytes_up, report.seconds,
        f": {report.error}" if report.error else "",
    )  # fmt: skip


def plan_backup(settings: Settings) -> Plan:
    """Return what a backup would send, as far as this device knows; nobody is asked.

    Raises:
        CatalogError: the catalog cannot be opened.
    """
    catalog = SqlCatalog(settings.catalog)
    try:
        return plan_of(catalog, settings)
    finally:
        catalog.close()


def plan_of(catalog: SqlCatalog, settings: Settings, *, due_only: bool = False) -> Plan:
    """Return what a backup of an open catalog would send; `due_only` as in `back_up`."""
    queue = BackupQueue(catalog, settings.remote or "")
    photos = queue.waiting(due_at=time.time() if due_only else None)
    return plan(photos, settings.backup.storage_class, _prices(settings.backup))


def has_chores(catalog: SqlCatalog, settings: Settings) -> bool:
    """Return whether a backup has something to do on the remote even if it has nothing to send."""
    return is_due(BackupQueue(catalog, settings.remote or ""))


def _prices(settings: BackupSettings) -> dict[str, Price]:
    known = dict(PRICES)
    for name, price in settings.prices.items():
        usual = known.get(name, Price(0.0, 0.0))
        month = usual.gb_month if price.gb_month is None else price.gb_month
        put = usual.put_1000 if price.put_1000 is None else price.put_1000
        known[name] = Price(month, put)
    return known


def _stopped(sync: SyncReport) -> BackupReport:
    """Return the report of a backup that the sync before it has kept from beginning."""
    if sync.reason is Reason.CANCELLED:
        return BackupReport(outcome=BackupOutcome.CANCELLED, error=sync.error)
    offline = sync.outcome is Outcome.OFFLINE
    return BackupReport(outcome=BackupOutcome.OFFLINE if offline else BackupOutcome.FAILED, error=sync.error)
