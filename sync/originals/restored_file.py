"""One restored file on the disk: under its own name and in its own folder, and never over another file.

Names come from a remote: a path is made of their parts, and none of them leads out of the target folder. The
bytes are written beside their place, under a name that scans pass by, and come to it once they are proved.
"""

import errno
import fcntl
import hashlib
import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import BinaryIO

from catalog.originals import Restorable
from catalog.scan.written import WrittenFile, look_at

_LONGEST = 255  # bytes of a name, on about every file system
_MOST_CLASHES = 1000
_SETTLED_TOGETHER = 1 << 25  # bytes
_HASHED_BESIDE = 1 << 24  # bytes, from which on hash and disk work at the same time
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1  # of linux/fcntl.h and linux/fs.h


class DamagedOriginalError(Exception):
    """What the remote holds is not the photo."""


def place_of(photo: Restorable, target: bytes) -> bytes:
    """Return where a photo belongs in a target folder, raw.

    Args:
        photo: with its folder and name, as some device has told them.
        target: raw path.
    """
    parts = [_safe(part) for part in photo.folder.split("/") if part not in ("", ".")]
    name = _safe(photo.filename.replace("/", "_")) or photo.md5.encode()
    return b"/".join([target.rstrip(b"/"), *filter(None, parts), name])


def _safe(part: str) -> bytes:
    """Return a part of a path that names something in its folder."""
    raw = part.replace("\0", "").encode(errors="replace")
    if raw in (b".", b".."):
        return b"_"
    if len(raw) <= _LONGEST:
        return raw
    stem, suffix = os.path.splitext(raw)  # noqa: PTH122 (a raw path)
    suffix = suffix[:20]
    return stem[: _LONGEST - len(suffix)].decode(errors="ignore").encode() + suffix


def numbered(place: bytes) -> Iterator[bytes]:
    """Yield a place, and then others beside it: `name.jpg`, `name (2).jpg`, `name (3).jpg`."""
    yield place
    folder, _, name = place.rpartition(b"/")
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 (a raw path)
    for number in range(2, _MOST_CLASHES):
        mark = b" (%d)" % number
        yield folder + b"/" + stem[: _LONGEST - len(mark + suffix)] + mark + suffix


def already_at(photo: Restorable, place: bytes) -> bytes | None:
    """Return where the photo lies already: at its place, or under a number beside it; None if nowhere."""
    for candidate in numbered(place):
        try:
            with open(candidate, "rb") as file:  # noqa: PTH123 (a raw path)
                size = os.fstat(file.fileno()).st_size
                if photo.size in (None, size) and hashlib.file_digest(file, "md5").hexdigest() == photo.md5:
                    _drop_second_name(candidate, _beside(place, photo))
                    return candidate
        except FileNotFoundError:
            return None
        except OSError:
            continue
    return None


def _beside(place: bytes, photo: Restorable) -> bytes:
    return place.rpartition(b"/")[0] + b"/.photolala~" + photo.md5.encode()


def _drop_second_name(place: bytes, beside: bytes) -> None:
    """Remove what a kill has left between the two steps of `_move`."""
    with suppress(OSError):
        if os.path.samefile(place, beside):  # noqa: PTH121 (a raw path)
            os.unlink(beside)  # noqa: PTH108 (a raw path)


def write(photo: Restorable, place: bytes, pieces: Iterable[bytes]) -> WrittenFile:
    """Write a photo's file, at its place or at one beside it if another file is there.

    Args:
        photo: which; its modified time becomes the file's.
        place: raw path.
        pieces: its bytes.

    Returns:
        Where and what it is. Its bytes are settled on the disk; its name is once `settle` was called.

    Raises:
        DamagedOriginalError: the bytes are not the photo's; nothing is left of them.
        OSError: it cannot be written.
    """
    os.makedirs(place.rpartition(b"/")[0], exist_ok=True)  # noqa: PTH103 (a raw path)
    file, beside = _begun(photo, place)
    try:
        with file:
            _fill(file, photo, pieces)
            written = look_at(file.fileno(), photo.md5, place)
            return written._replace(name=_put(beside, place).rpartition(b"/")[2])
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)  # noqa: PTH108 (a raw path)
        raise


