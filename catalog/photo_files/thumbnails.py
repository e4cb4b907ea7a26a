"""The small JPEG of a photo that every device shows where the original is not."""

import io

from catalog.photo_files.pixels import thumbnail

PIXELS = 256
_QUALITY = 80


def thumbnail_jpeg(path: bytes) -> bytes:
    """Draw a photo as a JPEG of at most 256 x 256 pixels, upright and without metadata.

    Args:
        path: the file's raw path.

    Raises:
        PixelsUnavailable: there is nothing that can be shown.
        OSError: the file cannot be read.
    """
    made = io.BytesIO()
    thumbnail(path, PIXELS, PIXELS).save(made, "JPEG", quality=_QUALITY, optimize=True)
    return made.getvalue()
