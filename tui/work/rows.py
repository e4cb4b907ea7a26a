"""One photo as the screen knows it, and the keys by which a list names its photos.

A folder's key is a raw file name; a query's is a photo's md5, packed into 16 bytes.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import NamedTuple, overload

from catalog.protocol import BackupStatus, CatalogEntry
from catalog.raw_path import folder_and_name, path_in
from catalog.search.query import Md5s, Order, Query

Ref = bytes | str
"""One photo, whatever list it is in: the raw absolute path of a file here, or the md5 as 32 hex digits."""


class Where(StrEnum):
    """Where a photo is."""

    HERE = "here"
    REMOTE = "only on the remote"
    ELSEWHERE = "on another device"


class Row(NamedTuple):
    """What the screen knows of one photo.

    Attributes:
        key: its key in the list.
        name: its raw file name; hostile until `shown()` has made it showable.
        path: raw absolute path of a file of it on this device, None if there is none.
        md5: 32 hex digits, None if it is not scanned.
        size: bytes.
        photodate: when it was taken, Unix seconds.
        modified: the file's modified time, Unix seconds.
        width: pixels, as displayed.
        height: pixels, as displayed.
        starred: whether it has a star, or will have one as soon as it is written.
        waiting: whether a star is on its way into the catalog, or out of it.
        backup: how far its backup has come.
        error: what is wrong with the file, one sentence.
        where: here, or somewhere else.
        known: whether the catalog was asked already; until then all but key, name and path is empty.
    """

    key: bytes
    name: bytes
    path: bytes | None
    md5: str | None
    size: int | None = None
    photodate: int | None = None
    modified: int | None = None
    width: int | None = None
    height: int | None = None
    starred: bool = False
    waiting: bool = False
    backup: BackupStatus = BackupStatus.NONE
    error: str | None = None
    where: Where = Where.HERE
    known: bool = False

    @property
    def moment(self) -> int | None:
        """When it was taken, or else changed, Unix seconds."""
        return self.photodate if self.photodate is not None else self.modified


class PackedKeys(Sequence[bytes]):
    """The keys of a query: its md5s in order, 16 bytes each, a million in 16 MB."""

    def __init__(self, md5s: Md5s) -> None:
        self._packed = md5s.packed

    def __len__(self) -> int:
        return len(self._packed) // 16

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self._at(number) for number in range(*index.indices(len(self)))]
        return self._at(range(len(self))[index])

    def __iter__(self) -> Iterator[bytes]:
        return map(self._at, range(len(self)))

    def __contains__(self, key: object) -> bool:
        with suppress(ValueError):
            return isinstance(key, bytes) and self.index(key) >= 0
        return False

    def index(self, value: bytes, start: int = 0, stop: int | None = None) -> int:
        """Return where a key is; a million are looked through in some milliseconds.

        Raises:
            ValueError: it is not there.
        """
        end = (len(self) if stop is None else stop) * 16
        at = self._packed.find(value, start * 16, end)
        while at >= 0 and at % 16:
            at = self._packed.find(value, at + 1, end)
        if at < 0 or len(value) != 16:
            raise ValueError("no such key")
        return at // 16

    def _at(self, number: int) -> bytes:
        return bytes(self._packed[16 * number : 16 * number + 16])


def is_folder(query: Query) -> bool:
    """Tell whether a query's keys are the names of one folder's files, and not md5s.

    What is only on the remote lies in no folder here: such a query is one to the whole catalog.
    """
    return query.folder is not None and not query.recursive and not query.only_remote


def goes_by_stars(query: Query) -> bool:
    """Tell whether stars decide which photos a query finds, or in what order."""
    return query.starred or query.order is Order.STARRED


def place_of(query: Query) -> tuple[object, ...]:
    """Return the folder, or the part of the catalog, that a query's filters and order are about."""
    return (query.folder, query.since, query.until, query.undated)


def ref_of(query: Query, key: bytes) -> Ref:
    """Return the photo that a key names."""
    if query.folder is not None and is_folder(query):
        return path_in(query.folder, key)
    return key.hex()


def key_of(query: Query, ref: Ref) -> bytes | None:
    """Return the key that a photo has in a query's list, if it is in it; None if it cannot be."""
    if isinstance(ref, str):
        return None if is_folder(query) else bytes.fromhex(ref)
    folder, name = folder_and_name(ref)
    return name if is_folder(query) and query.folder == folder else None


def unknown_row(query: Query, key: bytes) -> Row:
    """Return the row of a photo of which only the key is known yet."""
    if query.folder is not None and is_folder(query):
        return Row(key, key, path_in(query.folder, key), None)
    return Row(key, b"", None, key.hex())


def file_row(folder: bytes, name: bytes, photo: CatalogEntry | None) -> Row:
    """Return the row of a file in a folder.

    Args:
        folder: raw path.
        name: the file's.
        photo: what the catalog knows of it, None if nothing.
    """
    path = path_in(folder, name)
    if photo is None:
        return Row(name, name, path, None, known=True)
    return _known_row(name, name, path, photo)


def photo_row(entry: CatalogEntry, folder: bytes) -> Row:
    """Return the row of a photo of a query.

    Args:
        entry: the photo; it has an md5.
        folder: that of its places is shown which lies in this folder, if one does; a raw path.
    """
    assert entry.md5 is not None
    base = path_in(folder, b"")
    path = next((path for path in entry.paths if path.startswith(base)), None)
    path = path or next(iter(entry.paths), None)
    name = path.rpartition(b"/")[2] if path is not None else entry.filename.encode("utf-8", "surrogatepass")
    elsewhere = Where.REMOTE if entry.backup_status is BackupStatus.UPLOADED else Where.ELSEWHERE
    row = _known_row(bytes.fromhex(entry.md5), name, path, entry)
    return row if path is not None else row._replace(where=elsewhere)


def _known_row(key: bytes, name: bytes, path: bytes | None, photo: CatalogEntry) -> Row:
    return Row(
        key,
        name,
        path,
        photo.md5,
        photo.size,
        photo.photodate,
        photo.modified,
        photo.width,
        photo.height,
        starred=photo.starred,
        backup=photo.backup_status,
        error=photo.error,
        known=True,
    )
