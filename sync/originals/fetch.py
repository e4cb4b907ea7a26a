"""What is only on the remote, for somebody who looks at it now: a thumbnail, or an original to have here.

Both take a store that is kept open, may be called on any thread, and end when `cancel` is set.
"""

import threading
from collections.abc import Callable

from catalog.originals import Originals
from catalog.store import SqlCatalog
from sync.originals.restore import Restore
from sync.originals.restore_events import RestoreOutcome, RestoreProgress
from sync.stores.objectstore import NotThereError, ObjectStore, RemoteError, TooLargeError
from sync.stores.original_store import ARCHIVED, OriginalStore, thumbnail_key
from sync.transfer import CancelledError, Pause

_MOST_BYTES = 1 << 19
_MOST_PIXELS = 1 << 20  # four times what our own have, and 3 MB when it is decoded


class NoThumbnailError(RemoteError):
    """What lies in a thumbnail's place is none; other photos' are not the worse for it."""


def fetch_thumbnail(store: ObjectStore, md5: str, *, cancel: threading.Event | None = None) -> bytes | None:
    """Fetch the small JPEG of a photo, as the device that has uploaded its original drew it.

    One request. Nothing is kept: whoever shows it may cache it by the md5, since it never changes.

    Args:
        store: the remote, as `open_store` or `open_originals` opens it.
        md5: the photo.
        cancel: set by another thread, it ends the waiting between two tries.

    Returns:
        A JPEG of at most 512 KiB and a megapixel, whole as far as its segments tell; None if the remote has
        none.

    Raises:
        NoThumbnailError: what it has there is no such JPEG; one sentence.
        RemoteError: the remote failed or refuses; one sentence.
        CancelledError: it was cancelled.
    """
    key = thumbnail_key(md5)
    try:
        fetched = Pause(cancel or threading.Event()).patiently(lambda: store.get(key, limit=_MOST_BYTES))
    except NotThereError:
        return None
    except TooLargeError as error:
        raise NoThumbnailError(str(error)) from error
    assert fetched is not None
    if (fault := _fault(fetched.data)) is not None:
        raise NoThumbnailError(f"{key} on the remote is no thumbnail: {fault}.")
    return fetched.data


def _fault(data: bytes) -> str | None:
    """Return what is wrong with bytes that should be a small JPEG; no pixel of it is decoded."""
    from catalog.photo_files.headers import jpeg_header  # brings the picture library in
    from catalog.photo_files.photo_file import PhotoFile

    if not data.startswith(b"\xff\xd8\xff"):
        return "its first bytes are not those of a JPEG"
    try:
        header = jpeg_header(PhotoFile(-1, len(data), data))
    except ValueError as error:
        return str(error)
    if header.error is None and (header.width or 0) * (header.height or 0) > _MOST_PIXELS:
        return f"it claims {header.width} x {header.height} pixels"
    return header.error


def fetch_original(
    catalog: SqlCatalog,
    store: OriginalStore,
    md5: str,
    root: bytes,
    *,
    progress: Callable[[RestoreProgress], object] = lambda _: None,
    cancel: threading.Event | None = None,
) -> bytes:
    """Bring one original back, under its own name and folder, over nothing; its MD5 is proved.

    The catalog knows the file when this returns. A photo that lies in its place already is not fetched.

    Args:
        catalog: this device's.
        store: the remote, as `open_originals` opens it.
        md5: the photo.
        root: raw absolute path of the folder below which the photo's own folder is.
        progress: told a few times a second, on this thread: see its `bytes_done` of `bytes_total`.
        cancel: set by another thread, it ends the fetch within a second; no half of the file is in its place.

    Returns:
        The raw path of the file.

    Raises:
        RemoteError: it cannot be had: the remote failed, does not have it, has it archived or damaged, or the
            disk here does not take it; one sentence.
        CancelledError: it was cancelled.
        CatalogError: the catalog cannot be used.
    """
    placed: list[bytes] = []
    restore = Restore(
        catalog, store, root, progress=progress, placed=lambda _, path: placed.append(path), cancel=cancel
    )
    planned = restore.plan(Originals(catalog, store.url).restorable([md5]))
    for _, kind, is_asked in planned.archived:
        what = "it was asked for already" if is_asked else f"`photolala restore --thaw {md5}` asks for it"
        raise RemoteError(
            f"Its original is archived as {kind}: {what}, and it can be fetched after {ARCHIVED[kind]}."
        )
    report = restore.run(planned)
    if report.outcome is RestoreOutcome.CANCELLED:
        raise CancelledError
    if not placed:
        reason = report.problems[0].reason if report.problems else report.error
        raise RemoteError(reason or "The catalog knows no such photo.")
    return placed[0]
