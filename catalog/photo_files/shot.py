"""How a photo was taken: camera, lens and exposure, read when somebody looks at it."""

import os
from typing import NamedTuple

from catalog.photo_files import exif
from catalog.photo_files.headers import read_header
from catalog.photo_files.photo_file import PhotoFile, open_photo


class Shot(NamedTuple):
    """What a photo's EXIF says of how it was taken; None, or an empty text, is unknown.

    Attributes:
        camera: make and model.
        lens: its model.
        seconds: how long it was exposed.
        aperture: the f-number.
        iso: the sensitivity.
        focal_length: of the lens, mm.
    """

    camera: str = ""
    lens: str = ""
    seconds: float | None = None
    aperture: float | None = None
    iso: int | None = None
    focal_length: float | None = None


def read_shot(path: bytes) -> Shot:
    """Read how a photo was taken; what it does not say, or says in a damaged way, is unknown.

    Args:
        path: the file's raw path; symbolic links are followed.

    Raises:
        OSError: the file cannot be read, or is no regular file.
    """
    descriptor, status = open_photo(path)
    try:
        found = read_header(PhotoFile(descriptor, status.st_size)).exif
    finally:
        os.close(descriptor)
    return shot_of(found) if found is not None else Shot()


def shot_of(found: exif.Exif) -> Shot:
    """Return how a photo was taken, out of its EXIF."""
    return Shot(
        camera=exif.camera(found) or "",
        lens=exif.text(found.tags, exif.LENS),
        seconds=_ratio(found, exif.EXPOSURE_TIME, 86_400),
        aperture=_ratio(found, exif.F_NUMBER, 1000),
        iso=_within(exif.number(found.tags, exif.ISO), 65_534),  # 65,535 stands for more than fits
        focal_length=_ratio(found, exif.FOCAL_LENGTH, 100_000),
    )


def _ratio(found: exif.Exif, tag: int, most: int) -> float | None:
    top, bottom, *_ = *exif.numbers(found.tags, tag), 0, 0
    return top / bottom if bottom and 0 < top / bottom <= most else None


def _within(value: int | None, most: int) -> int | None:
    return value if value is not None and 0 < value <= most else None
