"""Measures a backup while it runs: how much has passed, how fast, how long it will take."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from catalog.backup_queue import Waiting
from sync.originals.events import BackupProgress

_WINDOW = 10.0  # seconds


class Meter:
    """Counts photos and bytes of one run. Any thread may call."""

    def __init__(self, photos: Iterable[Waiting], clock: Callable[[], float] = time.monotonic) -> None:
        """Begin to measure.

        Args:
            photos: what the run is about.
            clock: monotonic seconds.
        """
        self._sizes = {photo.md5: photo.size or 0 for photo in photos}
        self._names = {photo.md5: photo.filename for photo in photos}
        self._total = sum(self._sizes.values())
        self._done: set[str] = set()
        self._moving: dict[str, int] = {}
        self._moved = 0  # all bytes that have passed, for the rate
        self._clock = clock
        self._samples = deque([(clock(), 0)])
        self._lock = threading.Lock()

    def begin(self, md5: str) -> None:
        """Note that a photo is on its way."""
        with self._lock:
            self._moving[md5] = 0

    def moved(self, md5: str, amount: int) -> None:
        """Note that bytes of a photo have passed; less than none if they must go again."""
        with self._lock:
            self._moving[md5] = self._moving.get(md5, 0) + amount
            self._moved += amount

    def end(self, md5: str) -> None:
        """Note that a photo is done with."""
        with self._lock:
            self._moving.pop(md5, None)
            self._done.add(md5)

    def under_way(self) -> set[str]:
        """Return the photos that are on their way."""
        with self._lock:
            return set(self._moving)

    def read(self) -> BackupProgress:
        """Return how far it has come."""
        with self._lock:
            now = self._clock()
            self._samples.append((now, self._moved))
            while len(self._samples) > 2 and now - self._samples[1][0] > _WINDOW:
                self._samples.popleft()
            (then, before) = self._samples[0]
            rate = max(0.0, (self._moved - before) / (now - then)) if now > then else 0.0
            done = sum(self._sizes[md5] for md5 in self._done) + sum(self._moving.values())
            left = (self._total - done) / rate if rate > 0 else None
            name = self._names[next(iter(self._moving))] if self._moving else ""
            return BackupProgress(len(self._done), len(self._sizes), done, self._total, rate, left, name)
