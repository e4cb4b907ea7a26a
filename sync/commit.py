"""Commits a batch: stages its shards and deltas, then replaces the manifest by compare-and-swap.

After any answer but success the outcome is unknown, and only the manifest itself can tell it:

1. it names this device's batch: committed, even if others have committed since;
2. it has moved without it: somebody else was first, and this batch will never be committed as it is;
3. it has not moved: the same bytes are sent again, unless the remote has said that it refuses (403).
"""

import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from catalog.exchange import Exchange, OpenBatch
from catalog.row import SHARDS, PhotoRow
from sync.fetching import fetch
from sync.folding import crowded, is_due, is_large, most_bytes
from sync.garbage import marks_after
from sync.manifest import KEY, MAX_BYTES, Delta, DeviceState, Manifest, ShardState, check_bounds, decode
from sync.shard import Packed, key_of, pack, unpack
from sync.stores.objectstore import (
    ConditionFailedError,
    DeniedError,
    EmptyRemoteError,
    NotThereError,
    ObjectStore,
    RemoteError,
)
from sync.stores.probe import Conditions
from sync.transfer import Pause, in_parallel

Objects = list[tuple[str, bytes]]
"""What is to be put, in this order: keys and bytes."""

_ATTEMPTS = 15
_JSON = "application/json"
_GZIP = "application/gzip"


class NotCommittedError(Exception):
    """Somebody else has committed first: merge what they have, and try again."""


class SwapRefusedError(ConditionFailedError):
    """The remote refuses the condition again and again, though nobody has committed."""


class Device(NamedTuple):
    """This device, as the manifest names it."""

    id: str
    name: str


class Committed(NamedTuple):
    """A committed manifest of ours; `etag` is None if others have committed on top of it since."""

    manifest: Manifest
    text: str
    etag: str | None


class Stage:
    """Puts a batch's objects on the remote and makes the manifest that would commit them."""

    def __init__(
        self, exchange: Exchange, store: ObjectStore, device: Device, batch: str, old: Manifest | None
    ) -> None:
        self._exchange = exchange
        self._store = store
        self._device = device
        self._batch = batch
        self._old = old
        self._seq = old.seq + 1 if old else 1
        self._photos = old.photo_count if old else 0
        self._counting = threading.Lock()
        self._now = int(time.time())
        # it makes this attempt's keys its own: none enters a manifest twice, and so the collector can tell
        # what no manifest will ever name again; a batch may be staged more than once
        self._commit_id = uuid.uuid4().hex

    def upload(self, dirty: Mapping[str, int], pause: Pause, done: Callable[[int, int], object]) -> Manifest:
        """Upload what the batch has changed.

        Args:
            dirty: rows of the batch by shard.
            pause: patience and cancel.
            done: told (shards done, shards in all).

        Returns:
            The manifest, not yet on the remote.

        Raises:
            ManifestError: it could outgrow what devices read: nothing was put.
        """
        old = self._old
        full: Collection[str] = ()
        if old:
            check_bounds(most_bytes(old, dirty), len({*old.devices, self._device.id}))
            full = crowded(old, dirty)
        wanted = [x for x in SHARDS if old is None or x in dirty or x in full]
        fresh: dict[str, ShardState] = {}

        def puts() -> Iterator[Callable[[], object]]:
            for x in wanted:  # a shard's rows are read when there is a thread that packs and sends them
                if old is None:
                    yield partial(self._begin, x, self._exchange.whole_shard(self._batch, x), fresh, pause)
                    continue
                fresh[x], objects = self._shard(old.shards[x], x, pause, is_full=x in full)
                yield partial(self._put, objects, pause)

        done(0, len(wanted))
        for _ in in_parallel(puts(), lambda n: done(n, len(wanted)), pause):
            pass
        me = DeviceState(self._device.name, self._batch, self._seq, self._seq - 1)
        return Manifest(
            catalog_id=old.catalog_id if old else uuid.uuid4().hex,
            seq=self._seq,
            commit_id=self._commit_id,
            parent=old.commit_id if old else "",
            written_at=self._now,
            photo_count=max(0, self._photos),  # what it was before is the remote's word
            shards={x: fresh[x] if x in fresh else old.shards[x] for x in SHARDS} if old else fresh,
            devices={**(old.devices if old else {}), self._device.id: me},
            pending_delete=marks_after(old) if old else (),
            unknown=old.unknown if old else {},
        )

    def _begin(self, x: str, rows: list[PhotoRow], fresh: dict[str, ShardState], pause: Pause) -> None:
        """Put the first shard of its digit. It is packed beside the reading of the next one: zlib can."""
        photos = sum(not row.deleted for row in rows)
        whole = pack(rows)
        rows.clear()  # not kept while it goes up
        with self._counting:
            self._photos += photos
        fresh[x], objects = self._packed(x, whole)
        self._put(objects, pause)

    def _shard(self, shard: ShardState, x: str, pause: Pause, *, is_full: bool) -> tuple[ShardState, Objects]:
        """Return a shard as the batch leaves it, and what must be put for that; see `sync.folding`."""
        changed = self._exchange.changed_rows(self._batch, x)
        state = int(shard.state, 16)
        for base, row in changed:
            state ^= row.digest() ^ (base.digest() if base else 0)
            self._photos += (not row.deleted) - (base is not None and not base.deleted)
        rows = [row for _, row in changed]
        delta = pack(rows)
        if is_large(shard, len(delta.data)) and (whole := self._whole(x, self._batch, f"{state:064x}")):
            return whole
        objects: Objects = []
        if is_due(shard, len(delta.data), self._now) and (whole := self._whole(x, "", shard.state)):
            shard, objects = whole
        elif is_full:
            delta = pack(self._with_earlier(x, rows, pause))
            shard = replace(shard, deltas=())
        if not delta.rows:
            return shard, objects
        key = key_of("deltas", x, delta.sha256, self._commit_id)
        more = Delta(key, delta.sha256, len(delta.data), delta.rows, self._seq)
        since = shard.since or self._now
        shard = replace(shard, state=f"{state:064x}", deltas=(*shard.deltas, more), since=since)
        return shard, [*objects, (key, delta.data)]

    def _whole(self, x: str, batch: str, state: str) -> tuple[ShardState, Objects] | None:
        """Return a shard with all that a batch has changed; the batch "" stands for what the remote has.

        Returns:
            The shard, and what must be put. None if its rows here do not give `state`: one of them is
            damaged, and is not spread. Another device may fold the shard then.
        """
        whole = pack(self._exchange.whole_shard(batch, x))
        return self._packed(x, whole) if whole.state == state else None

    def _packed(self, x: str, whole: Packed) -> tuple[ShardState, Objects]:
        key = key_of("shards", x, whole.sha256, self._commit_id)
        shard = ShardState(key, whole.sha256, len(whole.data), whole.rows, whole.state)
        return shard, [(key, whole.data)]

    def _with_earlier(self, x: str, rows: Iterable[PhotoRow], pause: Pause) -> list[PhotoRow]:
        """Return rows and what a shard's deltas say of others, by md5."""
        assert self._old is not None
        all_of: dict[str, PhotoRow] = {}
        for part, data in fetch(self._store, None, self._old, x, pause, whole=False).objects:
            found = unpack(data, x, sha256=part.sha256, size=part.bytes, rows=part.rows)
            all_of.update((row.md5, row) for row in found)
        all_of.update((row.md5, row) for row in rows)
        return [all_of[md5] for md5 in sorted(all_of)]

    def _put(self, objects: Objects, pause: Pause) -> None:
        for key, data in objects:
            pause.patiently(partial(self._store.put, key, data, content_type=_GZIP))


