"""What one folder holds: photo-like files that are not as they were known, and the folders below."""

import os
from stat import S_ISREG
from typing import NamedTuple

from catalog.patience import Beat
from catalog.photo_files.photo_names import PHOTO_SUFFIXES, is_photo_name

_SUFFIXES = frozenset(  # those that nearly all photos have: asking for any other takes a while
    case(suffix.encode()) for suffix in PHOTO_SUFFIXES for case in (bytes.lower, bytes.upper)
)
_DOT = ord(".")
_ENTRIES = 32  # between two beats
_SIGN = 1 << 63
_LATEST = 1 << 62  # nanoseconds: the year 2116


class Stat(NamedTuple):
    """What tells, without reading a file, that it has not changed."""

    size: int
    mtime_ns: int
    inode: int


class Unlisted(NamedTuple):
    """A folder to be listed.

    Attributes:
        folder: raw path.
        known: `hash` of (name, size, mtime_ns, inode) of each file that the catalog knows there as it is: a
            folder may hold a million, and what they are takes ten times as much memory. That a file changes
            from one of these 64 bits to another one's happens in none of 10^13 changes.
    """

    folder: bytes
    known: set[int]


class Listing(NamedTuple):
    """One folder as it was found.

    Attributes:
        folder: raw path.
        unchanged: how many files are as they were known.
        files: (name, size, mtime_ns, inode) of all others that may hold a photo, by their name.
        gone: what is left of `Unlisted.known`: files that are not there any more, or not as they were.
        failed: (name, reason) of such files that cannot even be asked: dangling links, mostly.
        below: raw paths of the folders in it that are to be walked too, sorted.
        entries: how many things of any kind lie in it.
        skipped: other files, left alone.
        error: why the folder could not be read; None if it could.
    """

    folder: bytes
    unchanged: int
    files: list[tuple[bytes, int, int, int]]
    gone: set[int]
    failed: list[tuple[bytes, str]]
    below: list[bytes]
    entries: int = 0
    skipped: int = 0
    error: str | None = None


def list_folder(unlisted: Unlisted, beat: Beat) -> Listing:
    """List one folder, not what is below. Links to files are followed, links to folders are not.

    Args:
        unlisted: the folder; what is known of it is used up.
        beat: called every few entries; True ends the listing.
    """
    folder, known = unlisted
    files: list[tuple[bytes, int, int, int]] = []
    failed: list[tuple[bytes, str]] = []
    below: list[bytes] = []
    entries = skipped = unchanged = 0
    try:
        with os.scandir(folder) as found:
            for entry in found:
                entries += 1
                if not entries % _ENTRIES and beat():
                    break
                name = entry.name
                if entry.is_dir(follow_symlinks=False):
                    if name[0] != _DOT:
                        below.append(entry.path)
                elif name[0] == _DOT or not (name[name.rfind(b".") :] in _SUFFIXES or is_photo_name(name)):
                    skipped += 1
                else:
                    try:
                        now = entry.stat()
                        size, time, inode = now.st_size, now.st_mtime_ns, now.st_ino
                        if not S_ISREG(now.st_mode) or inode >= _SIGN or time > _LATEST:
                            size, time, inode = stat_of(now)  # asked for each, it would be a tenth of all
                        file = (name, size, time, inode)
                        if (number := hash(file)) in known:
                            known.remove(number)
                            unchanged += 1
                        else:
                            files.append(file)
                    except OSError as error:  # a dangling link, or gone since
                        failed.append((name, reason(error)))
    except OSError as error:
        return unreadable(folder, error.strerror)
    below.sort()
    return Listing(folder, unchanged, files, known, failed, below, entries, skipped)


def unreadable(folder: bytes, why: str | None) -> Listing:
    """Return what is known of a folder that cannot be read."""
    return Listing(folder, 0, [], set(), [], [], error=why)


def stat_of(found: os.stat_result) -> tuple[int, int, int]:
    """Return size (0 if this is no regular file), mtime_ns and inode, as a `Stat` has them."""
    size, time, inode = found.st_size, found.st_mtime_ns, found.st_ino
    if not S_ISREG(found.st_mode):
        size = 0
    # SQLite's integers have 63 bits and a sign; some file systems have larger inodes, and times to 2446
    if inode >= _SIGN:
        inode -= 2 * _SIGN
    return size, min(_LATEST, time), inode


def reason(error: OSError) -> str:
    """Return in a few words why a file cannot be read."""
    return f"cannot be read: {error.strerror or error}"
