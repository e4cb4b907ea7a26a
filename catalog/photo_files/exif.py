"""The few EXIF tags that a catalog wants, read from bytes that may lie.

EXIF is a TIFF structure: TIFF 6.0 section 2, with the tags of CIPA DC-008 (EXIF 2.32) section 4.6. Pillow
reads it too, but takes many times as long, and tells of damage through the process-wide `warnings`.
"""

import re
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

Read = Callable[[int, int], bytes]
"""Returns the bytes at (offset, length); fewer, or none, where there are none."""

Tags = dict[int, bytes | tuple[int, ...]]
"""Tag -> text and other bytes as they stand, or numbers; a rational is two numbers."""

WIDTH, HEIGHT = 0x0100, 0x0101
STRIP_OFFSETS, STRIP_SIZES, TILE_OFFSETS, TILE_SIZES = 0x0111, 0x0117, 0x0144, 0x0145
SUBFILE_TYPE, SUB_IFDS, EXIF_IFD, GPS_IFD = 0x00FE, 0x014A, 0x8769, 0x8825
PIXEL_X, PIXEL_Y = 0xA002, 0xA003
EXPOSURE_TIME, F_NUMBER, ISO, FOCAL_LENGTH, LENS = 0x829A, 0x829D, 0x8827, 0x920A, 0xA434
RW2_BORDERS = (4, 5, 6, 7)  # Panasonic's top, left, bottom, right, in the place of WIDTH and HEIGHT
_MAKE, _MODEL, _ORIENTATION = 0x010F, 0x0110, 0x0112
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4

# what date_source says, the tag of the date, the tag of its offset from UTC; the best one first
_DATES = (("original", 0x9003, 0x9011), ("digitized", 0x9004, 0x9012), ("datetime", 0x0132, 0x9010))
_DATE = re.compile(rb"\s*(\d{4})[:/.-]([ \d]\d)[:/.-]([ \d]\d)[ T]([ \d]\d):([ \d]\d)(?::([ \d]\d))?")
_OFFSET = re.compile(rb"\s*(?:Z|([+-])(\d\d):?(\d\d))")
_MOST_OFFSET = timedelta(hours=14)  # Kiribati's
_YEARS = range(1826, 2101)  # from the oldest photograph that is left

_WANTED = frozenset(
    {
        *(WIDTH, HEIGHT, STRIP_OFFSETS, STRIP_SIZES, TILE_OFFSETS, TILE_SIZES),
        *(SUBFILE_TYPE, SUB_IFDS, EXIF_IFD, GPS_IFD, PIXEL_X, PIXEL_Y, *RW2_BORDERS),
        *(EXPOSURE_TIME, F_NUMBER, ISO, FOCAL_LENGTH, LENS),
        *(_MAKE, _MODEL, _ORIENTATION, _LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE),
        *(tag for _, *tags in _DATES for tag in tags),
    }
)
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}  # bytes a value
_NUMBERS = {3: "H", 4: "I", 5: "I", 8: "h", 9: "i", 10: "i", 13: "I"}
_FIRST_PRIVATE = 0x8000  # tags from here on are not TIFF's own
_MOST_ENTRIES = 1000  # of one directory
_MOST_BYTES = 1 << 18  # of one value: the offsets of 65,536 strips
_MOST_CHARACTERS = 100  # of a camera's name


class Exif(NamedTuple):
    """What one photo's EXIF says: the tags of its main and its Exif directory, and of its GPS directory."""

    tags: Tags
    gps: Tags


