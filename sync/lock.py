"""One sync, and one backup, at a time for one catalog, across processes; a crash leaves no lock behind."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


class SyncUnderWayError(Exception):
    """Another process is syncing this catalog."""


class BackupUnderWayError(Exception):
    """Another process is uploading this catalog's originals."""


def sync_lock(catalog: Path) -> AbstractContextManager[None]:
    """Return the lock of a catalog's sync, to be held in a `with` block.

    Args:
        catalog: the SQLite file; the lock is a file beside it, held by `flock`, which ends with us.

    Raises:
        SyncUnderWayError: somebody else holds it.
    """
    return _lock(
        Path(f"{catalog}.sync-lock"), SyncUnderWayError("Another sync of this catalog is under way.")
    )


def backup_lock(catalog: Path) -> AbstractContextManager[None]:
    """Return the lock of a catalog's backup; as `sync_lock`.

    Raises:
        BackupUnderWayError: somebody else holds it.
    """
    return _lock(
        Path(f"{catalog}.backup-lock"), BackupUnderWayError("Another backup of this catalog is under way.")
    )


@contextmanager
def _lock(path: Path, under_way: Exception) -> Iterator[None]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise under_way from error
        yield
    finally:
        os.close(descriptor)
