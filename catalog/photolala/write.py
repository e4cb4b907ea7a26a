"""Writes a Photolala catalog of version 5.1. At every moment, all photos of the old or the new are there.

The Mac app takes a folder whose manifest it cannot read for one without a catalog, and writes an empty one
over it. So a new catalog is made under another name and appears whole. In one that is there, a first manifest
drops the checksums of the shards about to change, then come these, then the stars, and last the final
manifest: killed anywhere, no checksum is wrong and no shard is half written.
"""

import hashlib
import os
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from catalog.fsync import fsync_folder
from catalog.photolala.folder import replace_file
from catalog.photolala.manifest import Manifest, manifest_bytes
from catalog.photolala.marks import Marks
from catalog.row import SHARDS

VERSION = "5.1"


def checksums_of(shards: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each shard that is not empty, in small hex, by its hex digit."""
    return {x: hashlib.sha256(shards[x]).hexdigest() for x in SHARDS if shards[x]}


def write_catalog(
    folder: bytes,
    shards: Mapping[str, bytes],
    stars: Marks,
    *,
    photos: int,
    before: Manifest | None,
    changed: Iterable[str] = SHARDS,
) -> None:
    """Write a catalog into its folder; the caller is the only writer.

    Args:
        folder: raw path of the `.photolala` folder, which is there.
        shards: content of all sixteen, by hex digit.
        stars: what goes into `stars.csv`.
        photos: how many there are.
        before: the manifest that stands there: its date of birth and its uuid are kept.
        changed: the shards that are not there as they shall be.

    Raises:
        OSError: something could not be written.
    """
    changed = list(changed)
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    manifest = Manifest(
        VERSION,
        (before and before.created) or now,
        now,
        photos,
        checksums_of(shards),
        (before and before.uuid) or str(uuid.uuid4()).upper(),
    )
    if before is not None and any(x in before.checksums for x in changed):
        kept = {x: checksum for x, checksum in before.checksums.items() if x not in changed}
        _put(folder, "manifest.plist", manifest_bytes(manifest._replace(checksums=kept)))
    for x in changed:
        _put(folder, f"{x}.csv", shards[x])
    _put(folder, "stars.csv", bytes(stars))
    _put(folder, "manifest.plist", manifest_bytes(manifest))


def appear(made: bytes, folder: bytes) -> None:
    """Give a catalog that was made aside its name.

    Raises:
        OSError: there is one of this name by now.
    """
    os.rename(made, folder)  # noqa: PTH104 (raw paths)
    fsync_folder(folder.rpartition(b"/")[0])


def _put(folder: bytes, name: str, data: bytes) -> None:
    replace_file(folder + b"/" + name.encode(), data)
