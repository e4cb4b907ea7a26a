"""Commits a batch: stages its shards and deltas, then replaces the manifest by compare-and-swap.

After any answer but success the outcome is unknown, and only the manifest itself can tell it:

1. it names this device's batch: committed, even if others have committed since;
2. it has moved without it: somebody else was first, and this batch will never be committed as it is;
3. it has not moved: the same bytes are sent again.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from catalog.exchange import Exchange, OpenBatch
from catalog.row import EMPTY_STATE, SHARDS, state_of
from sync.manifest import KEY, MAX_BYTES, Delta, DeviceState, Manifest, ShardState, decode
from sync.objectstore import NotThereError, ObjectStore, RemoteError
from sync.probe import Conditions
from sync.shard import key_of, pack
from sync.transfer import Pause, in_parallel

_ATTEMPTS = 15
_MAX_DELTAS = 20
_DELTA_BYTES = 256 * 1024
_JSON = "application/json"
_GZIP = "application/gzip"


class NotCommittedError(Exception):
    """Somebody else has committed first: merge what they have, and try again."""


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

    def upload(self, dirty: Mapping[str, int], pause: Pause, done: Callable[[int, int], object]) -> Manifest:
        """Upload what the batch has changed.

        Args:
            dirty: rows of the batch by shard.
            pause: patience and cancel.
            done: told (shards done, shards in all).

        Returns:
            The manifest, not yet on the remote.
        """
        wanted = [x for x in SHARDS if self._old is None or x in dirty]
        fresh: dict[str, ShardState] = {}

        def puts() -> Iterator[Callable[[], object]]:
            for x in wanted:  # one shard's rows at a time in memory; the requests go side by side
                fresh[x], key, data = self._shard(x)
                yield partial(self._put, key, data, pause)

        for _ in in_parallel(puts(), lambda n: done(n, len(wanted)), pause):
            pass
        old = self._old
        me = DeviceState(self._device.name, self._batch, self._seq, self._seq - 1)
        return Manifest(
            catalog_id=old.catalog_id if old else uuid.uuid4().hex,
            seq=self._seq,
            commit_id=uuid.uuid4().hex,
            parent=old.commit_id if old else "",
            written_at=int(time.time()),
            photo_count=max(0, self._photos),  # what it was before is the remote's word
            shards={x: fresh[x] if x in fresh else old.shards[x] for x in SHARDS} if old else fresh,
            devices={**(old.devices if old else {}), self._device.id: me},
            pending_delete=old.pending_delete if old else (),
            unknown=old.unknown if old else {},
        )

    def _shard(self, x: str) -> tuple[ShardState, str, bytes]:
        changed = self._exchange.changed_rows(self._batch, x)
        state = int(self._old.shards[x].state if self._old else EMPTY_STATE, 16)
        for base, row in changed:
            state ^= row.digest() ^ (base.digest() if base else 0)
            self._photos += (not row.deleted) - (base is not None and not base.deleted)
        shard = self._old.shards[x] if self._old else None
        if shard and len(shard.deltas) < _MAX_DELTAS:
            delta = pack(row for _, row in changed)
            room = max(_DELTA_BYTES, shard.bytes // 10) - sum(d.bytes for d in shard.deltas)
            if len(delta.data) <= room:
                key = key_of("deltas", x, delta.sha256, self._batch)
                more = Delta(key, delta.sha256, len(delta.data), delta.rows, self._seq)
                return replace(shard, state=f"{state:064x}", deltas=(*shard.deltas, more)), key, delta.data
        rows = self._exchange.whole_shard(self._batch, x)
        whole = pack(rows)
        key = key_of("shards", x, whole.sha256, self._batch)
        return ShardState(key, whole.sha256, len(whole.data), whole.rows, state_of(rows)), key, whole.data

    def _put(self, key: str, data: bytes, pause: Pause) -> str:
        return pause.patiently(lambda: self._store.put(key, data, content_type=_GZIP))


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
        RemoteError: the outcome is not known; the journal stays open.
    """
    assert batch.manifest is not None
    data = batch.manifest.encode()
    ours = decode(data)
    history = f"manifests/{ours.seq}-{ours.commit_id}.json"
    pause.patiently(lambda: store.put(history, data, content_type=_JSON))
    pause.check()
    if_etag = batch.if_etag
    if if_etag is not None and conditions is Conditions.BARE:
        if_etag = if_etag.strip('"')
    for attempt in range(_ATTEMPTS):
        try:
            etag = store.put(KEY, data, content_type=_JSON, if_absent=if_etag is None, if_etag=if_etag)
        except RemoteError as error:
            unclear = error
        else:
            return Committed(ours, batch.manifest, etag)
        found = _look(store, pause)
        if found is None:
            if batch.if_etag is not None:
                raise RemoteError(f"The manifest has vanished from {store.url} in the middle of a sync.")
        else:
            etag, there = found
            if there.committed(device.id, batch.batch_id):
                alone = there.commit_id == ours.commit_id
                return Committed(ours, batch.manifest, etag if alone else None)
            if etag != batch.if_etag:
                raise NotCommittedError
        pause.wait(attempt)
    raise unclear


def _look(store: ObjectStore, pause: Pause) -> tuple[str, Manifest] | None:
    try:
        found = pause.patiently(lambda: store.get(KEY, limit=MAX_BYTES))
    except NotThereError:
        return None
    assert found is not None
    return found.etag, decode(found.data)
