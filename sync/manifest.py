"""The manifest: the remote's one commit point, as bytes and as values. See "The manifest" in FORMAT.md.

Reading trusts nothing: bounded, no key twice, each number a number, each object's key the one that its
place and checksum make it. Fields that this version does not know are kept and written back.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.row import SHARDS
from sync.shard import MAX_OBJECT_BYTES, MAX_ROWS, is_key
from sync.untrusted_json import WrongValueError, hex_of, list_of, number_of, parse, table_of

KEY = "catalog_manifest.json"
FORMAT = "photolala-catalog"
VERSION = 6
MAX_BYTES = 1024 * 1024
MAX_DELTAS = 1000
MAX_DEVICES = 1000
MAX_SEQ = 1 << 53


class ManifestError(Exception):
    """A manifest that cannot be used; the text says why and, where there is one, the way out."""


class UpgradeError(ManifestError):
    """The manifest asks for a newer photolala."""


@dataclass(frozen=True)
class Delta:
    """Rows changed in one commit; `bytes` of the object, `seq` of the commit."""

    key: str
    sha256: str
    bytes: int
    rows: int
    seq: int


@dataclass(frozen=True)
class ShardState:
    """One shard: its object, the deltas on top of it, and the content digest of both together.

    `since` is when the first of the deltas came, Unix seconds by its device's clock, 0 if there are none or
    it is not known. Only when they are folded depends on it.
    """

    key: str
    sha256: str
    bytes: int
    rows: int
    state: str
    deltas: tuple[Delta, ...] = ()
    since: int = 0


@dataclass(frozen=True)
class DeviceState:
    """One device: its last committed batch, in which commit, and the newest commit that it knew then."""

    name: str
    batch_id: str
    seq: int
    seen_seq: int


@dataclass(frozen=True)
class Manifest:
    """One committed state of the catalog. `written_at` is Unix seconds, for people: nothing decides by it.

    `pending_delete` holds the keys of history copies: what each of them parts is told in `sync.garbage`.
    """

    catalog_id: str
    seq: int
    commit_id: str
    parent: str
    written_at: int
    photo_count: int
    shards: Mapping[str, ShardState]
    devices: Mapping[str, DeviceState]
    pending_delete: tuple[Any, ...] = ()
    min_reader: int = VERSION
    min_writer: int = VERSION
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def copy_key(self) -> str:
        """The key of this manifest's history copy."""
        return f"manifests/{self.seq}-{self.commit_id}.json"

    def keys(self) -> frozenset[str]:
        """Return the keys of all objects that this manifest names."""
        shards = self.shards.values()
        return frozenset({*(s.key for s in shards), *(d.key for s in shards for d in s.deltas)})

    def encode(self) -> bytes:
        """Return the manifest as UTF-8 JSON with sorted keys.

        Raises:
            ManifestError: nobody would read it; see `check_bounds`.
        """
        values: dict[str, Any] = {
            **self.unknown,
            **{name: getattr(self, name) for name in _PLAIN},
            "format": FORMAT,
            "version": VERSION,
            "pending_delete": list(self.pending_delete),
            "shards": {x: _values(shard) for x, shard in self.shards.items()},
            "devices": {key: vars(device) for key, device in self.devices.items()},
        }
        data = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        check_bounds(len(data), len(self.devices))
        return data

    def committed(self, device: str, batch: str) -> bool:
        """Return whether a device's batch is in this state of the catalog."""
        return device in self.devices and self.devices[device].batch_id == batch

    def lost_since(self, old: "Manifest") -> int | None:
        """Return the newest commit that an older manifest has of a device and this one has not, None if none.

        A device's newest commit never goes down, unless an old copy of the manifest was put back.
        """
        lost = (
            d.seq
            for key, d in old.devices.items()
            if key not in self.devices or self.devices[key].seq < d.seq
        )
        return max(lost, default=None)

    def names_since(self, seq: int, me: str) -> str:
        """Return who else has committed after a commit, as far as the manifest tells, for people to read."""
        newer = [d for key, d in self.devices.items() if d.seq > seq and key != me]
        return ", ".join(d.name for d in sorted(newer, key=lambda d: -d.seq)[:3]) or "another device"


