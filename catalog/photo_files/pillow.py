"""Pillow, set up once for a process that opens strangers' files on several threads."""

import ctypes
import logging
import warnings
from contextlib import suppress
from functools import cache
from typing import BinaryIO

from PIL import (  # loading a plugin registers it; done here, so that no two threads do it at once
    AvifImagePlugin,  # noqa: F401
    BmpImagePlugin,  # noqa: F401
    GifImagePlugin,  # noqa: F401
    Image,
    ImageFile,
    JpegImagePlugin,  # noqa: F401
    MpoImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
    _imaging,
)

MOST_PIXELS = 1_000_000_000  # a header that claims more is not believed

# Only what photos come in: the other plugins know 30 more formats, one of them by way of Ghostscript.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")

# Pillow warns from its bound on and refuses at twice as much; its own bound is below today's panoramas.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
# What Pillow warns of, the photo's `error` says. Set here, once: catch_warnings is not for threads.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
logging.getLogger("PIL").addHandler(logging.NullHandler())  # or errors would be printed
# libtiff writes its complaints to file descriptor 2, which is the user's screen.
with suppress(OSError, AttributeError):
    _libraries = ctypes.CDLL(_imaging.__file__)
    _libraries.TIFFSetErrorHandler(None)
    _libraries.TIFFSetWarningHandler(None)


@cache
def has_heif() -> bool:
    """Tell whether HEIC pictures can be opened: that is an extra, loaded when the first one is met."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def open_image(stream: BinaryIO, *, heif: bool = False) -> ImageFile.ImageFile:
    """Open a picture, so that its size and EXIF are known and its pixels can be loaded.

    Args:
        stream: the whole file.
        heif: whether it is a HEIC; `has_heif` has been asked.

    Raises:
        ValueError: it cannot be opened; the text is a short reason for people.
    """
    try:
        image = Image.open(stream, formats=("HEIF",) if heif else _FORMATS)
    except UnidentifiedImageError:
        raise ValueError("it breaks the rules of its format") from None
    except Image.DecompressionBombError:
        raise ValueError("it claims more pixels than any picture has") from None
    except Exception as error:
        raise ValueError(reason(error)) from error
    return image


def reason(error: Exception) -> str:
    """Return what Pillow says of an error, as one short line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:120]
