"""Removes originals that nobody stars: the only thing in the product that does, and only when it is asked to.

An original may go if the catalog, just synced, knows its photo without a star, and if it has been on the
remote for 30 days by the remote's own clock. First all devices are told that it is not there any more; what
somebody stars meanwhile stays. An original that the catalog does not know is left alone.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from catalog.backup_queue import BackupQueue
from sync.stores.limits import Limits
from sync.stores.original_store import ORIGINALS, OriginalStore, Stored, md5_of_key

MIN_AGE = 30 * 86400.0
"""Seconds by the remote's clock."""

_AT_ONCE = 500


@dataclass
class Unstarred:
    """What may be removed.

    Attributes:
        originals: as the remote lists them, each once.
        unknown: how many originals are of photos that the catalog does not know.
    """

    originals: list[Stored] = field(default_factory=list)
    unknown: int = 0

    @property
    def bytes(self) -> int:
        """How many bytes they are, all together."""
        return sum(found.size for found in self.originals)


def find_unstarred(queue: BackupQueue, store: OriginalStore, limits: Limits) -> Unstarred:
    """Look for originals that may be removed.

    Args:
        queue: of the catalog, which has just been synced.
        store: the remote.
        limits: patience and cancel.

    Raises:
        RemoteError: the remote failed.
    """
    found = Unstarred()
    told: set[str] = set()  # a listing may tell of one twice, and who is asked types their number
    now = limits.ask(store.now)
    batch: dict[str, Stored] = {}

    def sort_out() -> None:
        unstarred, known = queue.unstarred(batch)
        found.originals += (batch[md5] for md5 in batch if md5 in unstarred - told)
        told.update(unstarred)
        found.unknown += len(batch) - known
        batch.clear()
        limits.pause.check()

    for original in store.stored(ORIGINALS):
        md5 = md5_of_key(original.key)
        if md5 is not None and original.modified < now - MIN_AGE:
            batch[md5] = original
            if len(batch) == _AT_ONCE:
                sort_out()
    sort_out()
    return found


def remove(
    queue: BackupQueue,
    store: OriginalStore,
    limits: Limits,
    originals: Collection[Stored],
    sync: Callable[[], bool],
) -> int:
    """Remove originals.

    Args:
        queue: of the catalog.
        store: the remote.
        limits: patience and cancel.
        originals: what `find_unstarred` has found.
        sync: syncs the catalog; False if it could not.

    Returns:
        How many are gone; none if the catalog could not be synced.

    Raises:
        RemoteError: the remote failed in the middle; what is not removed is found again the next time.
    """
    by_md5 = {md5_of_key(original.key) or "": original for original in originals}
    queue.lost(by_md5)
    if not sync():
        return 0
    removed = 0
    for md5, original in by_md5.items():
        unstarred, _ = queue.unstarred([md5])
        if unstarred:
            limits.ask(lambda key=original.key: store.delete(key))  # type: ignore[misc]
            removed += 1
    return removed
