"""What must be true of devices and their remote: DESIGN's promises again, on plain rows.

The model knows no journal, no `pending`, no deltas and no answers that get lost. A device is its rows and the
commit that it has merged last; the remote is a list of states, one for each commit. What the engine does is
watched at two places, its catalog and the remote's objects, and must come to the same.
"""

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from catalog.row import SHARDS, PhotoRow
from sync.manifest import KEY
from sync.merge import as_text
from tests.sync.memory_store import Bucket
from tests.sync.test_merge import by_the_table

State = dict[str, PhotoRow]


class ModelDevice:
    """One device: what its user sees, and the newest commit that is in it."""

    def __init__(self, id_: str, rows: State, seen: int | None):
        self.id = id_
        self.rows = dict(rows)
        self.seen = seen
        self.keep_stars = False
        self.frozen: dict[str, State] = {}
        self.conflicts: list[tuple[str, ...]] = []
        self.points: list[list[tuple[PhotoRow | None, PhotoRow]]] = []

    def set(self, md5: str, **values) -> None:
        """The user changes a photo."""
        self.rows[md5] = self.rows[md5]._replace(**values)


class Commit(NamedTuple):
    """One commit: who made it, from which batch, when by the server's clock, and the keys that it needs."""

    author: str = ""
    id: str = ""
    batch: str = ""
    time: float = 0
    keys: frozenset[str] = frozenset()


class Model:
    """All devices and the remote's history. `states[seq]` is the catalog as commit `seq` left it."""

    def __init__(self, states: Iterable[State] = ({},), commits: Iterable[Commit] = (Commit(),)):
        self.states = list(states)
        self.commits = list(commits)
        self.devices: dict[str, ModelDevice] = {}

    def copy(self) -> "Model":
        """Return a model of the same history, without its devices."""
        return Model(self.states, self.commits)

    def join(self, id_: str, rows: State, seen: int | None) -> ModelDevice:
        self.devices[id_] = ModelDevice(id_, rows, seen)
        return self.devices[id_]

    def freezes(self, device: ModelDevice, batch: str) -> None:
        """A batch is made of what the device has at this moment."""
        device.frozen[batch] = dict(device.rows)

    def has_merged(self, device: ModelDevice, seq: int) -> None:
        """The device has a newer commit in it. A commit of its own is no news to it, however it heard of it."""
        assert seq > (device.seen or 0), "the device has gone back"
        own = [n for n in range((device.seen or 0) + 1, seq + 1) if self.commits[n].author == device.id]
        if own:
            device.seen = own[-1]
        if device.seen != seq:
            self._merge(device, seq)

    def _merge(self, device: ModelDevice, seq: int) -> None:
        base = self.states[device.seen] if device.seen else {}
        changes: list[tuple[PhotoRow | None, PhotoRow]] = []
        for md5, there in self.states[seq].items():
            mine = device.rows.get(md5)
            if mine == there:
                continue
            row = there
            if mine is not None:
                row, lost = by_the_table(base.get(md5), mine, there, device.keep_stars)
                for field, winner in lost:
                    values = (as_text(getattr(each, field)) for each in (base[md5], mine, there))
                    device.conflicts.append((md5, field, *values, winner))
            if row != mine:
                changes.append((mine, row))
        if changes and device.rows:
            device.points = [*device.points[-19:], changes]
        device.rows.update((row.md5, row) for _, row in changes)
        device.seen = seq

    def rolls_back(self, device: ModelDevice, points: int) -> None:
        """The user goes back by some restore points.

        Each field goes back as long as it is what the point made of it; else it was changed since, and stays
        from there on. A star that was given since keeps its photo, and one that has brought a photo back was
        given since, also where the point had left an older one.
        """
        rows = dict(device.rows)
        since: dict[str, set[str]] = defaultdict(set)
        for point in reversed(device.points[-points:]):
            for before, after in point:
                row, changed = rows[after.md5], since[after.md5]
                fields = ("starred",) if before is None else ("filename", "starred", "deleted")
                changed.update(name for name in fields if getattr(row, name) != getattr(after, name))
                back = {"deleted": True}
                if before is not None:
                    if "deleted" in changed and row.starred and not row.deleted:
                        changed.add("starred")
                    back = {name: getattr(before, name) for name in fields if name not in changed}
                rows[row.md5] = row._replace(**back)
        for md5, changed in since.items():
            deleted_since = "deleted" in changed and device.rows[md5].deleted
            if rows[md5].starred and "starred" in changed and not deleted_since:
                rows[md5] = rows[md5]._replace(deleted=False)
        changes = [(device.rows[md5], row) for md5, row in rows.items() if device.rows[md5] != row]
        if changes:
            device.points = [*device.points[-19:], changes]
        device.rows = rows


