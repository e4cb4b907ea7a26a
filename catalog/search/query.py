"""What may be asked of the photos that a catalog knows: filters, an order, and a place to go on from.

Imports no ORM, so that a screen can ask before its first paint.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import NamedTuple, overload

from catalog.protocol import BackupStatus

_TOGETHER = 1000  # md5s to be packed at once


class Order(StrEnum):
    """In which order photos come. What is unknown comes last, either way; of equals the lower md5 is first.

    STARRED is the photos with a star, then those without, each by date.
    """

    MD5 = "md5"
    DATE = "date"
    NAME = "name"
    SIZE = "size"
    STARRED = "starred"


@dataclass(frozen=True)
class Query:
    """Which photos, and in which order. Tombstones are never among them.

    Attributes:
        folder: only what lies in this folder now, an absolute raw path.
        recursive: with all folders below it.
        name: only names that hold this; letters of ASCII match in either case.
        since: taken at or after this, Unix seconds. A photo without a date matches neither bound.
        until: taken before this, Unix seconds.
        camera: as the photo's EXIF names it, whole.
        starred: only photos with a star.
        backup: only those whose backup has come this far.
        duplicates: only photos that lie in several places on this device.
        only_remote: only photos that are safe in the bucket and lie nowhere on this device.
        undated: only photos of which nobody knows when they were taken.
        not_backed_up: only photos whose original is not known to be in the bucket.
        conflicts: only photos with an open conflict.
        damaged: only photos of whose file a scan here has said what is wrong.
        order: how they are sorted.
        reverse: from the other end; what is unknown stays last, and the higher md5 is first.
    """

    folder: bytes | None = None
    recursive: bool = True
    name: str = ""
    since: int | None = None
    until: int | None = None
    camera: str | None = None
    starred: bool = False
    backup: BackupStatus | None = None
    duplicates: bool = False
    only_remote: bool = False
    undated: bool = False
    not_backed_up: bool = False
    conflicts: bool = False
    damaged: bool = False
    order: Order = Order.MD5
    reverse: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether anything but a folder narrows it."""
        return self != Query(self.folder, self.recursive, order=self.order, reverse=self.reverse)


class Cursor(NamedTuple):
    """A place in an order, between two photos: opaque, and good for as long as query and order are the same.

    Photos that come or go meanwhile move nothing else over it.
    """

    segment: int
    key: int | str
    md5: str


class Md5s(Sequence[str]):
    """Many md5s in order, in 16 bytes each.

    Attributes:
        packed: all of them, one after the other.
    """

    def __init__(self, md5s: Iterable[str] = ()) -> None:
        """Pack them.

        Args:
            md5s: 32 hex digits each.
        """
        self.packed = bytearray()
        rest = iter(md5s)
        while some := "".join(islice(rest, _TOGETHER)):
            self.packed += bytes.fromhex(some)

    def __len__(self) -> int:
        return len(self.packed) // 16

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._at(number) for number in range(*index.indices(len(self)))]
        return self._at(range(len(self))[index])

    def __iter__(self) -> Iterator[str]:
        return map(self._at, range(len(self)))

    def _at(self, number: int) -> str:
        return self.packed[16 * number : 16 * number + 16].hex()
