"""One restored file on the disk: under its own name and in its own folder, and never over another file.

Names come from a remote: a path is made of their parts, and none of them leads out of the target folder.
"""

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

from catalog.fsync import fsync_folder
from catalog.originals import Restorable
from catalog.photo_files.photo_file import open_photo
from catalog.raw_path import path_in
from catalog.scan.written import WrittenFile
from catalog.spellings import spellings

_LONGEST = 255  # bytes of a name, on about every file system
_MOST_CLASHES = 1000
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1  # of linux/fcntl.h and linux/fs.h


def place_of(photo: Restorable, target: bytes) -> bytes:
    """Return where a photo belongs in a target folder, raw.

    Args:
        photo: with its folder and name, as some device has told them.
        target: raw path.
    """
    folder = target
    for part in photo.folder.split("/"):
        if part not in ("", ".") and (safe := _safe(part)):
            folder = _spelled(folder, safe)
    return path_in(folder, _safe(photo.filename.replace("/", "_")) or photo.md5.encode())


def _spelled(folder: bytes, part: bytes) -> bytes:
    """Return a folder in another one: the one that is there, if its name is the same but for the spelling."""
    paths = [path_in(folder, spelling.encode()) for spelling in spellings(part.decode())]
    there = (path for path in paths if len(paths) > 1 and os.path.isdir(path))  # noqa: PTH112 (raw paths)
    return next(there, paths[0])


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
            descriptor, status = open_photo(candidate)
            with os.fdopen(descriptor, "rb") as file:
                same = photo.size in (None, status.st_size)
                if same and hashlib.file_digest(file, "md5").hexdigest() == photo.md5:
                    _drop_second_name(candidate, beside(place, photo.md5))
                    return candidate
        except FileNotFoundError:
            return None
        except OSError:
            continue
    return None


def beside(place: bytes, md5: str) -> bytes:
    """Return where a photo's bytes lie until they are proved: beside its place, where scans pass them by."""
    return place.rpartition(b"/")[0] + b"/.photolala~" + md5.encode()


def _drop_second_name(place: bytes, second: bytes) -> None:
    """Remove what a kill has left between the two steps of `_move`."""
    with suppress(OSError):
        if os.path.samefile(place, second):  # noqa: PTH121 (a raw path)
            os.unlink(second)  # noqa: PTH108 (a raw path)


def fsync_names(files: Iterable[WrittenFile], target: bytes) -> None:
    """Wait until the names of files are on the disk, and those of the folders that lead to them.

    Args:
        files: in their places.
        target: raw path of the folder below which they are.
    """
    folders: set[bytes] = set()
    for file in files:
        folder = file.folder
        while folder not in folders and len(folder) >= len(target.rstrip(b"/")):
            folders.add(folder)
            folder = folder.rpartition(b"/")[0]
    for folder in folders:
        with suppress(OSError):
            fsync_folder(folder or b"/")


def put(source: bytes, place: bytes) -> bytes:
    """Rename a file to a place, or to one beside it if another file is there.

    Args:
        source: raw path.
        place: raw path, in the same folder.

    Returns:
        The raw path that it has now.

    Raises:
        OSError: it cannot be renamed.
    """
    for candidate in numbered(place):
        try:
            _move(source, candidate)
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
