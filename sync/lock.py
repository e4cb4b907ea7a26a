"""One sync at a time for one catalog, across processes; a crash leaves no lock behind."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class SyncUnderWayError(Exception):
    """Another process is syncing this catalog."""


@contextmanager
def sync_lock(catalog: Path) -> Iterator[None]:
    """Hold the lock of a catalog.

    Args:
        catalog: the SQLite file; the lock is a file beside it, held by `flock`, which ends with us.

    Raises:
        SyncUnderWayError: somebody else holds it.
    """
    descriptor = os.open(f"{catalog}.sync-lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SyncUnderWayError("Another sync of this catalog is under way.") from error
        yield
    finally:
        os.close(descriptor)
