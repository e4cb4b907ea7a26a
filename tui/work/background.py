"""Blocking work on daemon threads, so that neither a key nor the end of the app ever waits for a disk."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable

Work = Callable[[Callable[[], bool]], object]


class Background:
    """Runs work by kind; of each kind only the newest still matters."""

    def __init__(self) -> None:
        self._newest: Counter[str] = Counter()
        self._threads: dict[str, threading.Thread] = {}
        self._ended = threading.Event()

    def run(self, kind: str, work: Work) -> threading.Thread:
        """Start work on a thread of its own.

        Args:
            kind: what it is; earlier work of this kind becomes stale.
            work: called with a function that tells whether it has become stale, to be asked now and then
                and before a result is told.
        """
        self._newest[kind] += 1
        number = self._newest[kind]

        def stale() -> bool:
            return self._newest[kind] != number or self._ended.is_set()

        thread = threading.Thread(target=work, args=(stale,), name=kind, daemon=True)
        thread.start()
        self._threads[kind] = thread
        return thread

    def cancel(self, kind: str) -> None:
        """Make the work of a kind stale."""
        self._newest[kind] += 1

    def end(self) -> None:
        """Make all work stale, for good."""
        self._ended.set()

    def wait(self, kinds: Iterable[str], seconds: float) -> None:
        """Wait until the newest work of some kinds has ended, but not for ever.

        Args:
            kinds: those that were asked to end, and do so where nothing is left half done.
            seconds: for all of them together.
        """
        deadline = time.monotonic() + seconds
        for thread in [self._threads[kind] for kind in kinds if kind in self._threads]:
            thread.join(max(0.0, deadline - time.monotonic()))
