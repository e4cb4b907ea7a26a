"""A large original on its way up in parts: several at a time, and gone on with where a kill has stopped it.

What the catalog keeps of an upload is its id. Which parts have arrived, the server tells: a part there whose
MD5 is that of the bytes here is not sent again. The parts become an object only when the MD5 of all that was
read here is the photo's.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from catalog.backup_queue import BackupQueue, OpenUpload
from sync.originals.workers import Workers
from sync.stores.limits import Limits
from sync.stores.objectstore import NotThereError, RemoteError, UnclearError
from sync.stores.original_store import About, Body, OriginalStore, Part, original_key
from sync.transfer import AT_ONCE

PART = 8 << 20
"""Bytes of a part, as long as there are no more of them than S3 takes."""

MOST_PARTS = 10_000


class OtherBytesError(Exception):
    """What was read is not the photo."""


def part_size(size: int) -> int:
    """Return the bytes of a part of an original of so many bytes."""
    return max(PART, -(-size // MOST_PARTS))


class PartsUploader:
    """Uploads large originals of one catalog. Several threads may call."""

    def __init__(
        self, queue: BackupQueue, store: OriginalStore, limits: Limits, moved: Callable[[str, int], object]
    ) -> None:
        """Prepare.

        Args:
            queue: of the catalog.
            store: the remote.
            limits: shared by all uploads.
            moved: told (md5, bytes) as they pass.
        """
        self._queue = queue
        self._store = store
        self._limits = limits
        self._moved = moved
        self._workers = Workers(AT_ONCE, "part")

    def end(self) -> None:
        """Let the threads end."""
        self._workers.end()

    def upload(self, md5: str, descriptor: int, size: int, about: About) -> float:
        """Upload one original.

        Args:
            md5: the photo.
            descriptor: its open file.
            size: bytes.
            about: what is kept with it.

        Returns:
            When it was there, Unix seconds by the remote's clock.

        Raises:
            OtherBytesError: the file holds something else; nothing of it is kept.
            IntegrityError: the remote has stored something else, again and again.
            RemoteError: the remote failed, again and again.
            CancelledError: the user has cancelled; the parts that have arrived stay for the next time.
        """
        try:
            upload, there = self._begun(md5, size, about)
        except NotThereError:
            self._queue.forget_upload(md5)
            when = self._completed_at(md5)
            if when is not None:
                return when
            upload, there = self._begun(md5, size, about)
        try:
            etags = self._send(upload, descriptor, size, there)
        except OtherBytesError:
            with suppress(RemoteError):
                self._store.abort_upload(original_key(md5), upload.upload_id)
            self._queue.forget_upload(md5)
            raise
        except NotThereError as error:
            raise self._forgotten(md5) from error
        return self._complete(upload, etags)

    def _begun(self, md5: str, size: int, about: About) -> tuple[OpenUpload, dict[int, Part]]:
        """Return the upload that is to be gone on with, and its parts that the server has; or a new one.

        Raises:
            NotThereError: the server does not know the one that was begun.
        """
        key = original_key(md5)
        known = self._queue.open_upload(md5)
        if known is not None:
            return known, self._limits.ask(lambda: self._store.parts(key, known.upload_id))
        upload_id = self._limits.ask(lambda: self._store.begin_upload(key, about))
        upload = OpenUpload(md5, upload_id, part_size(size))
        self._queue.note_upload(upload)
        return upload, {}

    def _send(self, upload: OpenUpload, descriptor: int, size: int, there: dict[int, Part]) -> list[str]:
        """Send what is missing; returns the ETags of all parts."""
        digest = hashlib.md5(usedforsecurity=False)
        under_way: deque[Future[str]] = deque()
        etags: list[str] = []
        try:
            for number, offset in enumerate(range(0, size, upload.part_size), 1):
                data = self._read(descriptor, offset, min(upload.part_size, size - offset))
                under_way.append(self._submit(upload, number, offset, data, there.get(number)))
                digest.update(data)
                while under_way and under_way[0].done():
                    etags.append(under_way.popleft().result())
            etags += (future.result() for future in under_way)
        finally:
            for future in under_way:
                future.cancel()
        if digest.hexdigest() != upload.md5:
            raise OtherBytesError
        return etags

    def _read(self, descriptor: int, offset: int, length: int) -> bytes:
        self._limits.hold(length)
        try:
            return read_exactly(descriptor, offset, length)
        except BaseException:
            self._limits.release(length)
            raise

    def _submit(
        self, upload: OpenUpload, number: int, offset: int, data: bytes, there: Part | None
    ) -> "Future[str]":
        length = len(data)
        future = self._workers.submit(lambda: self._send_part(upload, number, offset, data, there))
        future.add_done_callback(lambda _: self._limits.release(length))  # also if it is never begun
        return future

    def _send_part(
        self, upload: OpenUpload, number: int, offset: int, data: bytes, there: Part | None
    ) -> str:
        body = Body(data, lambda amount: self._pass(upload.md5, amount))
        if there is not None and (there.size, there.md5) == (len(data), body.md5):
            self._moved(upload.md5, len(data))
            return there.etag
        key = original_key(upload.md5)
        return self._limits.ask(lambda: self._store.put_part(key, upload.upload_id, number, offset, body))

    def _pass(self, md5: str, amount: int) -> None:
        self._limits.passing(amount)
        self._moved(md5, amount)

    def _complete(self, upload: OpenUpload, etags: list[str]) -> float:
        key = original_key(upload.md5)
        try:
            return self._limits.ask(lambda: self._store.complete_upload(key, upload.upload_id, etags))
        except NotThereError as error:
            when = self._completed_at(upload.md5)
            if when is None:
                raise self._forgotten(upload.md5) from error
            return when

    def _completed_at(self, md5: str) -> float | None:
        """Return since when the original is there: an earlier try may have done it, unheard or late."""
        found = self._limits.ask(lambda: self._store.find(original_key(md5)))
        return found.modified if found is not None and found.md5 == md5 else None

    def _forgotten(self, md5: str) -> RemoteError:
        self._queue.forget_upload(md5)
        return UnclearError("The remote has forgotten what was uploaded; the next try begins anew.")


def read_exactly(descriptor: int, offset: int, length: int) -> bytes:
    """Read so many bytes of a file.

    Raises:
        OtherBytesError: the file ends before.
        OSError: it cannot be read.
    """
    pieces = []
    while length:
        piece = os.pread(descriptor, length, offset)
        if not piece:
            raise OtherBytesError
        pieces.append(piece)
        offset, length = offset + len(piece), length - len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
