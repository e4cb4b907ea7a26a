"""The sync that finds nothing to do: one conditional GET, before the engine and the ORM are loaded."""

import time
from pathlib import Path
from typing import NamedTuple

from catalog.glance import note_up_to_date, quiet
from sync.events import Outcome, SyncReport
from sync.lock import SyncUnderWayError, sync_lock
from sync.manifest import KEY, MAX_BYTES
from sync.stores.objectstore import Fetched, ObjectStore, RemoteError
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
        The report of a sync that found nothing to do. Otherwise the engine is needed: with the manifest that
        is new since the ETag `since`, or with None, also if anything is wrong: it will find out, and tell.
    """
    begun = time.monotonic()
    try:
        with sync_lock(catalog):
            known = quiet(catalog, store.url)
            if known is None:
                return None
            fetched = store.get(KEY, limit=MAX_BYTES, unless_etag=known.etag)
            if fetched is not None:
                return News(known.etag, fetched)
            note_up_to_date(catalog, store.url, Outcome.UP_TO_DATE)
    except (SyncUnderWayError, CancelledError, RemoteError, OSError):
        return None
    return SyncReport(
        outcome=Outcome.UP_TO_DATE,
        seq=known.seq,
        open_conflicts=known.open_conflicts,
        requests=dict(store.traffic.requests),
        bytes_up=store.traffic.bytes_up,
        bytes_down=store.traffic.bytes_down,
        seconds=time.monotonic() - begun,
    )
