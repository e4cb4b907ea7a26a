"""What the header of a picture says, and whether its file goes on to its end, without decoding a pixel."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from catalog.photo_files import exif as tag
from catalog.photo_files.exif import Exif, Tags, TiffReader, exif_of, number, numbers
from catalog.photo_files.photo_file import PhotoFile
from catalog.photo_files.pillow import MOST_PIXELS, has_heif, open_image
from catalog.photo_files.raw import RAF_MAGIC, boxes, cr3_exif, raf_jpeg

NEEDS_HEIF = "HEIC needs the extra: pip install 'photolala[heif]'"
_NO_SIZE = "it does not say how large the picture is"

_TAKEN_AS_A_WHOLE = ("WEBP", "HEIF", "AVIF")  # into memory, by their libraries
_MOST_IN_MEMORY = 1 << 28  # bytes
_MOST_SEGMENTS = 2000  # of a JPEG; depth maps and panoramas come in hundreds of them
_MOST_JUNK, _JUNK_BLOCK = 100, 4096  # stretches before a JPEG's marker, and bytes looked at together
_MOST_IMAGES = 16  # of a TIFF that are looked at
_KNOWN_BOXES = frozenset({b"ftyp", b"meta", b"moov", b"mdat"})  # others may be remarks of other programs
_AVIF = frozenset({b"avif", b"avis"})
_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
_GIF_TRAILER_WITHIN = 4096  # bytes of the end; some programs write remarks behind it

_SOS, _EOI, _APP1, _END_OF_FILE = 0xDA, 0xD9, 0xE1, 0
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15: the size is here
_WITHOUT_LENGTH = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})


class Header(NamedTuple):
    """What one header says.

    Attributes:
        width: pixels, before EXIF orientation; None if unknown.
        height: pixels, before EXIF orientation; None if unknown.
        exif: the tags; None if there are none.
        error: what is wrong with the file, one sentence; None if nothing is.
    """

    width: int | None = None
    height: int | None = None
    exif: Exif | None = None
    error: str | None = None


def read_header(file: PhotoFile) -> Header:
    """Read the header of a picture, of whatever format its first bytes show; its name is not asked.

    Returns:
        As much as the header tells. Damage is told by `error`, never raised.

    Raises:
        OSError: the file cannot be read any more.
    """
    head = file.at(0, 32)
    if not head:
        return Header(error="empty: the file holds no bytes")
    try:
        header = _reader(head)(file)
    except ValueError as error:
        return Header(error=f"the picture's header is damaged: {error}")
    if (header.width or 0) * (header.height or 0) > MOST_PIXELS:
        claim = f"it claims {header.width} x {header.height} pixels"
        return header._replace(error=f"the picture's header is damaged: {claim}")
    return header


def is_heif(head: bytes) -> bool:
    """Tell from a file's first 32 bytes whether it is a HEIC, which needs a library of its own."""
    brands = _brands(head)
    return bool(brands & _HEIF) and not brands & _AVIF


def _brands(head: bytes) -> set[bytes]:
    """Return the brands that an ISO base media file names itself (ISO/IEC 14496-12 section 4.3)."""
    return {head[at : at + 4] for at in (8, 16, 20, 24, 28)} if head[4:8] == b"ftyp" else set()


def _reader(head: bytes) -> Callable[[PhotoFile], Header]:
    """Return the function that reads files with these first bytes."""
    if head.startswith(b"\xff\xd8\xff"):
        return jpeg_header
    if head.startswith((b"II*\0", b"MM\0*", b"IIU\0", b"IIRO", b"IIRS", b"MMOR")):
        return _tiff  # and every raw format that is one; the last four are Panasonic's and Olympus's
    if head.startswith((b"BM", b"II+\0", b"MM\0+")):
        return partial(_by_library, kind="BMP" if head.startswith(b"BM") else "TIFF")
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return partial(_by_library, kind="PNG")
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _gif
    if head.startswith(RAF_MAGIC):
        return lambda file: jpeg_header(file, raf_jpeg(file.at))
    if head.startswith(b"RIFF"):
        webp = partial(_by_library, kind="WEBP")
        return webp if head[8:12] == b"WEBP" else _not_a_picture("this is an AVI film or a sound")
    return _media(head) if head[4:8] == b"ftyp" else _not_a_picture("its first bytes are those of no picture")


def _media(head: bytes) -> Callable[[PhotoFile], Header]:
    """Return the function that reads ISO base media files with these first bytes."""
    brands = _brands(head)
    if b"crx " in brands:
        return _cr3
    if brands & _AVIF:
        return partial(_by_library, kind="AVIF")
    if brands & _HEIF:
        return partial(_by_library, kind="HEIF")
    return _not_a_picture("this is an MP4 film")


def _not_a_picture(why: str) -> Callable[[PhotoFile], Header]:
    return lambda _: Header(error=f"not a picture that we can read: {why}")


def jpeg_header(file: PhotoFile, start: int = 0) -> Header:
    """Walk the segments of a JPEG (ITU T.81 annex B) up to its pixels, and look for its end.

    Pillow does this too, but takes seven times as long.

    Args:
        file: holds the JPEG.
        start: offset at which it begins, bytes.

    Raises:
        ValueError: the header is damaged; the text says in what way.
    """
    width = height = exif = None
    at = start + 2
    for _ in range(_MOST_SEGMENTS):
        marker, at = _marker(file, at)
        if marker in (_END_OF_FILE, _EOI):
            return Header(width, height, exif, "cut off: the JPEG ends inside its header")
        length = int.from_bytes(file.at(at, 2))
        if length < 2:
            raise ValueError("a part of it has an impossible length")
        if marker == _APP1 and exif is None and file.at(at + 2, 6) == b"Exif\0\0":
            exif = exif_of(file.at(at + 8, length - 8))
        elif marker in _FRAMES and width is None:
            size = file.at(at + 3, 4)
            height, width = int.from_bytes(size[:2]), int.from_bytes(size[2:])
        elif marker == _SOS:
            break
        at += length
    if not width or not height:
        raise ValueError(_NO_SIZE)
    # behind it may be anything: padding, more pictures (MPF), a film; inside the pixels it cannot stand
    ends = file.holds(b"\xff\xd9", at)
    return Header(width, height, exif, None if ends else "cut off: the JPEG ends without its end marker")


