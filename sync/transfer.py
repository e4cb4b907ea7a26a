"""Moves shards and deltas: what the manifest names comes down verified, what a batch changed goes up."""

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import count, islice
from typing import NamedTuple, TypeVar

from catalog.row import SHARDS
from sync.manifest import Delta, Manifest, ShardState
from sync.shard import MAX_OBJECT_BYTES, DamagedError
from sync.stores.objectstore import ObjectStore, UnclearError

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
        """Do something that may safely be done twice, again if the answer is unclear."""
        for attempt in range(_TRIES - 1):
            self.check()
            try:
                return call()
            except UnclearError:
                self.wait(attempt)
        return call()


class Download(NamedTuple):
    """What must be merged for one shard: verified bytes with what the manifest says of them, oldest first.

    `whole` tells a shard with its deltas from only the deltas that are new here.
    """

    x: str
    whole: bool
    objects: list[tuple[ShardState | Delta, bytes]]


def to_fetch(
    old: Manifest | None, new: Manifest, distrusted: Iterable[str] = ()
) -> Iterator[tuple[str, bool]]:
    """Yield (shard, whole) of the shards whose content is not what it was.

    Deltas are enough where they lie on the shard that is known here, or on one that was folded since: then
    all of them are newer than what was merged here. Whether they were enough, the shard's `state` tells.

    Args:
        old: the manifest as last merged here, None at first contact.
        new: the manifest on the remote.
        distrusted: shards to be fetched whole, whatever was merged before.
    """
    for x in SHARDS:
        there = new.shards[x]
        here = old.shards[x] if old and x not in distrusted else None
        if here is None:
            yield x, True
        elif old and here.state != there.state:
            folded = there.deltas and there.deltas[0].seq <= old.seq + 1
            yield x, not (here.key == there.key or folded)


def fetch(
    store: ObjectStore, old: Manifest | None, new: Manifest, x: str, pause: Pause, *, whole: bool
) -> Download:
    """Fetch one shard's objects.

    Args:
        store: the remote.
        old: the manifest as last merged here.
        new: the manifest that names the objects.
        x: the shard.
        pause: patience and cancel.
        whole: whether all of it is wanted, or the deltas that `old` does not have.

    Raises:
        DamagedError: an object is not what the manifest says.
        RemoteError: it could not be fetched.
    """
    shard = new.shards[x]
    known = set() if whole or old is None else {delta.key for delta in old.shards[x].deltas}
    wanted: list[ShardState | Delta] = [
        *([shard] if whole else []),
        *(delta for delta in shard.deltas if delta.key not in known),
    ]
    objects = []
    for part in wanted:
        limit = min(part.bytes, MAX_OBJECT_BYTES)
        fetched = pause.patiently(lambda part=part, limit=limit: store.get(part.key, limit=limit))  # type: ignore[misc]
        assert fetched is not None
        if len(fetched.data) != part.bytes or sha256(fetched.data).hexdigest() != part.sha256:
            raise DamagedError(f"{part.key} is not what the manifest says: its length or SHA-256 differs")
        objects.append((part, fetched.data))
    return Download(x, whole, objects)


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