def settle(files: Iterable[WrittenFile], target: bytes) -> None:
    """Settle the names of files on the disk, and those of the folders that lead to them.

    Args:
        files: what `write` has returned.
        target: raw path of the folder below which they are.
    """
    folders: set[bytes] = set()
    for file in files:
        folder = file.folder
        while folder not in folders and len(folder) >= len(target.rstrip(b"/")):
            folders.add(folder)
            folder = folder.rpartition(b"/")[0]
    for folder in folders:
        with suppress(OSError):  # some file systems settle no folders
            descriptor = os.open(folder or b"/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _begun(photo: Restorable, place: bytes) -> tuple[BinaryIO, bytes]:
    """Open a file beside a place; what a kill has left is written anew, unless somebody is still at it.

    A file with another name is somebody's photo by now, and is left alone.
    """
    path = _beside(place, photo)
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666), "r+b")
    try:
        with suppress(NotImplementedError):
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(file.fileno())
        if status.st_nlink == 1 and os.stat(path).st_ino == status.st_ino:  # noqa: PTH116 (a raw path)
            file.truncate()
            return file, path
    except (BlockingIOError, FileNotFoundError):
        pass
    file.close()
    path += b"." + secrets.token_hex(4).encode()
    return open(path, "x+b"), path  # noqa: PTH123 (a raw path; the caller closes it)


def _fill(file: BinaryIO, photo: Restorable, pieces: Iterable[bytes]) -> None:
    digest = hashlib.md5(usedforsecurity=False)
    alone = (photo.size or 0) > _HASHED_BESIDE  # smaller ones come several at a time
    with ThreadPoolExecutor(1) as beside:
        written = settling = 0
        for piece in pieces:
            hashed = beside.submit(digest.update, piece) if alone else None
            written += file.write(piece)
            if written - settling >= _SETTLED_TOGETHER:
                _begin_to_settle(file, settling)
                settling = written
            if hashed is None:
                digest.update(piece)
            else:
                hashed.result()
    if digest.hexdigest() != photo.md5:
        raise DamagedOriginalError("The original on the remote is damaged: its MD5 is another.")
    file.flush()
    if photo.modified is not None:
        with suppress(OSError, OverflowError):
            os.utime(file.fileno(), (photo.modified, photo.modified))
    os.fsync(file.fileno())


def _begin_to_settle(file: BinaryIO, start: int) -> None:
    """Have the system write to the disk what was written from an offset on, and not wait for it."""
    file.flush()
    if sys.platform == "linux":  # elsewhere it means something else, or is not there
        os.posix_fadvise(file.fileno(), start, 0, os.POSIX_FADV_DONTNEED)


def _put(beside: bytes, place: bytes) -> bytes:
    for candidate in numbered(place):
        try:
            _move(beside, candidate)
        except FileExistsError:
            continue
        return candidate
    raise FileExistsError(errno.EEXIST, "too many files have this name", place)


def _move(source: bytes, target: bytes) -> None:
    """Rename a file, unless there is one of that name."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a file system that knows no links, such as exFAT
        if not _renamed(source, target):  # then an empty file of ours takes the place first
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o666))
            os.replace(source, target)  # noqa: PTH105 (a raw path)
    else:
        os.unlink(source)  # noqa: PTH108 (a raw path)


def _renamed(source: bytes, target: bytes) -> bool:
    """Rename a file in one step that replaces none; returns whether the system can, as Linux does."""
    import ctypes

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, source, _AT_FDCWD, target, _RENAME_NOREPLACE) == 0:
        return True
    if ctypes.get_errno() == errno.EEXIST:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    return False
