"""What is new of a remote's shards: which objects that are, and their bytes, verified."""

from collections.abc import Iterable, Iterator
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from catalog.row import SHARDS
from sync.manifest import Delta, Manifest, ShardState
from sync.shard import MAX_OBJECT_BYTES, DamagedError
from sync.stores.objectstore import EmptyRemoteError, NotThereError, ObjectStore
from sync.transfer import Pause


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
        DamagedError: an object is missing, or not what the manifest says.
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
        try:
            fetched = pause.patiently(partial(store.get, part.key, limit=limit))
        except EmptyRemoteError:
            raise
        except NotThereError as error:
            raise DamagedError(
                f"{part.key} is missing in {store.url}, though the manifest names it"
            ) from error
        assert fetched is not None
        if len(fetched.data) != part.bytes or sha256(fetched.data).hexdigest() != part.sha256:
            raise DamagedError(f"{part.key} is not what the manifest says: its length or SHA-256 differs")
        objects.append((part, fetched.data))
    return Download(x, whole, objects)
