"""A photo's pixels, small enough for a screen.

Pillow's switch for damaged files, ImageFile.LOAD_TRUNCATED_IMAGES, stays off: it is one for the whole
process, and it hides whether anything was decoded at all. What a failed decoder has left is taken instead.
"""

import io
import os
from contextlib import suppress
from itertools import islice

from PIL import Image, ImageFile

from catalog.photo_files.exif import orientation
from catalog.photo_files.headers import Header, is_heif, jpeg_header, read_header
from catalog.photo_files.photo_file import PhotoFile, open_photo
from catalog.photo_files.photo_names import RAW_SUFFIXES, suffix_of
from catalog.photo_files.pillow import open_image, reason
from catalog.photo_files.raw import RAF_MAGIC, jpegs_in

_MOST_PIXELS = 200_000_000  # decoded at once: up to 800 MB
_MOST_JPEG = 1 << 26  # bytes of a JPEG that is cut off, or lies in a raw file
_MOST_PREVIEWS = 64  # places in a raw file that look like one
_BACKGROUND = (128, 128, 128)  # behind what is transparent: dark and light drawings both show on it
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PixelsUnavailable(Exception):  # noqa: N818 - for many raw files it is no error
    """A photo's pixels cannot be shown; the text is one sentence that says why."""


def thumbnail(path: bytes, max_width: int, max_height: int) -> Image.Image:
    """Decode a photo, no larger than asked for.

    A damaged photo gives what can be decoded of it. Any number of threads may decode at once.

    Args:
        path: the file's raw path; symbolic links are followed.
        max_width: pixels, at least 1.
        max_height: pixels, at least 1.

    Returns:
        An RGB picture, turned upright, with the photo's proportions: the first one of several, a raw file's
        own preview, gray where it is transparent.

    Raises:
        PixelsUnavailable: there is nothing that can be shown.
        OSError: the file cannot be read, or is no regular file.
    """
    descriptor, status = open_photo(path)
    try:
        file = PhotoFile(descriptor, status.st_size)
        header = read_header(file)
        box = max(max_width, 1), max(max_height, 1)
        try:
            # a raw file may be a TIFF of which Pillow would show the smallest preview
            raw = suffix_of(path) in RAW_SUFFIXES or file.at(0, 16) == RAF_MAGIC
            image = _preview(file, header, box) if raw else _picture(file, header, box)
        except ValueError as error:
            sentence = header.error or f"the picture cannot be decoded: {error}"
            raise PixelsUnavailable(sentence) from error
    finally:
        os.close(descriptor)
    return image


def _picture(file: PhotoFile, header: Header, box: tuple[int, int]) -> Image.Image:
    head = file.at(0, 32)
    stream = file.stream()
    if header.error and head.startswith(b"\xff\xd8"):
        # with an end marker put behind it, libjpeg gives what there is of a progressive JPEG too
        stream = io.BytesIO(file.at(0, _MOST_JPEG) + b"\xff\xd9")
    with open_image(stream, heif=is_heif(head)) as image:
        # of the formats that EXIF can turn, Pillow itself turns TIFF
        return _shrunk(image, box, 1 if image.format == "TIFF" else orientation(header.exif))


def _preview(file: PhotoFile, header: Header, box: tuple[int, int]) -> Image.Image:
    """Return the first preview in a raw file that is large enough, or else the largest."""
    needed = box[::-1] if orientation(header.exif) >= 5 else box
    smaller: list[tuple[int, int]] = []
    for offset in islice(jpegs_in(file.at, file.size), _MOST_PREVIEWS):
        with suppress(ValueError):
            found = jpeg_header(file, offset)
            width, height = found.width or 0, found.height or 0
            if width >= needed[0] or height >= needed[1]:
                return _preview_at(file, offset, header, box)
            smaller.append((width * height, offset))
    for _, offset in sorted(smaller, reverse=True):
        with suppress(ValueError):
            return _preview_at(file, offset, header, box)
    return _picture(file, header, box)


def _preview_at(file: PhotoFile, offset: int, header: Header, box: tuple[int, int]) -> Image.Image:
    with open_image(io.BytesIO(file.at(offset, _MOST_JPEG))) as image:
        return _shrunk(image, box, orientation(header.exif))


def _shrunk(image: ImageFile.ImageFile, box: tuple[int, int], turn: int) -> Image.Image:
    """Decode a picture into a box, turned upright.

    Raises:
        ValueError: it cannot be decoded; the text is a short reason for people.
    """
    try:
        return _decoded(image, box[::-1] if turn >= 5 else box, turn)
    except Exception as error:
        raise ValueError(reason(error)) from error


def _decoded(image: ImageFile.ImageFile, box: tuple[int, int], turn: int) -> Image.Image:
    image.draft("RGB", box)  # a JPEG can be decoded at an eighth of its size, a HEIC may hold a small one
    if image.width * image.height > _MOST_PIXELS:
        raise ValueError(f"{image.width} x {image.height} pixels are too many")
    try:
        image.load()
    except Exception as error:
        image.tile = []  # what has been decoded so far is all there is
        if image.getbbox() is None:
            raise ValueError(reason(error)) from error
    small = _rgb(image, box)
    return small.transpose(_TURNS[turn]) if turn in _TURNS else small


def _rgb(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    """Return a loaded picture of any mode as RGB that fits into a box."""
    clear = image.has_transparency_data
    if image.mode in ("RGB", "L") and not clear:
        image.thumbnail(box)  # before it is copied
    if image.mode[0] in "IF":
        image = _eight_bits(image)
    image = image.convert("RGBA" if clear else "RGB")
    image.thumbnail(box)
    if clear:
        background = Image.new("RGB", image.size, _BACKGROUND)
        background.paste(image, mask=image.getchannel("A"))
        return background
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return a gray picture of 16 or 32 bits with 8; what has no fixed white gets it from its brightest."""
    numbers = image if image.mode == "F" else image.convert("I").convert("F")
    scale = 255 / 65535
    if not image.mode.startswith("I;16"):
        peak = numbers.getextrema()[1]
        scale = 255 / peak if isinstance(peak, float) and peak > 0 else 1.0
    return numbers.point(lambda value: value * scale + 0).convert("L")
