"""The part of a photo that is on the screen: all of it, or a piece of it zoomed in on."""

from math import ceil
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from PIL import Image

_MOST = 32  # times; so many show the pixels of a camera's photo in half blocks


class Part(NamedTuple):
    """A part of a photo; by itself all of it.

    Attributes:
        zoom: how many times as large it is shown as if all of the photo were: a power of two.
        x: where its middle is, from 0 at the photo's left edge to 1 at its right one.
        y: the same, from its upper edge to its lower one.
    """

    zoom: int = 1
    x: float = 0.5
    y: float = 0.5

    def zoomed(self, by: int) -> Self:
        """Return the part with the same middle, by so many steps nearer, or farther if negative."""
        zoom = self.zoom << by if by > 0 else self.zoom >> -by
        return self._replace(zoom=min(max(zoom, 1), _MOST)).panned(0, 0)

    def panned(self, right: int, down: int) -> Self:
        """Return the part beside it; half of it is still seen. It ends at the photo's edges."""
        half = 0.5 / self.zoom
        x, y = (min(max(at, half), 1 - half) for at in (self.x + right * half, self.y + down * half))
        return self._replace(x=x, y=y)


def cut_out(image: "Image.Image", part: Part, box: tuple[int, int]) -> "Image.Image":
    """Cut a part out of a photo, as large as fits into a box.

    Args:
        image: the photo, of any size.
        part: which part of it.
        box: pixels (width, height).
    """
    scale = part.zoom * min(box[0] / image.width, box[1] / image.height)
    width, height = (min(own, ceil(most / scale)) for own, most in zip(image.size, box, strict=True))
    left = min(max(round(part.x * image.width - width / 2), 0), image.width - width)
    top = min(max(round(part.y * image.height - height / 2), 0), image.height - height)
    size = min(box[0], max(1, round(width * scale))), min(box[1], max(1, round(height * scale)))
    return image.crop((left, top, left + width, top + height)).resize(size)
