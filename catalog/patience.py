"""Threads for calls that may never come back: whoever waits for them can leave them behind.

A call on a network mount whose server is gone blocks in the kernel, and nothing in Python can end it. So such
calls are made on daemon threads, which neither the one who waits nor the end of the process depends on;
`concurrent.futures` would wait for its threads at exit.
"""

import errno
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

Beat = Callable[[], bool]
"""Called by work at each step, to show that it moves; True tells it to give up."""

PATIENCE = 60.0
"""Seconds without a step after which a call is taken as stuck: a disk that has to spin up needs up to 30."""

_LOOK_SECONDS = 0.1
_DELIVER_SECONDS = 0.2
_FAREWELL_SECONDS = 0.5


class Crew(Generic[Item, Result]):
    """Some threads that work off what they are given. All methods are for one thread, the one that waits."""

    def __init__(
        self, work: Callable[[Item, Beat], Result], *, size: int, patience: float = PATIENCE
    ) -> None:
        """Prepare; the threads start as they are needed.

        Args:
            work: called on any of them with one item and its `Beat`; it raises nothing.
            size: how many threads at most.
            patience: seconds.
        """
        self._work = work
        self._patience = patience
        self._given: queue.SimpleQueue[deque[Item] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[list[Result]] = queue.SimpleQueue()
        self._size = size
        self._hands: list[_Hand[Item, Result]] = []
        self._left: list[_Hand[Item, Result]] = []

    def give(self, items: Iterable[Item]) -> None:
        """Have some items worked off by one thread, one after the other."""
        self._given.put(deque(items))
        if len(self._hands) < self._size:
            self._hands.append(_Hand(self._work, self._given, self._done))

    def take(self, seconds: float) -> list[Result]:
        """Return some of what is done; nothing if nothing is within that time."""
        try:
            return self._done.get(timeout=seconds)
        except queue.Empty:
            return []

    def stuck(self) -> list[Item]:
        """Leave the threads behind that have not moved for too long, and put others in their place.

        Returns:
            The items on which they hang. What else was given to them is done by others.
        """
        items = []
        for place, hand in enumerate(self._hands):
            if hand.rests(self._patience) and (rest := hand.leave_behind()):
                items.append(rest.popleft())
                self.give(rest)
                self._left.append(hand)
                self._hands[place] = _Hand(self._work, self._given, self._done)
        return items

    def still_stuck(self) -> int:
        """Return how many threads were left behind and hang to this moment."""
        self._left = [hand for hand in self._left if hand.is_alive()]
        return len(self._left)

    def dismiss(self) -> None:
        """End the threads; those that hang are left behind."""
        for hand in self._hands:
            hand.left = True
            self._given.put(None)
        end = time.monotonic() + _FAREWELL_SECONDS
        for hand in self._hands:
            hand.join(max(end - time.monotonic(), 0))


class _Hand(threading.Thread, Generic[Item, Result]):
    def __init__(
        self,
        work: Callable[[Item, Beat], Result],
        given: "queue.SimpleQueue[deque[Item] | None]",
        done: "queue.SimpleQueue[list[Result]]",
    ) -> None:
        super().__init__(name="patience", daemon=True)
        self._work, self._given, self._done = work, given, done
        self._lock = threading.Lock()
        self._items: deque[Item] = deque()  # the first one is being worked on
        self._results: list[Result] = []  # not told yet
        self.left = False
        self._beats, self._seen, self._since = 0, 0, time.monotonic()
        self.start()

    def run(self) -> None:
        while not self.left and (items := self._given.get()) is not None:
            self._beat()
            self._items = items
            told = time.monotonic()
            while items:
                result = self._work(items[0], self._beat)
                with self._lock:
                    if self._beat():
                        return
                    items.popleft()
                    self._results.append(result)
                if time.monotonic() - told > _DELIVER_SECONDS:
                    self._tell()
                    told = time.monotonic()
            self._tell()

    def _beat(self) -> bool:
        self._beats += 1
        return self.left

    def _tell(self) -> None:
        with self._lock:
            results, self._results = self._results, []
        if results:
            self._done.put(results)

    def rests(self, seconds: float) -> bool:
        """Tell whether this thread has not moved for so long, as seen by who asks repeatedly."""
        if self._beats != self._seen:
            self._seen, self._since = self._beats, time.monotonic()
        return time.monotonic() - self._since > seconds

    def leave_behind(self) -> deque[Item]:
        """Have nothing to do with this thread any more, if it is at work; returns what it has not done."""
        with self._lock:
            rest = self._items.copy()
            self.left = bool(rest)
        self._tell()
        return rest


def patiently(call: Callable[[Beat], Result], *, patience: float = PATIENCE) -> Result:
    """Make one call that may never come back.

    Args:
        call: called on a thread of its own, with a `Beat` that it may use to show that it moves.
        patience: seconds without a step after which it is left behind.

    Raises:
        TimeoutError: it does not answer (`ETIMEDOUT`).
        Exception: what the call raises.
    """
    found: list[Result] = []

    def work(_: None, beat: Beat) -> Exception | None:
        try:
            found.append(call(beat))
        except Exception as error:
            return error
        return None

    crew = Crew(work, size=1, patience=patience)
    try:
        crew.give([None])
        while not (done := crew.take(_LOOK_SECONDS)):
            if crew.stuck():
                raise TimeoutError(errno.ETIMEDOUT, no_answer(patience))
    finally:
        crew.dismiss()
    if done[0] is not None:
        raise done[0]
    return found[0]


def no_answer(patience: float) -> str:
    """Return the reason why something was left behind, in the manner of `OSError.strerror`."""
    return f"No answer for {patience:g} s"
