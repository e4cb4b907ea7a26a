"""What one read of a photo file tells: its identity, when and where it was taken, what is wrong with it."""

import errno
import hashlib
import os
from collections.abc import Callable
from typing import NamedTuple

from catalog.photo_files.exif import camera, orientation, place, taken
from catalog.photo_files.headers import read_header
from catalog.photo_files.photo_file import PhotoFile, open_photo
from catalog.photo_files.photo_names import PHOTO_SUFFIXES, is_photo_name

__all__ = ["PHOTO_SUFFIXES", "FileChanged", "PhotoFacts", "ReadCancelled", "is_photo_name", "read_facts"]

_MOST_BYTES = 1 << 34  # half a minute to read; a file with holes may claim far more, and cost days


class FileChanged(Exception):  # noqa: N818 - it is no error, the file is still being written
    """The file changed while it was read: what was read belongs to no one version of it."""


class ReadCancelled(Exception):  # noqa: N818 - somebody asked for it
    """The reading was cancelled before its end."""


class PhotoFacts(NamedTuple):
    """What one photo file says of itself.

    Attributes:
        md5: lowercase hex MD5 of the whole file: the photo's identity.
        size: bytes.
        modified: when the file was last written, Unix seconds, rounded down.
        photodate: when the photo was taken, Unix seconds; the modified time if the photo does not say.
        date_source: which EXIF date that is: "original", "digitized", "datetime"; or "modified".
        width: pixels, as displayed, so after EXIF orientation; None if unknown.
        height: pixels, as displayed; None if unknown.
        orientation: EXIF orientation, 1 to 8; 1 if unknown, or if the format has its own way to turn.
        camera: make and model, at most 100 characters; None if unknown.
        latitude: degrees, north positive; None if unknown.
        longitude: degrees, east positive; None if unknown.
        error: what is wrong with the file, one sentence for people; None if nothing is.
    """

    md5: str
    size: int
    modified: int
    photodate: int | None
    date_source: str
    width: int | None
    height: int | None
    orientation: int
    camera: str | None
    latitude: float | None
    longitude: float | None
    error: str | None


def read_facts(
    path: bytes, *, chunk: int = 1 << 20, cancelled: Callable[[], bool] = lambda: False
) -> PhotoFacts:
    """Read a photo file once, and tell all that the catalog wants to know of it.

    The file is judged by its content, not by its name. Any number of threads may read at once.

    Args:
        path: the file's raw path; symbolic links are followed.
        chunk: bytes read at a time.
        cancelled: asked before each chunk; True ends the reading.

    Raises:
        FileChanged: the file was written to while it was read.
        ReadCancelled: `cancelled` said so.
        OSError: it cannot be read, is no regular file, or is larger than 16 GiB. Damaged content is told by
            `error`, never raised.
    """
    descriptor, before = open_photo(path)
    try:
        if before.st_size > _MOST_BYTES:
            raise OSError(errno.EFBIG, "this is larger than any photo: more than 16 GiB", path)
        md5, head = _hash(descriptor, before.st_size, chunk, cancelled)
        facts = facts_of(PhotoFile(descriptor, before.st_size, head), md5, before.st_mtime_ns)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise FileChanged("The file changed while it was read.")
    return facts


def facts_of(file: PhotoFile, md5: str, mtime_ns: int) -> PhotoFacts:
    """Tell what the header of a photo says, of which the MD5 is known.

    Args:
        file: the open photo.
        md5: of the whole file.
        mtime_ns: when it was last written, nanoseconds since 1970.

    Raises:
        OSError: the file cannot be read any more.
    """
    header = read_header(file)
    modified = mtime_ns // 1_000_000_000
    exif, width, height = header.exif, header.width, header.height
    turn = orientation(exif)
    if turn >= 5:  # a quarter turn
        width, height = height, width
    photodate, source = (taken(exif) if exif else None) or (modified, "modified")
    latitude, longitude = (place(exif) if exif else None) or (None, None)
    return PhotoFacts(
        md5=md5,
        size=file.size,
        modified=modified,
        photodate=photodate,
        date_source=source,
        width=width,
        height=height,
        orientation=turn,
        camera=camera(exif) if exif else None,
        latitude=latitude,
        longitude=longitude,
        error=header.error,
    )


def _hash(descriptor: int, size: int, chunk: int, cancelled: Callable[[], bool]) -> tuple[str, bytes]:
    """Return the MD5 of the whole file in lowercase hex, and the first chunk."""
    digest = hashlib.md5(usedforsecurity=False)  # releases the GIL while it works
    head, total = b"", 0
    while total < size:
        if cancelled():
            raise ReadCancelled("The reading was cancelled.")
        piece = os.read(descriptor, min(chunk, size - total + 1))  # one more, to see a file that grows
        if not piece:
            break
        digest.update(piece)
        head = head or piece
        total += len(piece)
    if total != size:
        raise FileChanged("The file changed while it was read.")
    return digest.hexdigest(), head
