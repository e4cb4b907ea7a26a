"""One original on its way down: a small one in one request, a larger one in ranges, several at a time.

What breaks off is asked for again: of a large original, only the range. Nothing is proved here: whoever takes
the bytes hashes them.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from sync.originals.workers import Workers
from sync.stores.limits import Limits
from sync.stores.objectstore import RemoteError
from sync.stores.original_store import OriginalStore, original_key
from sync.transfer import AT_ONCE

WHOLE = 16 << 20
"""Bytes up to which an original comes down in one request."""

RANGE = 8 << 20
_AHEAD = 6  # ranges of one original that are asked for, or wait for those before them
_LARGE_AT_ONCE = 2  # so that 96 MiB of ranges are in memory at most


class Downloader:
    """Fetches originals of one remote. Several threads may call."""

    def __init__(self, store: OriginalStore, limits: Limits, moved: Callable[[int], object]) -> None:
        """Prepare.

        Args:
            store: the remote.
            limits: shared by all downloads.
            moved: told how many bytes have come, on any thread; less than none if they must come again.
        """
        self._store = store
        self._limits = limits
        self._moved = moved
        self._workers = Workers(AT_ONCE, "range")
        self._large = threading.Semaphore(_LARGE_AT_ONCE)

    def end(self) -> None:
        """Let the threads end."""
        self._workers.end()

    def fetch(self, md5: str, size: int, take: Callable[[Iterator[bytes]], object]) -> None:
        """Fetch one original.

        Args:
            md5: the photo.
            size: bytes, as the remote lists it.
            take: given the bytes in order; of a small original it is called anew if the bytes broke off.

        Raises:
            RemoteError: the remote failed, again and again.
            CancelledError: the user has cancelled.
        """
        if size <= WHOLE:
            self._limits.ask(lambda: self._whole(md5, take))
        else:
            with self._large:
                self._limits.pause.check()
                take(self._ranges(md5, size))

    def _whole(self, md5: str, take: Callable[[Iterator[bytes]], object]) -> None:
        with self._store.read(original_key(md5)) as pieces:
            take(self._passing(pieces))

    def _ranges(self, md5: str, size: int) -> Iterator[bytes]:
        key = original_key(md5)
        under_way: deque[Future[list[bytes]]] = deque()
        try:
            for offset in range(0, size, RANGE):
                length = min(RANGE, size - offset)
                under_way.append(self._workers.submit(lambda o=offset, n=length: self._range(key, o, n)))  # type: ignore[misc]
                if len(under_way) == _AHEAD:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()

    def _range(self, key: str, offset: int, length: int) -> list[bytes]:
        def read() -> list[bytes]:
            with self._store.read(key, offset, length) as pieces:
                return list(self._passing(pieces))

        return self._limits.ask(read)

    def _passing(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        came = 0
        try:
            for piece in pieces:
                self._limits.passing(len(piece))
                self._moved(len(piece))
                came += len(piece)
                yield piece
        except RemoteError:
            self._moved(-came)
            raise
