"""Photos as pixels on a screen: in few colours of their own, quickly, and not tiny if they are small."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_MOST_ENLARGED = 4  # times; half blocks enlarge ten times, but a picture that is only blurred shows no more


def enlarging(size: tuple[int, int], box: tuple[int, int]) -> float:
    """Return how many times a picture may be enlarged, so that a small one is not lost in its box."""
    return max(1.0, min(_MOST_ENLARGED, box[0] / size[0], box[1] / size[1]))


def fewer_colours(image: "Image.Image", colours: int) -> "Image.Image":
    """Return an RGB picture with a palette of at most so many colours, dithered.

    Pillow's usual method, the median cut, chooses hardly better ones, and takes thirty times as long.
    """
    from PIL.Image import Quantize

    return image.quantize(palette=image.quantize(colours, Quantize.FASTOCTREE))
