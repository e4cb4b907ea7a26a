"""An open photo file that has just been read once: its first bytes in memory, the rest in the page cache."""

import errno
import io
import os
import stat
from typing import BinaryIO

_LAST_BLOCK, _MORE_BLOCK = 1 << 10, 1 << 18  # bytes; most end markers are found in the last block


def open_photo(path: bytes) -> tuple[int, os.stat_result]:
    """Open a regular file for reading, without ever waiting for one that is not regular.

    Symbolic links are followed: a photo linked into a folder is a photo of that folder, and a link to a pipe
    or a device is caught by what it leads to.

    Args:
        path: the file's raw path.

    Returns:
        The file descriptor, which the caller closes, and the file's status.

    Raises:
        OSError: it cannot be opened, or is a pipe, a socket, a device or a folder.
    """
    # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "this is a folder, a pipe, a socket or a device, not a file", path)
    return descriptor, status


class PhotoFile:
    """Random access to the bytes of an open file.

    Attributes:
        size: bytes.
    """

    __slots__ = ("_descriptor", "_head", "size")

    def __init__(self, descriptor: int, size: int, head: bytes = b"") -> None:
        """Take over what has been read.

        Args:
            descriptor: an open file; it stays the caller's to close.
            size: of the file, bytes.
            head: the file's first bytes, as many as are in memory.
        """
        self._descriptor = descriptor
        self._head = head
        self.size = size

    def at(self, offset: int, length: int) -> bytes:
        """Return the bytes at an offset; fewer where the file ends, none if the length is negative."""
        length = max(length, 0)
        if offset + length <= len(self._head) or len(self._head) == self.size:
            return self._head[offset : offset + length]
        return os.pread(self._descriptor, length, offset) if offset < self.size else b""

    def holds(self, marker: bytes, start: int) -> bool:
        """Tell whether a marker stands at or after an offset; sought from the end, where it should be."""
        start, end, block = max(start, 0), self.size, _LAST_BLOCK
        while end > start:
            begin = max(start, end - block)
            if self.at(begin, end - begin + len(marker) - 1).rfind(marker) >= 0:
                return True
            end, block = begin, _MORE_BLOCK
        return False

    def stream(self) -> BinaryIO:
        """Return a stream over the whole file, from its beginning; closing it leaves the file open."""
        if len(self._head) == self.size:
            return io.BytesIO(self._head)
        stream = os.fdopen(self._descriptor, "rb", closefd=False)
        stream.seek(0)
        return stream
