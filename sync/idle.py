"""The sync that finds nothing to do: one conditional GET, before the engine and the ORM are loaded."""

import time
from pathlib import Path
from typing import NamedTuple

from catalog.glance import note_outcome, quiet
from sync.events import QUEUED, Outcome, SyncReport
from sync.lock import SyncUnderWayError, sync_lock
from sync.manifest import KEY, MAX_BYTES
from sync.stores.objectstore import Fetched, NotThereError, ObjectStore, RemoteError, UnreachableError
from sync.transfer import CancelledError


class News(NamedTuple):
    """A manifest fetched by a sync that turned out not to be idle, so that nobody fetches it again."""

    since: str
    manifest: Fetched


def idle_sync(catalog: Path, store: ObjectStore) -> SyncReport | News | None:
    """Sync, if that takes no more than to see that nothing is new here and there.

    Args:
        catalog: the SQLite file.
        store: the remote.

    Returns:
        The report of a sync that found nothing to do, or could not reach the remote. Otherwise the engine is
        needed: with the manifest that is new since the ETag `since`, or with None, also if anything is wrong:
        it will find out, and tell.
    """
    begun, report = time.monotonic(), SyncReport()
    try:
        with sync_lock(catalog):
            known = quiet(catalog, store.url)
            if known is None:
                return None
            try:
                fetched = store.get(KEY, limit=MAX_BYTES, unless_etag=known.etag)
            except NotThereError:
                return None
            except UnreachableError as error:  # the engine would only wait for it once more
                report.outcome, report.error = Outcome.OFFLINE, f"{error} {QUEUED}"
            else:
                if fetched is not None:
                    return News(known.etag, fetched)
                report.seq = known.seq
            note_outcome(catalog, store.url, report.outcome, report.error)
    except (SyncUnderWayError, CancelledError, RemoteError, OSError):
        return None
    report.open_conflicts = known.open_conflicts
    report.requests = dict(store.traffic.requests)
    report.bytes_up, report.bytes_down = store.traffic.bytes_up, store.traffic.bytes_down
    report.seconds = time.monotonic() - begun
    return report
