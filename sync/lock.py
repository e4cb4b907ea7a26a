"""One sync, and one backup, at a time for one catalog, across processes; a crash leaves no lock behind."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class SyncUnderWayError(Exception):
    """Another process is syncing this catalog."""


class BackupUnderWayError(Exception):
    """Another process is uploading this catalog's originals."""


@contextmanager
def sync_lock(catalog: Path) -> Iterator[None]:
    """Hold the lock of a catalog's sync.

    Args:
        catalog: the SQLite file; the lock is a file beside it, held by `flock`, which ends with us.

    Raises:
        SyncUnderWayError: somebody else holds it.
    """
    try:
        with _lock(Path(f"{catalog}.sync-lock")):
            yield
    except _HeldError as error:
        raise SyncUnderWayError("Another sync of this catalog is under way.") from error


@contextmanager
def backup_lock(catalog: Path) -> Iterator[None]:
    """Hold the lock of a catalog's backup; as `sync_lock`.

    Raises:
        BackupUnderWayError: somebody else holds it.
    """
    try:
        with _lock(Path(f"{catalog}.backup-lock")):
            yield
    except _HeldError as error:
        raise BackupUnderWayError("Another backup of this catalog is under way.") from error


class _HeldError(Exception):
    pass


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _HeldError from error
        yield
    finally:
        os.close(descriptor)
