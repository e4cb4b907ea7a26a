"""How one picture comes to be, on a thread of the pool: from the cache, the photo's file, or the remote."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.pictures.loader import Load
from tui.pictures.part import cut_out
from tui.pictures.thumbnail_cache import ThumbnailCache, version_key
from tui.pictures.wanted import Drawn, Loaded, Want

if TYPE_CHECKING:
    from PIL import Image

_LONGEST = 8000  # pixels: what is decoded of a photo that is zoomed in on, some 150 MB

Fetch = Callable[[str], bytes | None]
"""Returns the thumbnail of a photo, by MD5, from the remote; None if there is none there. May raise."""


def picture_load(cache: ThumbnailCache, fetch: Fetch | None) -> Load:
    """Return the function that loads pictures.

    Args:
        cache: of thumbnails.
        fetch: asks the remote; None if none is configured.
    """

    def load(want: Want) -> Loaded:
        from catalog.photo_files.pixels import PixelsUnavailable

        try:
            if want.source.path is None:
                return _far(want, cache, fetch)
            image = _near(want, want.source.path, cache)
            drawn, problem = want.form.draw(image, want.columns, want.lines), ""
        except (PixelsUnavailable, OSError) as error:
            drawn, problem = None, getattr(error, "strerror", None) or str(error)
        return _with_shot(want, drawn, problem)

    return load


def _near(want: Want, path: bytes, cache: ThumbnailCache) -> "Image.Image":
    """Return the picture of a photo that is here.

    Raises:
        PixelsUnavailable: there is nothing that can be shown.
        OSError: the file cannot be read.
    """
    from catalog.photo_files.pixels import thumbnail
    from catalog.photo_files.thumbnails import PIXELS, read_thumbnail, thumbnail_jpeg

    box = want.form.box(want.columns, want.lines)
    if want.part.zoom > 1:
        width, height = (min(side * want.part.zoom, _LONGEST) for side in box)
        return cut_out(thumbnail(path, width, height), want.part, box)
    if max(box) > PIXELS:
        return thumbnail(path, *box)
    md5, version = want.source.md5, version_key(path)
    image = _cached(version, cache) or (_cached(md5, cache) if md5 else None)
    if image is None:
        jpeg = thumbnail_jpeg(path)
        cache.write(md5 or version, jpeg)
        image = read_thumbnail(jpeg)
    return image


def _cached(key: str, cache: ThumbnailCache) -> "Image.Image | None":
    from catalog.photo_files.pixels import PixelsUnavailable
    from catalog.photo_files.thumbnails import read_thumbnail

    jpeg = cache.read(key)
    if jpeg is None:
        return None
    try:
        return read_thumbnail(jpeg)
    except PixelsUnavailable:
        cache.remove(key)
        return None


def _far(want: Want, cache: ThumbnailCache, fetch: Fetch | None) -> Loaded:
    """Return the picture of a photo that is only on the remote.

    Raises:
        PixelsUnavailable: what the remote has for its thumbnail is none.
    """
    from catalog.photo_files.thumbnails import read_thumbnail

    md5 = want.source.md5 or ""
    image = _cached(md5, cache)
    if image is None:
        if fetch is None:
            return Loaded(problem="This photo is not on this device, and no remote is configured.")
        try:
            jpeg = fetch(md5)
        except Exception as error:
            return Loaded(problem=str(error) or type(error).__name__, passing=True)
        if jpeg is None:
            return Loaded(problem="This photo is not on this device, and the remote has no thumbnail of it.")
        image = read_thumbnail(jpeg)
        cache.write(md5, jpeg)
    if want.part.zoom > 1:
        image = cut_out(image, want.part, want.form.box(want.columns, want.lines))
    return Loaded(want.form.draw(image, want.columns, want.lines))


def _with_shot(want: Want, drawn: Drawn | None, problem: str) -> Loaded:
    if not want.with_shot or want.source.path is None:
        return Loaded(drawn, problem)
    from catalog.photo_files.shot import read_shot

    try:
        return Loaded(drawn, problem, read_shot(want.source.path))
    except OSError:
        return Loaded(drawn, problem)