def check_bounds(size: int, devices: int) -> None:
    """Refuse a manifest that no device would read.

    Args:
        size: in bytes.
        devices: how many it names.

    Raises:
        ManifestError: it is too large, or names too many.
    """
    for count, most, what in ((size, MAX_BYTES, "bytes"), (devices, MAX_DEVICES, "devices")):
        if count > most:
            raise ManifestError(
                f"The manifest would have {count} {what}, more than the {most} {what} that a device reads: "
                "nothing was committed. Give the remote another address (a new prefix) to begin anew there."
            )


def _values(shard: ShardState) -> dict[str, Any]:
    values = {**vars(shard), "deltas": [vars(delta) for delta in shard.deltas]}
    return values if shard.since else {name: value for name, value in values.items() if name != "since"}


_PLAIN = ("catalog_id", "seq", "commit_id", "parent", "written_at", "photo_count", "min_reader", "min_writer")
_KNOWN = frozenset({*_PLAIN, "format", "version", "shards", "devices", "pending_delete"})


def decode(data: bytes) -> Manifest:
    """Read a manifest.

    Args:
        data: the object as fetched, at most `MAX_BYTES`.

    Raises:
        UpgradeError: it asks for a newer reader or writer.
        ManifestError: it is not a manifest of this format.
    """
    try:
        return _manifest(parse(data))
    except WrongValueError as error:
        raise ManifestError(f"The manifest is damaged: {error}.") from error


def _manifest(values: Any) -> Manifest:
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise WrongValueError("it does not say that it is a photolala catalog")
    for what in ("min_reader", "min_writer"):
        if number_of(values, what) > VERSION:
            raise UpgradeError(
                f"The remote is of a newer format ({what} {values[what]}, this is {VERSION}). "
                "Upgrade photolala here."
            )
    return Manifest(
        catalog_id=hex_of(values, "catalog_id", 64),
        seq=number_of(values, "seq", MAX_SEQ),
        commit_id=hex_of(values, "commit_id", 64),
        parent=hex_of(values, "parent", 64, empty=True),
        written_at=number_of(values, "written_at"),
        photo_count=number_of(values, "photo_count"),
        shards=_shards(values),
        devices=_devices(values),
        pending_delete=tuple(list_of(values, "pending_delete", 100_000)),
        min_reader=number_of(values, "min_reader"),
        min_writer=number_of(values, "min_writer"),
        unknown={name: value for name, value in values.items() if name not in _KNOWN},
    )


def _shards(values: dict[str, Any]) -> dict[str, ShardState]:
    found = table_of(values, "shards", len(SHARDS))
    if set(found) != set(SHARDS):
        raise WrongValueError("shards are missing: a short manifest is not an empty catalog")
    return {x: _shard(x, found[x]) for x in SHARDS}


def _shard(x: str, values: Any) -> ShardState:
    if not isinstance(values, dict):
        raise WrongValueError(f"shard {x}")
    state = hex_of(values, "state", 64)
    if len(state) != 64:
        raise WrongValueError(f"shard {x}: state")
    deltas = tuple(_delta(x, delta) for delta in list_of(values, "deltas", MAX_DELTAS))
    since = number_of(values, "since") if "since" in values else 0
    return ShardState(**_object(x, "shards", values), state=state, deltas=deltas, since=since)


def _delta(x: str, values: Any) -> Delta:
    if not isinstance(values, dict):
        raise WrongValueError(f"a delta of shard {x}")
    return Delta(**_object(x, "deltas", values), seq=number_of(values, "seq", MAX_SEQ))


def _object(x: str, kind: str, values: dict[str, Any]) -> dict[str, Any]:
    key, sha256 = values.get("key"), values.get("sha256")
    if not isinstance(key, str) or not isinstance(sha256, str) or not is_key(key, kind, x, sha256):
        raise WrongValueError(f"shard {x} names an object that is not its own")
    return {
        "key": key,
        "sha256": sha256,
        "bytes": number_of(values, "bytes", MAX_OBJECT_BYTES),
        "rows": number_of(values, "rows", MAX_ROWS),
    }


def _devices(values: dict[str, Any]) -> dict[str, DeviceState]:
    devices = {}
    for key, found in table_of(values, "devices", MAX_DEVICES).items():
        if not isinstance(found, dict) or not isinstance(found.get("name"), str) or len(key) > 64:
            raise WrongValueError("devices")
        devices[key] = DeviceState(
            found["name"][:64],
            hex_of(found, "batch_id", 64),
            number_of(found, "seq", MAX_SEQ),
            number_of(found, "seen_seq", MAX_SEQ),
        )
    return devices
