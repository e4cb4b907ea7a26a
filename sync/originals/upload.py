"""One original on its way up: found, opened, proved to be what the catalog says, sent, and its thumbnail too.

Up to 16 MiB it is one request, and its MD5 is known to be right before the first byte leaves; a larger one
goes in parts (see `upload_parts`). A file that is not what the scan has seen is scanned again, and what it
holds never goes up under the old identity.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from catalog.backup_queue import BackupQueue, Place, Waiting
from catalog.photo_files.photo_file import open_photo
from catalog.photo_files.photo_names import suffix_of
from catalog.row import text_of_name
from sync.originals.upload_parts import OtherBytesError, PartsUploader, read_exactly
from sync.stores.limits import Limits
from sync.stores.original_store import About, Body, OriginalStore, original_key, thumbnail_key

WHOLE = 16 << 20
"""Bytes up to which an original goes up in one request."""

_DRAWN_AT_ONCE = 2  # a picture that is being decoded may take 100 MB
_MOST_NAME = 1500  # bytes; S3 takes 2 KB of metadata in all

_TYPES = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".jpe": "image/jpeg", ".jfif": "image/jpeg",
    ".png": "image/png", ".apng": "image/apng", ".webp": "image/webp", ".gif": "image/gif",
    ".tif": "image/tiff", ".tiff": "image/tiff", ".bmp": "image/bmp", ".heic": "image/heic",
    ".heif": "image/heif", ".hif": "image/heif", ".avif": "image/avif", ".dng": "image/x-adobe-dng",
}  # fmt: skip


class UnreadableError(Exception):
    """An original cannot be uploaded from here; the text is one sentence.

    `gone` is the folder of a file that has vanished: to be scanned again.
    """

    def __init__(self, sentence: str, gone: bytes | None = None) -> None:
        super().__init__(sentence)
        self.gone = gone


class Uploaded(NamedTuple):
    """An original that is safe: since when (Unix seconds, the remote's clock), and whether it was before."""

    when: int
    was_there: bool


@dataclass(frozen=True)
class Callbacks:
    """What an upload leaves to its caller.

    Attributes:
        rescan: reads a file that has changed into the catalog; returns its md5.
        draw: makes a thumbnail of a file, None if it shows nothing.
        moved: told (md5, bytes) as they pass, on any thread; less than none if they must go again.
    """

    rescan: Callable[[bytes], str]
    draw: Callable[[bytes], bytes | None]
    moved: Callable[[str, int], object]


class Uploader:
    """Uploads originals of one catalog. Several threads may call."""

    def __init__(
        self,
        queue: BackupQueue,
        store: OriginalStore,
        limits: Limits,
        callbacks: Callbacks,
        *,
        storage_class: str | None = None,
    ) -> None:
        """Prepare.

        Args:
            queue: of the catalog.
            store: the remote.
            limits: shared by all uploads.
            callbacks: what it leaves to its caller.
            storage_class: of the originals, such as "GLACIER_IR"; None is the remote's usual one.
        """
        self._queue = queue
        self._store = store
        self._limits = limits
        self._callbacks = callbacks
        self._storage_class = storage_class
        self._parts = PartsUploader(queue, store, limits, callbacks.moved)
        self._drawing = threading.Semaphore(_DRAWN_AT_ONCE)

    def end(self) -> None:
        """Let the threads end."""
        self._parts.end()

    def upload(self, photo: Waiting) -> Uploaded:
        """Bring one original to safety.

        Args:
            photo: which.

        Raises:
            UnreadableError: no file here is this photo.
            IntegrityError: the remote has stored something else, again and again.
            RemoteError: the remote failed, again and again.
            CancelledError: the user has cancelled; what has arrived stays for the next time.
        """
        key = original_key(photo.md5)
        found = self._limits.ask(lambda: self._store.find(key))
        places = self._queue.places(photo.md5)
        if found is not None and found.md5 == photo.md5 and photo.size in (None, found.size):
            self._send_thumbnail(photo.md5, places, if_absent=True)
            return Uploaded(int(found.modified), was_there=True)
        why = UnreadableError("Its file is not on this device any more.")
        for place in places:
            try:
                return Uploaded(int(self._send(photo, place)), was_there=False)
            except UnreadableError as error:
                why = error
        raise why

    def _send(self, photo: Waiting, place: Place) -> float:
        shown = text_of_name(place.path)
        with self._opened(photo, place) as (descriptor, size, now):
            about = about_original(photo, self._storage_class)
            try:
                send = self._send_whole if size <= WHOLE else self._parts.upload
                when = send(photo.md5, descriptor, size, about)
            except OtherBytesError:
                self._scan_again(photo, place)
                raise UnreadableError(
                    f"{shown} does not hold what was scanned, though its size and time are the same: "
                    "the disk may be damaged."
                ) from None
            except OSError as error:
                raise UnreadableError(f"{shown} cannot be read: {error.strerror}.") from error
        self._send_thumbnail(photo.md5, [now], if_absent=False)
        return when

    @contextmanager
    def _opened(self, photo: Waiting, place: Place) -> Iterator[tuple[int, int, Place]]:
        """Open a file that is the photo, as far as its size and time tell; yields it, its size, its state."""
        shown = text_of_name(place.path)
        try:
            descriptor, status = open_photo(place.path)
        except FileNotFoundError:
            raise UnreadableError(f"{shown} has vanished since it was scanned.", place.folder) from None
        except OSError as error:
            raise UnreadableError(f"{shown} cannot be read: {error.strerror}.") from error
        try:
            now = place._replace(size=status.st_size, mtime_ns=status.st_mtime_ns)
            if now != place:
                self._scan_again(photo, place)
            yield descriptor, now.size, now
        finally:
            os.close(descriptor)

    def _scan_again(self, photo: Waiting, place: Place) -> None:
        """Scan a file that may have changed; comes back if it was only touched."""
        shown = text_of_name(place.path)
        try:
            md5 = self._callbacks.rescan(place.path)
        except Exception as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise UnreadableError(f"{shown} has changed, and cannot be read again: {reason}") from error
        if md5 != photo.md5:
            raise UnreadableError(f"{shown} has changed since it was scanned: it is another photo now.")

    def _send_whole(self, md5: str, descriptor: int, size: int, about: About) -> float:
        self._limits.hold(size)
        try:
            body = Body(read_exactly(descriptor, 0, size), lambda amount: self._pass(md5, amount))
            if body.md5 != md5:
                raise OtherBytesError
            return self._limits.ask(lambda: self._store.put_whole(original_key(md5), body, about))
        finally:
            self._limits.release(size)

    def _pass(self, md5: str, amount: int) -> None:
        self._limits.passing(amount)
        self._callbacks.moved(md5, amount)

    def _send_thumbnail(self, md5: str, places: Iterable[Place], *, if_absent: bool) -> None:
        key = thumbnail_key(md5)
        if if_absent and self._limits.ask(lambda: self._store.find(key)) is not None:
            return
        jpeg = next((drawn for place in places if (drawn := self._drawn(place)) is not None), None)
        if jpeg is not None:
            body, about = Body(jpeg, self._limits.passing), About("image/jpeg", {})
            self._limits.ask(lambda: self._store.put_whole(key, body, about))

    def _drawn(self, place: Place) -> bytes | None:
        with self._drawing:
            self._limits.pause.check()
            jpeg = self._callbacks.draw(place.path)
        try:
            status = os.stat(place.path)  # noqa: PTH116 (a raw path)
        except OSError:
            return None
        return jpeg if (status.st_size, status.st_mtime_ns) == (place.size, place.mtime_ns) else None


def about_original(photo: Waiting, storage_class: str | None) -> About:
    """Return what is kept with an original.

    Its metadata: `md5`, `name` (percent-encoded UTF-8), `photodate` (Unix seconds).
    """
    metadata = {"md5": photo.md5}
    name = quote(photo.filename)
    if len(name) <= _MOST_NAME:
        metadata["name"] = name
    if photo.photodate is not None:
        metadata["photodate"] = str(photo.photodate)
    kind = _TYPES.get(suffix_of(photo.filename), "application/octet-stream")
    return About(kind, metadata, storage_class)
