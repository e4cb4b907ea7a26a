"""Which deltas shall be folded, and into what: rules on a manifest's figures alone.

1. A delta that is large by itself, past the larger of 256 KiB and 10% of its shard, is none: shard and rows
   are written as one new shard.
2. Past 20 deltas, past that size together, or past 7 days they are folded: the shard is written anew with
   all that they say, and the new rows follow as its first delta. Who is up to date fetches that and no more.
3. When the manifest would outgrow 16 KiB, the deltas of the shards that have most become one delta each.
   This costs as much as the rows in them, where folding a shard of a large catalog costs megabytes.
"""

from collections.abc import Collection

from catalog.row import SHARDS
from sync.manifest import Manifest, ShardState

MANIFEST_BYTES = 16 * 1024
_MAX_DELTAS = 20
_DELTA_BYTES = 256 * 1024
_MAX_AGE = 7 * 86400  # seconds
_LEAST, _MOST = 200, 265  # bytes of one delta in the manifest, with the shard's `since`
_REST = 700  # bytes: a new device, a mark for the collector, numbers that grow


def is_large(shard: ShardState, size: int) -> bool:
    """Return whether a delta of a size, in bytes, is better written as a part of its shard."""
    return size > _room(shard)


def is_due(shard: ShardState, size: int, now: int) -> bool:
    """Return whether a shard's deltas shall be folded before one more comes.

    Args:
        shard: as it is.
        size: of the delta that comes, bytes.
        now: Unix seconds. A clock that is wrong folds early or late, and does no other harm.
    """
    return bool(shard.deltas) and (
        len(shard.deltas) >= _MAX_DELTAS
        or sum(delta.bytes for delta in shard.deltas) + size > _room(shard)
        or 0 < shard.since < now - _MAX_AGE
    )


def most_bytes(old: Manifest, dirty: Collection[str]) -> int:
    """Return how large the next manifest can get if each dirty shard gets one more delta."""
    return len(old.encode()) + len(dirty) * _MOST + _REST


def crowded(old: Manifest, dirty: Collection[str]) -> frozenset[str]:
    """Return the shards whose deltas shall become one, so that the next manifest keeps to `MANIFEST_BYTES`.

    Args:
        old: the manifest as it is.
        dirty: the shards that get a delta, in which the earlier ones may go up without one request more.
    """
    excess = most_bytes(old, dirty) - MANIFEST_BYTES
    chosen = set()
    for gain, _, x in sorted(
        ((len(old.shards[x].deltas) - (x not in dirty), x in dirty, x) for x in SHARDS), reverse=True
    ):
        if excess <= 0 or gain <= 0:
            break
        chosen.add(x)
        excess -= gain * _LEAST
    return frozenset(chosen)


def _room(shard: ShardState) -> int:
    return max(_DELTA_BYTES, shard.bytes // 10)
