"""What all transfers of a run share: patience, rates, how many at once, how many bytes in memory."""

import threading
from collections.abc import Callable
from typing import TypeVar

from sync.stores.objectstore import (
    ArchivedError,
    DeniedError,
    NotThereError,
    RemoteError,
    UnreachableError,
    UnsupportedError,
)
from sync.stores.original_store import IntegrityError
from sync.stores.rate import RateLimit
from sync.transfer import AT_ONCE, Pause

_IN_MEMORY = 48 << 20
_TRIES = 5
_PER_SECOND = 1000.0  # requests: no limit in practice, until a server asks for less
_HOPELESS = (NotThereError, ArchivedError, DeniedError, UnreachableError, UnsupportedError)

T = TypeVar("T")


class Limits:
    """Lets transfers through. Any thread may call; each wait ends when the run is cancelled."""

    def __init__(self, pause: Pause, bytes_per_second: float | None = None) -> None:
        """Set the limits.

        Args:
            pause: patience and cancel.
            bytes_per_second: of bodies, all transfers together; None is no limit.
        """
        self.pause = pause
        self._requests = RateLimit(_PER_SECOND, cancel=pause.cancel)
        self._bytes = RateLimit(bytes_per_second, cancel=pause.cancel) if bytes_per_second else None
        self._slots = threading.Semaphore(AT_ONCE)
        self._free = _IN_MEMORY
        self._freed = threading.Condition()

    def ask(self, call: Callable[[], T]) -> T:
        """Send a request that may safely be sent twice, and send it again if its failure may pass.

        Raises:
            RemoteError: it failed in a way that will not pass, or five times.
            IntegrityError: five times, the remote stored something else.
            CancelledError: the user has cancelled.
        """
        for attempt in range(_TRIES - 1):
            try:
                return self._once(call)
            except _HOPELESS:
                raise
            except (RemoteError, IntegrityError) as error:
                seconds = getattr(error, "retry_after", None)
                if seconds is not None:
                    self._requests.slow_down(seconds)
                self.pause.wait(attempt)
        return self._once(call)

    def _once(self, call: Callable[[], T]) -> T:
        self._requests.take()
        with self._slots:
            self.pause.check()
            return call()

    def passing(self, amount: int) -> None:
        """Let bytes of a body pass, when it is their turn; `CancelledError` stops it in the middle."""
        self.pause.check()
        if self._bytes is not None and amount > 0:
            self._bytes.take(amount)

    def hold(self, amount: int) -> None:
        """Wait until so many more bytes may be held in memory."""
        with self._freed:
            while self._free < amount:
                self.pause.check()
                self._freed.wait(0.2)
            self._free -= amount

    def release(self, amount: int) -> None:
        """Say that so many bytes are not held any more."""
        with self._freed:
            self._free += amount
            self._freed.notify_all()
