"""One original on its way down: a small one in one request, a larger one in ranges, several at a time.

What breaks off is asked for again: of a large original, only the range.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial

from sync.originals.incoming import AHEAD, RANGE, WHOLE, DamagedOriginalError, Incoming
from sync.originals.workers import Workers
from sync.stores.limits import Limits
from sync.stores.objectstore import RemoteError
from sync.stores.original_store import OriginalStore, original_key
from sync.transfer import AT_ONCE

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

    def fetch(self, md5: str, size: int, file: Incoming) -> None:
        """Fetch one original, or what is missing of it.

        Args:
            md5: the photo.
            size: bytes, as the remote lists it.
            file: takes the bytes.

        Raises:
            RemoteError: the remote failed, again and again.
            DamagedOriginalError: there are more bytes than are listed.
            OSError: the bytes cannot be written.
            CancelledError: the user has cancelled.
        """
        if size <= WHOLE:
            self._limits.ask(lambda: self._whole(md5, size, file))
            return
        with self._large:
            file.take_up(self._limits.pause.check)
            self._ranges(md5, size, file)

    def _whole(self, md5: str, size: int, file: Incoming) -> None:
        file.begin_anew()
        for piece in self._pieces(original_key(md5), 0, None, size, file):
            file.follow([piece])

    def _ranges(self, md5: str, size: int, file: Incoming) -> None:
        key = original_key(md5)
        under_way: deque[Future[list[bytes]]] = deque()
        try:
            for offset in range(file.kept, size, RANGE):
                length = min(RANGE, size - offset)
                bring = partial(self._range, key, offset, length, file)
                under_way.append(self._workers.submit(bring))
                if len(under_way) == AHEAD:
                    file.follow(under_way.popleft().result())
            while under_way:
                file.follow(under_way.popleft().result())
        finally:
            for future in under_way:
                future.cancel()

    def _range(self, key: str, offset: int, length: int, file: Incoming) -> list[bytes]:
        return self._limits.ask(lambda: list(self._pieces(key, offset, length, length, file)))

    def _pieces(
        self, key: str, offset: int, length: int | None, most: int, file: Incoming
    ) -> Iterator[bytes]:
        """Yield an object's bytes, at most so many, once they are written."""
        came = 0
        try:
            with self._store.read(key, offset, length) as pieces:
                for piece in pieces:
                    self._limits.passing(len(piece))
                    if came + len(piece) > most:
                        raise DamagedOriginalError(
                            "The original on the remote is damaged: it is larger than listed."
                        )
                    file.put(offset + came, piece)
                    self._moved(len(piece))
                    came += len(piece)
                    yield piece
        except RemoteError:
            self._moved(-came)
            raise