class TiffReader:
    """Reads the directories of one TIFF structure.

    Attributes:
        first: offset of the main directory, bytes.
    """

    def __init__(self, read: Read) -> None:
        """Read the header: the byte order, which is "II" or "MM", and where the main directory is.

        Raises:
            ValueError: this is no TIFF structure.
        """
        head = read(0, 8)
        self._order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        if not self._order or len(head) < 8:
            raise ValueError("no TIFF header")
        self._read = read
        (self.first,) = self._numbers("I", head[4:])

    def directory(self, offset: int) -> Tags:
        """Return the wanted tags of the directory at an offset; none where there is no directory."""
        tags: Tags = {}
        for tag, kind, count, value in self._entries(offset):
            if tag in _WANTED and kind in _SIZES:
                tags.setdefault(tag, self._value(kind, count, value))
        return tags

    def reach(self, offset: int) -> int:
        """Return where the last value of TIFF's own tags ends, as the directory at an offset claims."""
        ends = [offset]
        for tag, kind, count, value in self._entries(offset):
            size = _SIZES.get(kind, 0) * count
            if size > 4 and tag < _FIRST_PRIVATE:
                ends.append(self._numbers("I", value)[0] + size)
        return max(ends)

    def exif(self) -> Exif:
        """Return the tags of the main directory and of those that it points to."""
        tags = self.directory(self.first)
        gps = {} if (place := number(tags, GPS_IFD)) is None else self.directory(place)
        more = {} if (place := number(tags, EXIF_IFD)) is None else self.directory(place)
        return Exif(more | tags, gps)

    def _entries(self, offset: int) -> list[tuple[int, int, int, bytes]]:
        count = sum(self._numbers("H", self._read(offset, 2)))
        block = self._read(offset + 2, min(count, _MOST_ENTRIES) * 12)
        return list(struct.iter_unpack(self._order + "HHI4s", block[: len(block) // 12 * 12]))

    def _value(self, kind: int, count: int, value: bytes) -> bytes | tuple[int, ...]:
        size = _SIZES[kind] * count
        data = value[:size] if size <= 4 else self._read(self._numbers("I", value)[0], min(size, _MOST_BYTES))
        return self._numbers(_NUMBERS[kind], data) if kind in _NUMBERS else data

    def _numbers(self, code: str, data: bytes) -> tuple[int, ...]:
        count = len(data) // (4 if code in "Ii" else 2)
        return struct.unpack_from(f"{self._order}{count}{code}", data)


def exif_of(block: bytes) -> Exif | None:
    """Return what an EXIF block says, or None if it is none.

    Args:
        block: as it stands in a JPEG's APP1, a PNG's eXIf, a WebP's EXIF or a HEIF's Exif item.
    """
    block = block[6:] if block.startswith(b"Exif\0\0") else block
    with suppress(ValueError):
        return TiffReader(lambda offset, length: block[offset : offset + length]).exif()
    return None


def numbers(tags: Tags, tag: int) -> tuple[int, ...]:
    """Return a tag's numbers; none if it is not there or is text."""
    value = tags.get(tag, ())
    return () if isinstance(value, bytes) else value


def number(tags: Tags, tag: int) -> int | None:
    """Return a tag's first number, or None."""
    return next(iter(numbers(tags, tag)), None)


def orientation(exif: Exif | None) -> int:
    """Return the EXIF orientation, 1 to 8; 1, upright, if it is not known."""
    value = number(exif.tags, _ORIENTATION) if exif else None
    return value if value and 1 <= value <= 8 else 1


def camera(exif: Exif) -> str | None:
    """Return make and model as one clean name of at most 100 characters, or None.

    A maker that the model names again is not said twice: NIKON CORPORATION's NIKON D100 is a NIKON D100.
    """
    make, model = text(exif.tags, _MAKE), text(exif.tags, _MODEL)
    brand = make.casefold().split(" ")[0]
    again = model.casefold().split(" ")[0] == brand
    return " ".join(filter(None, ("" if again else make, model)))[:_MOST_CHARACTERS] or None


def text(tags: Tags, tag: int) -> str:
    """Return a tag's text on one line, of at most 100 characters; empty if it is not there or has none."""
    value = tags.get(tag, b"")
    if not isinstance(value, bytes):
        return ""
    read = value[:1000].partition(b"\0")[0].decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in read).split())[:_MOST_CHARACTERS]


def taken(exif: Exif) -> tuple[int, str] | None:
    """Return when the photo was taken and which tag says so, or None if no tag says anything sensible.

    Returns:
        Unix seconds, and "original", "digitized" or "datetime". A date without an offset from UTC is taken
        as local time on this machine.
    """
    for source, tag, offset_tag in _DATES:
        seconds = _seconds(exif.tags.get(tag), exif.tags.get(offset_tag))
        if seconds is not None:
            return seconds, source
    return None


def _seconds(said: bytes | tuple[int, ...] | None, offset: bytes | tuple[int, ...] | None) -> int | None:
    found = _DATE.match(said) if isinstance(said, bytes) else None
    if not found:
        return None
    # OverflowError: local times that the C library's mktime does not know
    with suppress(ValueError, OverflowError):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        date = datetime(year, month, day, hour, minute, second, tzinfo=_zone(offset))
        if date.year in _YEARS:
            local = (*date.timetuple()[:8], -1)  # -1: summer time or not, as the rules of that day were
            return int(date.timestamp() if date.tzinfo else time.mktime(local))
    return None


def _zone(offset: bytes | tuple[int, ...] | None) -> timezone | None:
    found = _OFFSET.match(offset) if isinstance(offset, bytes) else None
    if not found:
        return None
    sign, hours, minutes = found.groups()
    east = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if east > _MOST_OFFSET:
        return None
    return timezone(-east if sign == b"-" else east)


def place(exif: Exif) -> tuple[float, float] | None:
    """Return latitude and longitude in degrees, north and east positive; None if unknown or impossible."""
    latitude = _degrees(exif.gps, _LATITUDE, _LATITUDE_REF, b"NS", 90)
    longitude = _degrees(exif.gps, _LONGITUDE, _LONGITUDE_REF, b"EW", 180)
    # 0 N 0 E lies in the sea: it is what receivers write that have no fix
    if latitude is None or longitude is None or not (latitude or longitude):
        return None
    return latitude, longitude


def _degrees(gps: Tags, tag: int, reference_tag: int, signs: bytes, limit: int) -> float | None:
    values = numbers(gps, tag)
    reference = gps.get(reference_tag)
    parts = list(zip(values[0:6:2], values[1:6:2], strict=False))
    if not parts or not isinstance(reference, bytes) or reference[:1] not in (signs[:1], signs[1:]):
        return None
    # a receiver that gives no seconds may write them as 0/0
    if parts[0][1] == 0 or any(bottom == 0 and top for top, bottom in parts):
        return None
    degrees = 0.0
    for power, (top, bottom) in enumerate(parts):
        degrees += top / bottom / 60.0**power if bottom else 0.0
    if not 0 <= degrees <= limit:
        return None
    return round(-degrees if reference[:1] == signs[1:] else degrees, 7)
