"""Blocking work on daemon threads, so that neither a key nor the end of the app ever waits for a disk."""

import threading
from collections import Counter
from collections.abc import Callable

Work = Callable[[Callable[[], bool]], object]


class Background:
    """Runs work by kind; of each kind only the newest still matters."""

    def __init__(self) -> None:
        self._newest: Counter[str] = Counter()
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
        return thread

    def cancel(self, kind: str) -> None:
        """Make the work of a kind stale."""
        self._newest[kind] += 1

    def end(self) -> None:
        """Make all work stale, for good."""
        self._ended.set()
