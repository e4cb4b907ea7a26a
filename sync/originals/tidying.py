"""Uploads in parts that nobody goes on with: their parts are paid for, and stand in no listing of objects.

What this device has begun for a photo that waits no more is dropped by its next backup: the catalog knows it.
What others have left, or a kill before the catalog knew of it, takes a listing to be found: once a week by
this device's clock. It is dropped if it is a week old by the remote's.
"""

import time
from contextlib import suppress

from catalog.backup_queue import BackupQueue
from sync.stores.limits import Limits
from sync.stores.objectstore import DeniedError, RemoteError, UnsupportedError
from sync.stores.original_store import OriginalStore, md5_of_key, original_key

_EVERY = 7 * 86400.0  # seconds from one listing to the next
_ABANDONED = 7 * 86400.0  # seconds by the remote's clock


def is_due(queue: BackupQueue) -> bool:
    """Return whether there is anything to be dropped or looked for, even if nothing is to be uploaded."""
    return bool(queue.unwanted_uploads()) or _is_listing_due(queue)


def tidy(queue: BackupQueue, store: OriginalStore, limits: Limits) -> None:
    """Drop what nobody goes on with; no request is sent if that is not due, and no failure of it is one.

    Args:
        queue: of the catalog.
        store: the remote.
        limits: patience and cancel.

    Raises:
        CancelledError: the user has cancelled.
    """
    with suppress(RemoteError):  # the next backup tries again
        for upload in queue.unwanted_uploads():
            _drop(queue, store, limits, upload.md5, upload.upload_id)
    if _is_listing_due(queue):
        try:
            _drop_abandoned(queue, store, limits)
        except (DeniedError, UnsupportedError):
            pass  # asking each time would not help: a lifecycle rule must see to it, as the doctor says
        except RemoteError:
            return
        queue.note_listing(int(time.time()))


def _is_listing_due(queue: BackupQueue) -> bool:
    listed_at = queue.listed_at()
    return listed_at is None or not 0 <= time.time() - listed_at < _EVERY  # a clock may have been put back


def _drop_abandoned(queue: BackupQueue, store: OriginalStore, limits: Limits) -> None:
    ours = queue.upload_ids()
    found = limits.ask(lambda: [*store.uploads()])
    for upload in found:
        md5 = md5_of_key(upload.key)
        if md5 is not None and upload.upload_id not in ours and upload.begun < store.now() - _ABANDONED:
            _drop(queue, store, limits, md5, upload.upload_id)


def _drop(queue: BackupQueue, store: OriginalStore, limits: Limits, md5: str, upload_id: str) -> None:
    limits.ask(lambda: store.abort_upload(original_key(md5), upload_id))
    known = queue.open_upload(md5)
    if known is not None and known.upload_id == upload_id:
        queue.forget_upload(md5)
