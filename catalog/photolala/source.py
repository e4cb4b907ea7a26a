"""Where a Photolala catalog is read from: objects by name, the same in a folder and under an S3 prefix."""

import errno
import os
from collections.abc import Callable
from typing import NamedTuple, Protocol

from catalog.photo_files.photo_file import open_photo


class SourceError(Exception):
    """One object is there and cannot be read; the text says why, without its name."""


class CatalogSource(Protocol):
    """What holds a catalog: a folder of photos, or `catalogs/USER` in a bucket."""

    @property
    def address(self) -> bytes:
        """What it is called and remembered by: an absolute raw path, or `s3://bucket/prefix`."""

    def get(self, name: str, limit: int) -> bytes | None:
        """Fetch an object.

        Args:
            name: relative, such as `.photolala/manifest.plist`, `.photolala/a.csv` or `.photolala#a`.
            limit: the most bytes that it may have.

        Returns:
            Its content, None if there is none of this name.

        Raises:
            SourceError: this object cannot be read, or is larger; others may still be.
            CatalogError: nothing can be read.
        """


class Layout(NamedTuple):
    """How the objects of a catalog are called."""

    manifest: str
    prefix: str
    suffix: str

    def part(self, stem: str) -> str:
        """Return the name of a shard (`0`..`f`), of "stars" or of "backup"."""
        return f"{self.prefix}{stem}{self.suffix}"


V4 = Layout(".photolala", ".photolala#", "")
V5 = Layout(".photolala/manifest.plist", ".photolala/", ".csv")


class FolderSource:
    """A catalog beside its photos."""

    def __init__(self, directory: bytes) -> None:
        """Name the folder; nothing is touched.

        Args:
            directory: the absolute raw path of the folder that holds the photos.
        """
        self.address = directory

    def get(self, name: str, limit: int) -> bytes | None:
        """Read a file; see `CatalogSource`. A folder of this name is none."""
        path = self.address.rstrip(b"/") + b"/" + name.encode()
        try:
            descriptor, status = open_photo(path)  # never waits for a pipe
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR) or os.path.isdir(path):  # noqa: PTH112 (a raw path)
                return None
            raise SourceError(error.strerror or str(error)) from error
        with os.fdopen(descriptor, "rb") as file:
            if status.st_size > limit:
                raise SourceError(f"it has {status.st_size} bytes, more than the {limit} allowed")
            try:
                data = file.read(limit + 1)
            except OSError as error:
                raise SourceError(error.strerror or str(error)) from error
        if len(data) > limit:
            raise SourceError(f"it has more than the {limit} bytes allowed")
        return data


def layout_beside(directory: bytes) -> Layout | None:
    """Tell which catalog lies in a folder, by two or three looks at it; None if there is none.

    Args:
        directory: an absolute raw path.
    """
    place = directory.rstrip(b"/") + b"/.photolala"
    exists: Callable[[bytes], bool] = os.path.exists
    if os.path.isdir(place):  # noqa: PTH112 (a raw path)
        return V5 if exists(place + b"/manifest.plist") or exists(place + b"/0.csv") else None
    return V4 if exists(place) or exists(place + b"#0") else None


def folders_with_catalogs(directory: bytes) -> list[bytes]:
    """Return the folders of a tree that hold a catalog, sorted; the first alone if it holds one itself.

    Symbolic links to folders are not followed, and folders that cannot be read hold none.

    Args:
        directory: an absolute raw path.
    """
    if layout_beside(directory) is not None:
        return [directory]
    found = []
    for folder, below, _ in os.walk(directory):
        below[:] = [name for name in below if not name.startswith(b".")]
        if layout_beside(folder) is not None:
            found.append(folder)
    return sorted(found)
