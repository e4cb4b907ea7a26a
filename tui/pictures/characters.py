"""Pictures as characters: half blocks in as many colours as the terminal has, or dots without any."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.palette import Palette
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.strip import Strip

from tui.pictures.wanted import Drawn, Form

if TYPE_CHECKING:
    from PIL import Image

_SEGMENT_BYTES = 600  # a segment of one cell with its style and two colours, measured
_DOTS = ((0, 0, 1), (0, 1, 2), (0, 2, 4), (1, 0, 8), (1, 1, 16), (1, 2, 32), (0, 3, 64), (1, 3, 128))


def characters_for(app: App[Any]) -> Form:
    """Return the best characters for an app's terminal, as its colours are known to Textual."""
    system = app.console.color_system
    if app.no_color or system is None:
        return Braille()
    return HalfBlocks({"truecolor": 0, "256": 256}.get(system, 16))


@dataclass(frozen=True)
class HalfBlocks:
    """Upper half blocks, two pixels a cell: the foreground is the upper pixel, the background the lower.

    Attributes:
        colours: 16 or 256, those of xterm; 0 for all that there are.
    """

    colours: int = 0

    def box(self, columns: int, lines: int) -> tuple[int, int]:
        """See `Form`."""
        return columns, lines * 2

    def draw(self, image: "Image.Image", columns: int, lines: int) -> Drawn:
        """See `Form`."""
        from PIL.Image import Dither

        image.thumbnail(self.box(columns, lines))
        if self.colours:
            # 16 need to be mixed; with 256 the nearest looks better than the noise of a mixture
            dither = Dither.FLOYDSTEINBERG if self.colours == 16 else Dither.NONE
            image = image.quantize(palette=_palette(self.colours), dither=dither).convert("RGB")
        drawn = half_blocks(image)
        return Drawn(drawn, cost=_SEGMENT_BYTES * sum(len(line._segments) for line in drawn))  # noqa: SLF001


def half_blocks(image: "Image.Image") -> list[Strip]:
    """Turn a picture into lines of half blocks.

    Args:
        image: RGB, one pixel a column and two a line.
    """
    width, height = image.size
    pixels = image.tobytes()
    stride = width * 3
    if height % 2:
        pixels += pixels[-stride:]  # the last cell of an odd picture is whole
    lines = []
    for y in range(0, height, 2):
        upper = pixels[y * stride : (y + 1) * stride]
        lower = pixels[(y + 1) * stride : (y + 2) * stride]
        segments: list[Segment] = []
        begin = 0
        for x in range(3, stride + 3, 3):  # runs of one pair of colours become one segment
            pair = (upper[begin : begin + 3], lower[begin : begin + 3])
            if x == stride or (upper[x : x + 3], lower[x : x + 3]) != pair:
                segments.append(
                    Segment("▀" * ((x - begin) // 3), Style.from_color(_colour(pair[0]), _colour(pair[1])))
                )
                begin = x
        lines.append(Strip(segments, width))
    return lines


def _colour(rgb: bytes) -> Color:
    # Color.from_rgb writes each one's name, too, and takes three times as long
    return Color("", ColorType.TRUECOLOR, None, ColorTriplet(*rgb))


@cache
def _palette(colours: int) -> "Image.Image":
    """Return xterm's first colours as a picture that has them for its palette."""
    from PIL import Image
    from rich._palettes import EIGHT_BIT_PALETTE, STANDARD_PALETTE

    known: Palette = EIGHT_BIT_PALETTE if colours == 256 else STANDARD_PALETTE
    # the first 16 of 256 are often not what a theme makes of them
    numbers = range(16, 256) if colours == 256 else range(16)
    picture = Image.new("P", (1, 1))
    picture.putpalette([value for number in numbers for value in known[number]])
    return picture


@dataclass(frozen=True)
class Braille:
    """Dots of braille, eight a cell, light on dark: where there are no colours, or shall be none."""

    def box(self, columns: int, lines: int) -> tuple[int, int]:
        """See `Form`."""
        return columns * 2, lines * 4

    def draw(self, image: "Image.Image", columns: int, lines: int) -> Drawn:
        """See `Form`."""
        image.thumbnail(self.box(columns, lines))
        dots = image.convert("1")  # dithered
        width, height = dots.size
        lit = dots.convert("L").tobytes()
        style = Style.from_color(Color.from_rgb(255, 255, 255), Color.from_rgb(0, 0, 0))
        drawn = []
        for top in range(0, height, 4):
            cells = [
                chr(
                    0x2800
                    + sum(
                        bit
                        for dx, dy, bit in _DOTS
                        if left + dx < width and top + dy < height and lit[(top + dy) * width + left + dx]
                    )
                )
                for left in range(0, width, 2)
            ]
            drawn.append(Strip([Segment("".join(cells), style)], len(cells)))
        return Drawn(drawn, cost=_SEGMENT_BYTES * len(drawn))
