"""Measures a backup while it runs: how much has passed, how fast, how long it will take."""

import threading
import time
from collections import deque
from collections.abc import Iterable

from catalog.backup_queue import Waiting
from sync.originals.events import BackupProgress

_WINDOW = 10.0  # seconds


class Meter:
    """Counts photos and bytes of one run. Any thread may call."""

    def __init__(self, photos: Iterable[Waiting]) -> None:
        """Begin to measure.

        Args:
            photos: what the run is about.
        """
        self._photos = {photo.md5: photo for photo in photos}
        self._total = sum(photo.size or 0 for photo in self._photos.values())
        self._done = self._bytes_done = 0
        self._moving: dict[str, int] = {}
        self._moved = 0  # all bytes that have passed, for the rate
        self._samples = deque([(time.monotonic(), 0)])
        self._lock = threading.Lock()

    def begin(self, md5: str) -> None:
        """Note that a photo is on its way."""
        with self._lock:
            self._moving[md5] = 0

    def moved(self, md5: str, amount: int) -> None:
        """Note that bytes of a photo have passed; less than none if they must go again."""
        with self._lock:
            self._moved += amount
            if md5 in self._moving:  # a part may still pass of one that has failed
                self._moving[md5] += amount

    def end(self, md5: str) -> None:
        """Note that a photo is done with."""
        with self._lock:
            del self._moving[md5]
            self._done += 1
            self._bytes_done += self._photos[md5].size or 0

    def under_way(self) -> set[str]:
        """Return the photos that are on their way."""
        with self._lock:
            return set(self._moving)

    def read(self) -> BackupProgress:
        """Return how far it has come."""
        with self._lock:
            now = time.monotonic()
            self._samples.append((now, self._moved))
            while len(self._samples) > 2 and now - self._samples[1][0] > _WINDOW:
                self._samples.popleft()
            (then, before) = self._samples[0]
            rate = max(0.0, (self._moved - before) / (now - then)) if now > then else 0.0
            done = self._bytes_done + sum(self._moving.values())
            left = (self._total - done) / rate if rate > 0 else None
            name = self._photos[next(iter(self._moving))].filename if self._moving else ""
            return BackupProgress(self._done, len(self._photos), done, self._total, rate, left, name)
