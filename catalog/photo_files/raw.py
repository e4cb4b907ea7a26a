"""What a camera's raw file tells without being developed: its EXIF, and the JPEG previews that lie in it.

Most raw files are TIFFs of their maker's own kind, which the EXIF reader reads. Fujifilm's RAF and Canon's
CR3 have containers of their own; their layouts are those that ExifTool and LibRaw describe.
"""

from collections.abc import Iterator
from typing import NamedTuple

from catalog.photo_files.exif import Exif, Read, Tags, TiffReader

RAF_MAGIC = b"FUJIFILMCCD-RAW "
_CR3_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")  # the box that holds Canon's metadata
_MOST_BOXES = 1000
_MOST_EXIF = 1 << 20  # bytes of one CMT box
_BLOCK = 1 << 20  # bytes
_JPEG_START = b"\xff\xd8\xff"


class Box(NamedTuple):
    """One box of an ISO base media file (ISO/IEC 14496-12 section 4.2): HEIF, AVIF, CR3, MP4.

    Attributes:
        kind: its four-character type.
        start: offset of its contents, bytes.
        end: offset where it ends, bytes; it may lie behind the end of the file.
    """

    kind: bytes
    start: int
    end: int


def boxes(read: Read, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes that lie side by side from one offset to another, at most 1000, until one is none."""
    for _ in range(_MOST_BOXES):
        head = read(start, 16)
        if start >= end or len(head) < 8:
            return
        size, header = int.from_bytes(head[:4]), 8
        if size == 1:
            size, header = int.from_bytes(head[8:16]), 16
        elif size == 0:  # to the end
            size = end - start
        if size < header:
            return
        yield Box(head[4:8], start + header, start + size)
        start += size


def raf_jpeg(read: Read) -> int:
    """Return the offset of the JPEG in a RAF, bytes; it holds the photo's EXIF and a preview."""
    return int.from_bytes(read(84, 4))


def cr3_exif(read: Read, size: int) -> Exif:
    """Return what the EXIF of a CR3 says: its directories lie in boxes of their own, CMT1 to CMT4.

    Args:
        read: the file.
        size: of the file, bytes.

    Raises:
        ValueError: the boxes are damaged, or hold no EXIF.
    """
    found = {box.kind: box for box in _canon_boxes(read, size)}
    main, photo, gps = (_directory(read, found.get(kind)) for kind in (b"CMT1", b"CMT2", b"CMT4"))
    if not main:
        raise ValueError("the CR3 holds no EXIF")
    return Exif(photo | main, gps)


def _canon_boxes(read: Read, size: int) -> Iterator[Box]:
    for outer in boxes(read, 0, size):
        if outer.kind == b"moov":
            for box in boxes(read, outer.start, outer.end):
                if box.kind == b"uuid" and read(box.start, 16) == _CR3_UUID:
                    yield from boxes(read, box.start + 16, box.end)


def _directory(read: Read, box: Box | None) -> Tags:
    if box is None:
        return {}
    block = read(box.start, min(box.end - box.start, _MOST_EXIF))
    tiff = TiffReader(lambda offset, length: block[offset : offset + length])
    return tiff.directory(tiff.first)


def jpegs_in(read: Read, size: int) -> Iterator[int]:
    """Yield the offsets at which a JPEG may begin; by chance there are some where none does.

    Whatever the maker, the previews are whole JPEGs somewhere in the file: finding them by their first bytes
    needs no knowledge of ten formats.

    Args:
        read: the file.
        size: of the file, bytes.
    """
    for begin in range(0, size, _BLOCK):
        block = read(begin, _BLOCK + len(_JPEG_START) - 1)
        at = block.find(_JPEG_START)
        while at >= 0:
            yield begin + at
            at = block.find(_JPEG_START, at + 1)