class AuditedBucket(Bucket):
    """A remote that looks at each commit as it is made, and says if it breaks a promise of DESIGN."""

    def __init__(self, model: Model):
        super().__init__()
        self.model = model
        self._read: dict[str, tuple[bytes, dict[str, str]]] = {}

    def write(self, key: str, data: bytes) -> str:
        if key == KEY:
            self._audit(data)
        return super().write(key, data)

    def _audit(self, data: bytes) -> None:
        model, manifest = self.model, json.loads(data)
        seq, commit = manifest["seq"], manifest["commit_id"]
        assert seq == len(model.commits), "seq grows by one"
        assert manifest["parent"] == model.commits[-1].id, "each commit stands on the one before"
        copy = f"manifests/{seq}-{commit}.json"
        assert copy in self.objects, "the history copy comes first"
        assert self.objects[copy].data == data
        ((author, me),) = ((i, device) for i, device in manifest["devices"].items() if device["seq"] == seq)
        batch = me["batch_id"]
        assert batch not in (other.batch for other in model.commits), "each batch is applied once"
        keys, content = {copy}, {}
        for x in SHARDS:
            shard = manifest["shards"][x]
            content.update(self._content(x, shard))
            keys.update(part["key"] for part in (shard, *shard["deltas"]))
        state = model.devices[author].frozen[batch]
        assert content == {md5: row.line() for md5, row in state.items()}, "the batch, and nothing else"
        assert manifest["photo_count"] == sum(not row.deleted for row in state.values())
        model.states.append(state)
        model.commits.append(Commit(author, commit, batch, self.now(), frozenset(keys)))

    def _content(self, x: str, shard: dict) -> dict[str, str]:
        """Read one shard with its deltas as {md5: line}; all that it names is there, and true."""
        lines: dict[str, str] = {}
        for part in (shard, *shard["deltas"]):
            assert part["key"] in self.objects, f"{part['key']} is named and not there"
            data = self.objects[part["key"]].data
            if self._read.get(part["key"], (b"",))[0] is not data:
                assert len(data) == part["bytes"]
                assert hashlib.sha256(data).hexdigest() == part["sha256"]
                _, *found = gzip.decompress(data).decode().splitlines()
                assert found == sorted(found)
                self._read[part["key"]] = data, {line[:32]: line for line in found}
            found = self._read[part["key"]][1]
            assert len(found) == part["rows"]
            lines.update(found)
        state = 0
        for line in lines.values():
            state ^= int(hashlib.sha256(line.encode()).hexdigest(), 16)
        assert f"{state:064x}" == shard["state"]
        assert all(md5[0] == x for md5 in lines)
        return lines

    def check_whole(self, *, at_least: int, days: int) -> None:
        """All that is needed is there: by the manifest, and by the newest and the youngest of the history."""
        kept = [
            commit.keys
            for seq, commit in enumerate(self.model.commits)
            if seq > len(self.model.commits) - 1 - at_least or commit.time > self.now() - days * 86400
        ]
        missing = frozenset().union(*kept) - self.objects.keys()
        assert not missing, f"collected too early: {missing}"
        if KEY in self.objects:
            for x, shard in json.loads(self.objects[KEY].data)["shards"].items():
                self._content(x, shard)
