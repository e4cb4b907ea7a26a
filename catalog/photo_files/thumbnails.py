"""The small JPEG of a photo that every device shows where the original is not."""

import io

from PIL import Image

from catalog.photo_files.pillow import reason
from catalog.photo_files.pixels import PixelsUnavailable, thumbnail

PIXELS = 256
MOST_BYTES = 1 << 20  # of a thumbnail that others made; ours have some 10 KB
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


def read_thumbnail(jpeg: bytes) -> Image.Image:
    """Decode a thumbnail, which may come from a remote or a damaged disk.

    Args:
        jpeg: as `thumbnail_jpeg` made it.

    Returns:
        An RGB picture of at most 256 x 256 pixels.

    Raises:
        PixelsUnavailable: this is no thumbnail.
    """
    if len(jpeg) > MOST_BYTES:
        raise PixelsUnavailable("the thumbnail is damaged: it is too large")
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            image.draft("RGB", (PIXELS, PIXELS))
            image.thumbnail((PIXELS, PIXELS))
            return image.convert("RGB")
    except Exception as error:
        raise PixelsUnavailable(f"the thumbnail is damaged: {reason(error)}") from error
