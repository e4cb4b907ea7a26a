"""Keeps requests to what a remote bears: a steady rate, and a slower one for a while when it asks for that.

A store says that the remote did nothing but ask for less (503 SlowDown, 429) by an `UnclearError` with an
attribute `retry_after`: seconds, 0 if the remote named none. Without it, or with None, it is another failure.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sync.stores.objectstore import Fetched, Listed, ObjectStore, UnclearError
from sync.transfer import CancelledError

_SHORTEST_PAUSE = 1.0  # seconds; what is already on its way when the remote complains, complains as well
_LONGEST_PAUSE = 60.0
_SLOWEST = 1 / 16  # of the full rate
_RECOVERY = 60.0  # seconds from nothing to the full rate
_NO_TIME = 1e-6  # seconds


class RateLimit:
    """A token bucket: each request takes a token, and they come back at a rate. Any thread may call.

    A bucket of bytes is the same: whoever moves some takes as many.
    """

    def __init__(
        self,
        per_second: float = 20,
        burst: int | None = None,
        *,
        cancel: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Fill the bucket.

        Args:
            per_second: requests or bytes, in the long run.
            burst: as many at once after a rest; None for those of a second.
            cancel: ends any wait when it is set.
            clock: monotonic seconds.

        Raises:
            ValueError: nothing would ever get through.
        """
        if per_second <= 0 or (burst is not None and burst < 1):
            raise ValueError("a rate must let something through")
        self._full = self._rate = per_second
        self._burst = burst or max(1.0, per_second)
        self._tokens = float(self._burst)
        self._cancel = cancel or threading.Event()
        self._clock = clock
        self._counted = clock()  # tokens are counted up to here; in the future while all pause
        self._lock = threading.Lock()

    def take(self, amount: float = 1) -> None:
        """Take tokens, as soon as there are so many.

        Args:
            amount: how many. More than the bucket holds are given when it is full, and owed: those who
                come next wait the longer.

        Raises:
            CancelledError: the user has cancelled while there were too few.
        """
        while wait := self._missing(amount):
            if self._cancel.wait(wait):
                raise CancelledError

    def slow_down(self, seconds: float | None = None) -> None:
        """Let everybody pause, and go on at half the rate; it comes back little by little.

        Args:
            seconds: how long, as the remote says, kept between 1 and 60; None if it does not say.
        """
        pause = min(_LONGEST_PAUSE, max(_SHORTEST_PAUSE, seconds or 0))
        with self._lock:
            now = self._clock()
            if now >= self._counted:  # else it is one complaint with that which all pause for
                self._rate = max(self._full * _SLOWEST, self._rate / 2)
            self._tokens = 0
            self._counted = max(self._counted, now + pause)

    def _missing(self, amount: float) -> float:
        """Take tokens and return 0, or return the seconds until there may be enough."""
        with self._lock:
            passed = self._clock() - self._counted
            if passed < 0:
                return -passed
            self._counted += passed
            self._tokens = min(self._burst, self._tokens + passed * self._rate)
            self._rate = min(self._full, self._rate + passed * self._full / _RECOVERY)
            wait = (min(amount, self._burst) - self._tokens) / self._rate
            if wait < _NO_TIME:
                self._tokens -= amount
                return 0
            return wait


class LimitedStore:
    """An `ObjectStore` whose requests wait for their turn."""

    def __init__(self, store: ObjectStore, limit: RateLimit) -> None:
        """Wrap a store.

        Args:
            store: the remote.
            limit: may be shared by all that talk to one endpoint.
        """
        self.url = store.url
        self.traffic = store.traffic
        self._store = store
        self._limit = limit

    def get(self, key: str, *, limit: int, unless_etag: str | None = None) -> Fetched | None:
        """Fetch an object; see `ObjectStore`."""
        with self._turn():
            return self._store.get(key, limit=limit, unless_etag=unless_etag)

    def put(
        self, key: str, data: bytes, *, content_type: str, if_absent: bool = False, if_etag: str | None = None
    ) -> str:
        """Store an object; see `ObjectStore`."""
        with self._turn():
            return self._store.put(key, data, content_type=content_type, if_absent=if_absent, if_etag=if_etag)

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield objects by key; see `ObjectStore`. A listing takes one token, however long."""
        with self._turn():
            yield from self._store.list(prefix)

    def head(self, key: str) -> Listed:
        """Tell an object's size; see `ObjectStore`."""
        with self._turn():
            return self._store.head(key)

    def delete(self, key: str) -> None:
        """Remove an object; see `ObjectStore`."""
        with self._turn():
            self._store.delete(key)

    def tidy(self) -> None:
        """Remove what is no object; see `ObjectStore`."""
        with self._turn():
            self._store.tidy()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self._limit.take()
        try:
            yield
        except UnclearError as error:
            seconds = getattr(error, "retry_after", None)
            if seconds is not None:
                self._limit.slow_down(seconds)
            raise
