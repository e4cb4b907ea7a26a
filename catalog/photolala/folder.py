"""Writing into a catalog's folder: one writer at a time, each file whole or as it was, whatever kills us."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from catalog.fsync import fsync_folder
from catalog.protocol import CatalogError
from catalog.row import text_of_name

_PATIENCE = 20.0  # seconds
_PAUSE = 0.005
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


@contextmanager
def writing(lock: bytes) -> Iterator[None]:
    """Keep other writers out while the block runs, threads and processes; a dead one keeps nobody out.

    Args:
        lock: raw path of the lock file, which is made where need be.

    Raises:
        CatalogError: another one writes for too long, the place cannot be written, or a write in the block
            failed (an `OSError`).
    """
    shown = text_of_name(lock.rpartition(b"/")[0])
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        try:
            _take(descriptor, shown)
            yield
        finally:
            os.close(descriptor)
    except OSError as error:
        raise CatalogError(
            f"{shown} cannot be written ({error.strerror}); what was there is unharmed. "
            "Check its permissions and room, or import the folder to keep its stars in your own catalog."
        ) from error


def _take(descriptor: int, shown: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            if time.monotonic() > deadline:
                raise CatalogError(
                    f"{shown} is being written by another program. Try again later."
                ) from error
            time.sleep(_PAUSE)
        else:
            return


def replace_file(path: bytes, data: bytes) -> None:
    """Write a file so that at every moment the old or the new one is there, whole.

    Args:
        path: its raw path; the caller is the only writer.
        data: its new content.

    Raises:
        OSError: it could not be written; the old one stands.
    """
    fresh = path + b"~"
    with suppress(FileNotFoundError):
        os.unlink(fresh)  # noqa: PTH108 (a raw path), of a writer that was killed
    with os.fdopen(os.open(fresh, _NEW, 0o666), "wb") as file:
        with suppress(OSError):  # whom the old one was shared with, and file systems that know no modes
            os.fchmod(file.fileno(), stat.S_IMODE(os.stat(path).st_mode))  # noqa: PTH116
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(fresh, path)  # noqa: PTH104 (raw paths)
    fsync_folder(path.rpartition(b"/")[0])
