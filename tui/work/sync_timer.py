"""When the next automatic sync is due: rules only, without threads, and by a clock that is given."""

import random
import time
from collections.abc import Callable

from sync.events import SUCCESSES, Outcome

_REST = 3.0  # seconds of quiet after a change, so that a run of stars goes up together
_PATIENCE = 30.0  # but no change waits longer than this for quiet
_FIRST_RETRY = 10.0
_LONGEST_RETRY = 300.0
_SHORTEST, _LONGEST = 0.8, 0.95  # of each wait: devices that were switched on together drift apart


class SyncTimer:
    """Says when to sync, from what has happened so far.

    - The app has started, or something has changed here: soon, once that has been quiet for 3 seconds.
    - A sync went well: after the regular interval.
    - One failed, or reached nothing: after 10 s, 20 s, 40 s ... 5 minutes; no change hastens that.
    - One was refused: not before a person has asked for a sync and that went well.
    - One was cancelled, or found another process at it: after the regular interval.

    Attributes:
        every: the regular interval in seconds, from the next plan on; 0 for none.
        due: the moment of the next sync by the clock; None while one runs, or if none is planned.
        failures: syncs that have failed since the last one that went well.
    """

    def __init__(
        self,
        every: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Plan nothing yet.

        Args:
            every: the regular interval in seconds; 0 for none: only changes and failures lead to a sync.
            clock: seconds, never going back.
            chance: a random number from 0 to 1.
        """
        self.every = every
        self._clock = clock
        self._chance = chance
        self._running = False
        self._refused = False
        self._first_change: float | None = None
        self.due: float | None = None
        self.failures = 0

    @property
    def wait(self) -> float | None:
        """Seconds until the next sync is due, None if none is planned."""
        return None if self.due is None else max(0.0, self.due - self._clock())

    def changed(self) -> None:
        """There is something to sync: a change here, or an app that has just started."""
        now = self._clock()
        if self._first_change is None:
            self._first_change = now
        if not (self._running or self._refused or self.failures):
            self.due = min(now + _REST, self._first_change + _PATIENCE)

    def begun(self) -> None:
        """A sync has begun, by whatever cause; what changes from now on belongs to the next one."""
        self._running = True
        self._first_change = None
        self.due = None

    def ended(self, outcome: Outcome) -> None:
        """The sync has ended.

        Args:
            outcome: its own.
        """
        self._running = False
        self._refused = outcome is Outcome.REFUSED
        if outcome in SUCCESSES:
            self.failures = 0
            self._plan(self.every)
            if self._first_change is not None:
                self.changed()
        else:
            self.failures += 1
            doubled = min(self.failures - 1, 10)
            self._plan(0 if self._refused else min(_LONGEST_RETRY, _FIRST_RETRY * 2**doubled))

    def passed_over(self) -> None:
        """The sync was cancelled, or another process had the catalog: that tells nothing of the remote."""
        self._running = False
        self._plan(0 if self._refused else self.every or _LONGEST_RETRY)

    def _plan(self, wait: float) -> None:
        share = _SHORTEST + (_LONGEST - _SHORTEST) * self._chance()
        self.due = self._clock() + wait * share if wait else None