def _marker(file: PhotoFile, at: int) -> tuple[int, int]:
    """Return the next marker of a JPEG that has a length, or its end, and the offset behind the marker.

    Bytes that do not belong there are skipped, as libjpeg does; many phones leave some.
    """
    for _ in range(_MOST_JUNK):
        block = file.at(at, 2)
        if len(block) < 2:
            break
        if block[0] != 0xFF:
            junk = file.at(at, _JUNK_BLOCK)
            at += max(junk.find(b"\xff"), 0) or len(junk)
        elif block[1] == 0xFF:  # any number of them may stand before a marker
            fill = file.at(at, _JUNK_BLOCK)
            at += max(len(fill) - len(fill.lstrip(b"\xff")) - 1, 1)
        elif block[1] in _WITHOUT_LENGTH:
            at += 2
        else:
            return block[1], at + 2
    return _END_OF_FILE, at


def _tiff(file: PhotoFile) -> Header:
    """Read the directories of a TIFF, or of a raw file that is one."""
    tiff = TiffReader(file.at)
    if tiff.first >= file.size:
        return Header(error="cut off: the TIFF ends before its directory")
    exif = tiff.exif()
    sizes = [_size(exif.tags)]
    sizes += [_size(tiff.directory(place)) for place in numbers(exif.tags, tag.SUB_IFDS)[:_MOST_IMAGES]]
    width, height = max(sizes, key=lambda size: size[0] * size[1])  # a raw file's others are previews
    if not width or not height:
        raise ValueError(_NO_SIZE)
    error = None
    if file.at(2, 1) != b"U":  # Panasonic points past the end on purpose
        if _pixels_end(exif.tags) > file.size:
            error = "cut off: the TIFF ends before its last pixels"
        elif tiff.reach(tiff.first) > file.size:
            error = "the picture's header is damaged: it points past the end of the file"
    return Header(width, height, exif, error)


def _size(tags: Tags) -> tuple[int, int]:
    """Return the width and height that a TIFF directory or an Exif directory tells, or zeros."""
    top, left, bottom, right = (number(tags, border) or 0 for border in tag.RW2_BORDERS)
    width = number(tags, tag.WIDTH) or right - left or number(tags, tag.PIXEL_X) or 0
    height = number(tags, tag.HEIGHT) or bottom - top or number(tags, tag.PIXEL_Y) or 0
    return max(width, 0), max(height, 0)


def _pixels_end(tags: Tags) -> int:
    strips = zip(numbers(tags, tag.STRIP_OFFSETS), numbers(tags, tag.STRIP_SIZES), strict=False)
    tiles = zip(numbers(tags, tag.TILE_OFFSETS), numbers(tags, tag.TILE_SIZES), strict=False)
    return max((offset + size for parts in (strips, tiles) for offset, size in parts), default=0)


def _cr3(file: PhotoFile) -> Header:
    exif = cr3_exif(file.at, file.size)
    return Header(*_size(exif.tags), exif, _cut_off(file, "CR3"))


def _gif(file: PhotoFile) -> Header:
    """Read a GIF's logical screen (GIF89a section 18); Pillow would fill one of its size with a color."""
    size = file.at(6, 4)
    width, height = int.from_bytes(size[:2], "little"), int.from_bytes(size[2:], "little")
    if not width or not height:
        raise ValueError(_NO_SIZE)
    return Header(width, height, error=_cut_off(file, "GIF"))


def _by_library(file: PhotoFile, kind: str) -> Header:
    """Let Pillow open the picture, which reads its header only."""
    if kind == "HEIF" and not has_heif():
        return Header(error=NEEDS_HEIF)
    if kind in _TAKEN_AS_A_WHOLE and file.size > _MOST_IN_MEMORY:
        return Header(error=f"larger than a {kind} should be: more than 256 MiB")
    error = _cut_off(file, kind)
    try:
        with open_image(file.stream(), heif=kind == "HEIF") as image:
            width, height = image.size
            block = image.info.get("exif")
    except ValueError:
        if error:
            return Header(error=error)
        raise
    return Header(width, height, exif_of(block) if block else None, error)


def _cut_off(file: PhotoFile, kind: str) -> str | None:
    """Return a sentence if a file does not go on to the end that its format promises."""
    if kind == "PNG":
        whole = file.holds(b"IEND\xae\x42\x60\x82", 8)
    elif kind == "GIF":  # some good ones have remarks behind the trailer, or end with a block and no trailer
        whole = file.holds(b"\0;", file.size - _GIF_TRAILER_WITHIN) or file.at(file.size - 1, 1) == b"\0"
    elif kind == "WEBP":
        whole = int.from_bytes(file.at(4, 4), "little") + 8 <= file.size + 1  # the last byte may be padding
    elif kind in ("HEIF", "AVIF", "CR3"):
        ends = (box.end for box in boxes(file.at, 0, file.size) if box.kind in _KNOWN_BOXES)
        whole = max(ends, default=0) <= file.size
    else:
        whole = True
    return None if whole else f"cut off: the {kind} ends too early"
