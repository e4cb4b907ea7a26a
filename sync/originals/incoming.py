"""The file of one original on its way down: bytes are written where they belong, and hashed in their order.

They lie beside the photo's place, under a name that scans pass by, and come to it once they are proved. With
what a kill or a broken line has left of a large original, the next try goes on; it is hashed again, so that
nothing is believed.
"""

import fcntl
import hashlib
import os
import secrets
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import FileIO
from types import TracebackType
from typing import Self

from catalog.originals import Restorable
from catalog.scan.written import WrittenFile, look_at
from sync.originals.restored_file import beside, put
from sync.stores.objectstore import RemoteError
from sync.transfer import CancelledError

WHOLE = 16 << 20
"""Bytes up to which an original comes in one piece, or not at all."""

RANGE = 8 << 20
"""Bytes of which a larger one's ranges are; the last may be shorter."""

AHEAD = 6
"""Ranges that may be written before the one that is hashed."""

_READ = 1 << 20
_SETTLED_TOGETHER = 1 << 25  # bytes
_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = _OPEN | os.O_EXCL


class DamagedOriginalError(Exception):
    """What the remote holds is not the photo."""


class Incoming:
    """A photo's file while its bytes come. `put` may be called on any thread.

    Attributes:
        kept: bytes at the beginning that an earlier try has left, a multiple of `RANGE`.
    """

    def __init__(self, photo: Restorable, place: bytes) -> None:
        """Open the file.

        Args:
            photo: which; its modified time becomes the file's.
            place: the raw path where it belongs.

        Raises:
            OSError: it cannot be opened.
        """
        os.makedirs(place.rpartition(b"/")[0], exist_ok=True)  # noqa: PTH103 (a raw path)
        self._photo = photo
        self._place = place
        self._file, self._path = _begun(photo, place)
        self._is_large = (photo.size or 0) > WHOLE
        self._writing = threading.Lock()
        self._is_placed = False
        self.kept = self._worth_keeping() if self._is_large else 0
        self._forget()

    def __enter__(self) -> Self:
        """Leave nothing in the end but the photo in its place, or what a later try can go on with."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        broke_off = self._is_large and isinstance(error, RemoteError | CancelledError)
        with self._writing:  # a thread that is still at it would write into whatever is opened next
            stays = self._is_placed or (broke_off and self._worth_keeping() > 0)
            self._file.close()
        if stays:
            return
        with suppress(OSError):
            os.unlink(self._path)  # noqa: PTH108 (a raw path)

    def _worth_keeping(self) -> int:
        """Return up to where all bytes have been written."""
        size = min(os.fstat(self._file.fileno()).st_size, self._photo.size or 0)
        return max(0, size // RANGE - AHEAD) * RANGE

    def begin_anew(self) -> None:
        """Drop what is there."""
        self._file.truncate(0)
        self.kept = 0
        self._forget()

    def _forget(self) -> None:
        self._digest = hashlib.md5(usedforsecurity=False)
        self._hashed = self._settling = 0

    def take_up(self, check: Callable[[], object]) -> None:
        """Hash what is kept.

        Args:
            check: called before each piece; may raise.
        """
        while self._hashed < self.kept:
            check()
            piece = os.pread(self._file.fileno(), _READ, self._hashed)
            if not piece:
                return  # somebody has cut it off: it will not be proved
            self.follow([piece])

    def put(self, offset: int, piece: bytes) -> None:
        """Write bytes where they belong.

        Raises:
            OSError: they cannot be written.
        """
        left = memoryview(piece)
        with self._writing:
            while left:
                written = os.pwrite(self._file.fileno(), left, offset)
                offset, left = offset + written, left[written:]

    def follow(self, pieces: Iterable[bytes]) -> None:
        """Hash the next bytes, which are written."""
        for piece in pieces:
            self._digest.update(piece)
            self._hashed += len(piece)
        if self._hashed - self._settling >= _SETTLED_TOGETHER:
            self._begin_to_settle()

    def _begin_to_settle(self) -> None:
        """Have the system write to the disk what was hashed, and not wait for it."""
        if sys.platform == "linux":  # elsewhere it means something else, or is not there
            length = self._hashed - self._settling
            os.posix_fadvise(self._file.fileno(), self._settling, length, os.POSIX_FADV_DONTNEED)
        self._settling = self._hashed

    @property
    def is_proved(self) -> bool:
        """Whether all that came is the photo."""
        return self._digest.hexdigest() == self._photo.md5

    def finish(self) -> WrittenFile:
        """Bring the file to its place, or to one beside it if another file is there.

        Returns:
            Where and what it is. Its bytes are on the disk; its name is, once `fsync_names` was called.

        Raises:
            DamagedOriginalError: the bytes are not the photo's.
            OSError: it cannot be written.
        """
        if not self.is_proved:
            raise DamagedOriginalError("The original on the remote is damaged: its MD5 is another.")
        descriptor = self._file.fileno()
        os.ftruncate(descriptor, self._hashed)
        if self._photo.modified is not None:
            with suppress(OSError, OverflowError):
                os.utime(descriptor, (self._photo.modified, self._photo.modified))
        os.fsync(descriptor)
        written = look_at(descriptor, self._photo.md5, self._place)
        name = put(self._path, self._place).rpartition(b"/")[2]
        self._is_placed = True
        return written._replace(name=name)


def _begun(photo: Restorable, place: bytes) -> tuple[FileIO, bytes]:
    """Open the file beside a place that an earlier try has left, or a new one if somebody is still at it.

    A file with another name is somebody's photo by now, and is left alone.
    """
    path = beside(place, photo.md5)
    file = FileIO(os.open(path, _OPEN, 0o666), "r+")
    try:
        with suppress(NotImplementedError):
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(file.fileno())
        if status.st_nlink == 1 and os.stat(path).st_ino == status.st_ino:  # noqa: PTH116 (a raw path)
            return file, path
    except (BlockingIOError, FileNotFoundError):
        pass
    file.close()
    path += b"." + secrets.token_hex(4).encode()
    return FileIO(os.open(path, _NEW, 0o666), "r+"), path
