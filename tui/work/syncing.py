"""One sync as the app and the command line both start it: from settings to a report."""

import gc
import logging
import threading
from collections.abc import Callable, Collection
from functools import cache

from sync.events import Progress, Reason, SyncReport
from sync.idle import idle_sync
from sync.stores.objectstore import ObjectStore
from tui.config.settings import Settings
from tui.words.facts import plural
from tui.work.log import log
from tui.work.remote import open_remote


def sync_once(
    settings: Settings,
    *,
    progress: Callable[[Progress], object] = lambda _: None,
    cancel: threading.Event | None = None,
    store: ObjectStore | None = None,
    accepted: Collection[Reason] = (),
    rehearse: bool = False,
) -> SyncReport:
    """Sync this device's catalog with its remote.

    Args:
        settings: catalog, remote, device name, star policy.
        progress: told each step, on this thread.
        cancel: set by another thread, it ends the sync between two objects.
        store: the remote, kept from an earlier sync; None opens it.
        accepted: what the user has agreed to; see `Sync`.
        rehearse: only find out what a sync would do.

    Returns:
        What happened; a failure of the remote is in it, and raises nothing.

    Raises:
        SettingsError: no remote is configured.
        CatalogError: the catalog cannot be opened.
        RemoteError: the AWS settings are unusable.
    """
    store = store or open_remote(settings, cancel)
    _keep("the remote's library")
    looked = None if rehearse else idle_sync(settings.catalog, store)
    if isinstance(looked, SyncReport):
        return _logged(looked)
    from catalog.store import SqlCatalog
    from sync.engine import Sync

    _keep("the engine")
    catalog = SqlCatalog(settings.catalog)
    try:
        sync = Sync(
            catalog,
            store,
            settings.device_name,
            single_writer=settings.single_writer,
            keep_stars=settings.star_policy == "keep",
            accepted=accepted,
            progress=progress,
            cancel=cancel,
            news=looked,
        )
        return sync.rehearse() if rehearse else _logged(sync.run())
    finally:
        catalog.close()


@cache
def _keep(_loaded: str) -> None:
    """Have the garbage collector pass over what was loaded, once: it would hold up a key for 100 ms."""
    gc.freeze()


def _logged(report: SyncReport) -> SyncReport:
    """Return a report once it is written down."""
    level = logging.INFO if report.error is None else logging.WARNING
    log.log(
        level, "sync %s, seq %s: %d pulled, %d sent, %s, %s, %.1f s%s",
        report.outcome, report.seq, report.pulled_rows, report.pushed_rows,
        plural(report.new_conflicts, "new conflict"), plural(sum(report.requests.values()), "request"),
        report.seconds, f": {report.error}" if report.error else "",
    )  # fmt: skip
    log.debug("%s, %d bytes up, %d bytes down", report.requests, report.bytes_up, report.bytes_down)
    return report