def swap(
    store: ObjectStore, batch: OpenBatch, device: Device, conditions: Conditions, pause: Pause
) -> Committed:
    """Replace the manifest, once the history copy is there; certain of the outcome when it returns.

    Args:
        store: the remote, holding all that the new manifest names.
        batch: the journal's entry, staged.
        device: this device.
        conditions: how the remote wants an ETag.
        pause: back-off; after a cancel the outcome may be unknown, and the journal stays open.

    Returns:
        What was committed.

    Raises:
        NotCommittedError: somebody else was first.
        SwapRefusedError: the remote does not honour the condition as it did.
        RemoteError: the outcome is not known, or the remote refuses; the journal stays open.
    """
    assert batch.manifest is not None
    data = batch.manifest.encode()
    ours = decode(data)
    pause.patiently(lambda: store.put(ours.copy_key, data, content_type=_JSON))
    pause.check()
    put = partial(store.put, KEY, data, content_type=_JSON, **_condition(batch.if_etag, conditions))
    for attempt in range(_ATTEMPTS):
        try:
            etag = put()
        except RemoteError as error:
            unclear = error
        else:
            return Committed(ours, batch.manifest, etag)
        committed = fate(store, batch, device, pause)
        if committed is not None:
            return committed
        if isinstance(unclear, DeniedError):
            raise unclear
        pause.wait(attempt)
    raise SwapRefusedError(str(unclear)) if isinstance(unclear, ConditionFailedError) else unclear


def fate(store: ObjectStore, batch: OpenBatch, device: Device, pause: Pause) -> Committed | None:
    """Look what has become of a batch whose manifest was put, or may have been; see `swap`.

    Returns:
        What was committed; None if the manifest has not moved: the same may be put again.

    Raises:
        NotCommittedError: somebody else was first.
        EmptyRemoteError: nothing is there, not even what was staged: to put anything would make a folder
            anew in which the rest is missing.
        RemoteError: the outcome is not known.
    """
    assert batch.manifest is not None
    try:
        found = pause.patiently(lambda: store.get(KEY, limit=MAX_BYTES))
    except EmptyRemoteError:
        raise
    except NotThereError as error:
        if batch.if_etag is None:
            return None
        raise RemoteError(f"The manifest has vanished from {store.url} in the middle of a sync.") from error
    assert found is not None
    ours, there = decode(batch.manifest.encode()), decode(found.data)
    if there.committed(device.id, batch.batch_id):
        alone = there.commit_id == ours.commit_id
        return Committed(ours, batch.manifest, found.etag if alone else None)
    if found.etag != batch.if_etag:
        raise NotCommittedError
    return None


def _condition(etag: str | None, conditions: Conditions) -> dict[str, Any]:
    """Return what shall keep others out, as the remote wants it; some say 501 to any condition."""
    if conditions is Conditions.NONE:
        return {}  # nobody else writes there, or nothing would be written
    if etag is None:
        return {"if_absent": True}
    return {"if_etag": etag.strip('"') if conditions is Conditions.BARE else etag}
