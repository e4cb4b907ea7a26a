"""One sync as the app and the command line both start it: from settings to a report."""

import threading
from collections.abc import Callable

from catalog.store import SqlCatalog
from sync.engine import Sync
from sync.events import Progress, SyncReport
from sync.remote import open_store
from tui.settings import Settings, SettingsError


def sync_once(
    settings: Settings,
    *,
    progress: Callable[[Progress], object] = lambda _: None,
    cancel: threading.Event | None = None,
) -> SyncReport:
    """Sync this device's catalog with its remote.

    Args:
        settings: catalog, remote, device name, star policy.
        progress: told each step, on this thread.
        cancel: set by another thread, it ends the sync between two objects.

    Returns:
        What happened; a failure of the remote is in it, and raises nothing.

    Raises:
        SettingsError: no remote is configured.
        CatalogError: the catalog cannot be opened.
        RemoteError: the AWS settings are unusable.
    """
    if settings.remote is None:
        raise SettingsError(
            "No remote is configured: set PHOTOLALA_REMOTE, or remote in config.toml, to s3://bucket/prefix."
        )
    catalog = SqlCatalog(settings.catalog)
    try:
        return Sync(
            catalog,
            open_store(settings.remote, cancel=cancel),
            settings.device_name,
            single_writer=settings.single_writer,
            keep_stars=settings.star_policy == "keep",
            progress=progress,
            cancel=cancel,
        ).run()
    finally:
        catalog.close()
