"""Patience with a remote: pauses between tries, several transfers side by side; a cancel ends all."""

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from typing import TypeVar

from sync.stores.objectstore import UnclearError

AT_ONCE = 8
_TRIES = 4

T = TypeVar("T")


class CancelledError(Exception):
    """The user has cancelled; what is not committed is queued."""


class Pause:
    """Waits between tries, with jitter, and ends any wait when the user cancels."""

    def __init__(self, cancel: threading.Event, first_seconds: float = 0.2) -> None:
        """Set it up.

        Args:
            cancel: set when the user cancels.
            first_seconds: the longest first wait; it doubles up to 64 times that.
        """
        self.cancel = cancel
        self._first = first_seconds

    def check(self) -> None:
        """Go on, or raise `CancelledError`."""
        if self.cancel.is_set():
            raise CancelledError

    def wait(self, attempt: int) -> None:
        """Wait before a further try; `attempt` counts from 0."""
        most = self._first * 2 ** min(attempt, 6)
        self.cancel.wait(most * random.uniform(0.5, 1))  # noqa: S311 (jitter, not a secret)
        self.check()

    def patiently(self, call: Callable[[], T]) -> T:
        """Do something that may safely be done twice, again if the answer is unclear.

        Raises:
            UnclearError: four times it was.
            CancelledError: the user has cancelled.
        """
        for attempt in range(_TRIES - 1):
            self.check()
            try:
                return call()
            except UnclearError:
                self.wait(attempt)
        return call()


def in_parallel(tasks: Iterable[Callable[[], T]], done: Callable[[int], object], pause: Pause) -> Iterator[T]:
    """Run tasks on a few threads; yields results in the order of the tasks.

    Args:
        tasks: what to do; each is taken when a thread is free for it, so that they do not pile up in memory.
        done: told how many are done so far, on the caller's thread.
        pause: asked for a cancel between two results.
    """
    rest = iter(tasks)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="transfer") as pool:
        futures = deque(pool.submit(task) for task in islice(rest, AT_ONCE))
        try:
            for number in count(1):
                if not futures:
                    return
                result = futures.popleft().result()
                pause.check()
                done(number)
                futures += (pool.submit(task) for task in islice(rest, 1))
                yield result
        finally:
            for future in futures:
                future.cancel()
