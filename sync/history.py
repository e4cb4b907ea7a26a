"""The remote's history: from the manifest back along its parents, through the copies in manifests/.

Only the parents tell what was committed: a copy may lie there of a commit that never came to be.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sync.manifest import KEY, MAX_BYTES, ManifestError, decode
from sync.stores.objectstore import EmptyRemoteError, NotThereError, ObjectStore


class Commit(NamedTuple):
    """One commit; `written_at` is Unix seconds by the clock of the device that made it."""

    seq: int
    commit_id: str
    written_at: int
    device: str
    photos: int


def commits(store: ObjectStore, most: int) -> Iterator[Commit]:
    """Yield the remote's commits, the newest first, one request each, as far back as they are kept.

    Args:
        store: the remote.
        most: how many.

    Raises:
        ManifestError: a manifest is damaged, or is not that which its name says.
        RemoteError: the remote could not be asked.
    """
    key, expected = KEY, ""
    for _ in range(most):
        try:
            fetched = store.get(key, limit=MAX_BYTES)
        except EmptyRemoteError:
            raise
        except NotThereError:
            return  # nothing was ever committed, or what is older is kept no more
        assert fetched is not None
        manifest = decode(fetched.data)
        if expected not in ("", manifest.commit_id):
            raise ManifestError(f"{key} is damaged: it holds another commit.")
        names = [device.name for device in manifest.devices.values() if device.seq == manifest.seq]
        yield Commit(
            manifest.seq,
            manifest.commit_id,
            manifest.written_at,
            names[0] if names else "",
            manifest.photo_count,
        )
        if not manifest.parent:
            return
        key, expected = f"manifests/{manifest.seq - 1}-{manifest.parent}.json", manifest.parent
