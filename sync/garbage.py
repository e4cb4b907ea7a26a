"""Collects garbage: what no manifest names that is kept, and none will ever name again.

Every 50th commit marks its parent: it puts the key of the parent's history copy into `pending_delete`. A mark
that is 50 commits back and, by the server's own clock, 30 + 7 days old tells what is old from what is new:

1. Whoever commits after the mark has read it, or a later manifest, before the upload. Setting the mark was a
   commit, so the ETag has moved: a compare-and-swap that was prepared before it fails, however long its
   device has slept. So what a later commit brings is younger than all that the mark names.
2. A key enters the manifests with the one attempt that made it, and once it has left them it never comes
   back. So what the mark does not name and is older than it is named by no manifest from the mark on.

Manifests before the mark go first, then the objects that they alone named and those that no manifest ever
did. A stale listing shows too little, and only delays. Nothing else under the remote is touched: no original,
no thumbnail, no file of others.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import NamedTuple

from sync.manifest import MAX_BYTES, Manifest, ManifestError, decode
from sync.stores.objectstore import Listed, NotThereError, ObjectStore, RemoteError
from sync.transfer import CancelledError, Pause, in_parallel

EVERY = 50  # commits from mark to mark
_MARKS = 16
_AT_ONCE = 1000  # objects deleted in one go, so that no sync takes for ever
_LISTED = 100_000
_DAY = 86400.0

_COPY = re.compile(r"manifests/([1-9][0-9]{0,15})-[0-9a-f]{1,64}\.json", re.ASCII)
_OBJECT = re.compile(
    r"(shards|deltas)/[0-9a-f]/[0-9a-f]{64}-[0-9a-f]{8}\.csv\.gz|probes/[0-9a-f]{32}/(created|updated|raced)",
    re.ASCII,
)


class Ages(NamedTuple):
    """How long things are kept; seconds by the server's clock.

    Attributes:
        kept: how long a manifest is, and all that it names.
        at_least: how many of the newest manifests are kept, however old.
        wait: from then on until it goes.
        margin: by how much an object must be older than another to be older.
    """

    kept: float = 30 * _DAY
    at_least: int = 50
    wait: float = 7 * _DAY
    margin: float = _DAY


AGES = Ages()


def marks_after(old: Manifest) -> tuple[str, ...]:
    """Return the marks that the commit after a manifest has in its `pending_delete`.

    The further back, the fewer are kept: so a few of them reach back far enough, however often people sync.
    """
    marks = [(seq, key) for seq, key in _marks(old) if seq <= old.seq]
    if old.seq - max((seq for seq, _ in marks), default=0) >= EVERY:
        marks.append((old.seq, old.copy_key))
    thinned: list[tuple[int, str]] = []
    for mark in marks:
        while len(thinned) > 1 and old.seq - thinned[-2][0] <= 2 * (old.seq - mark[0]):
            thinned.pop()
        thinned.append(mark)
    return tuple(key for _, key in thinned[-_MARKS:])


def after_commit(store: ObjectStore, manifest: Manifest, pause: Pause) -> None:
    """Collect if a commit has just set a mark, once in many commits; no failure of it fails the sync.

    Args:
        store: the remote.
        manifest: as committed by this device.
        pause: patience and cancel.
    """
    if f"manifests/{manifest.seq - 1}-{manifest.parent}.json" in manifest.pending_delete:
        with suppress(RemoteError, ManifestError, CancelledError):
            collect(store, manifest, pause)


def collect(store: ObjectStore, manifest: Manifest, pause: Pause, ages: Ages = AGES) -> int:
    """Delete the garbage of a remote.

    Args:
        store: the remote.
        manifest: committed by this device a moment ago: its history copy tells the server's time.
        pause: patience and cancel; a cancel takes effect between two objects.
        ages: how long things are kept.

    Returns:
        How many objects were deleted.

    Raises:
        RemoteError: the remote did not do what it was asked.
        ManifestError: a mark is not a manifest.
        CancelledError: the user has cancelled.
    """
    store.tidy()
    now = store.head(manifest.copy_key).modified
    mark, marked = _ripe_mark(store, manifest, now, ages, pause)
    if mark is None:
        return 0
    named = mark.keys()
    listed = [*_listed(store, ("shards/", "deltas/", "probes/"), pause)]
    newest = max((one.modified for one in listed if one.key in named), default=0.0)
    old = {one.key for one in listed if one.modified < newest - ages.margin}
    if abs(marked - newest) > ages.margin or old & (manifest.keys() - named):
        return 0  # as where the remote was copied: its times do not tell what came after what
    copies = [key for key, *_ in _listed(store, ("manifests/",), pause) if _seq_of(key, mark.seq) < mark.seq]
    gone = _delete(store, copies[:_AT_ONCE], pause)
    if len(copies) <= _AT_ONCE:
        garbage = sorted(key for key in old - named if _OBJECT.fullmatch(key))
        gone += _delete(store, garbage[:_AT_ONCE], pause)
    return gone


def _ripe_mark(
    store: ObjectStore, manifest: Manifest, now: float, ages: Ages, pause: Pause
) -> tuple[Manifest | None, float]:
    """Return the newest manifest that is marked and old enough, and when its copy was put."""
    for seq, key in reversed(_marks(manifest)):
        pause.check()
        if seq > manifest.seq - ages.at_least:
            continue
        try:
            modified = store.head(key).modified
        except NotThereError:  # collected with what it had marked
            continue
        if modified <= now - ages.kept - ages.wait:
            fetched = store.get(key, limit=MAX_BYTES)
            assert fetched is not None
            mark = decode(fetched.data)
            if (mark.copy_key, mark.catalog_id) != (key, manifest.catalog_id):
                raise ManifestError(f"{key} is not what it was marked for.")
            return mark, modified
    return None, 0.0


def _marks(manifest: Manifest) -> list[tuple[int, str]]:
    """Return the marks of a manifest as (seq, key), oldest first; what does not look like one is none."""
    keys = {key for key in manifest.pending_delete if isinstance(key, str)}
    return sorted((int(found[1]), key) for key in keys if (found := _COPY.fullmatch(key)))


def _seq_of(key: str, default: int) -> int:
    found = _COPY.fullmatch(key)
    return int(found[1]) if found else default


def _listed(store: ObjectStore, prefixes: Iterable[str], pause: Pause) -> Iterator[Listed]:
    for prefix in prefixes:
        for one in islice(store.list(prefix), _LISTED):
            pause.check()
            yield one


def _delete(store: ObjectStore, keys: list[str], pause: Pause) -> int:
    tasks = (partial(pause.patiently, partial(store.delete, key)) for key in keys)
    return sum(1 for _ in in_parallel(tasks, lambda _: None, pause))
