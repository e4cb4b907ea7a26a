"""Sixel: a picture drawn by the terminal over its cells, where the cursor is.

DEC's VT330/VT340 Programmer Reference, volume 2, chapter 14. Text that is painted over a picture wipes it, so
whoever shows one paints the cells beneath first, and draws the picture again whenever they were painted.
A picture covers whole cells: what one leaves of a cell, terminals fill with a colour of their own.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from tui.pictures.pixels import enlarging, fewer_colours
from tui.pictures.wanted import Drawn

if TYPE_CHECKING:
    from PIL import Image

_COLOURS = 128  # with twice as many, half as many bytes again
_LONGEST = 960  # pixels; of what is longer than 1000 xterm shows nothing, and cells are rounded up, too
_SIXELS = bytes(range(63, 256)) + bytes(63)  # six bits as a character
_RUN = re.compile(r"(.)\1{3,}", re.DOTALL)  # what is worth a repeat: `!4?` has three characters


@dataclass(frozen=True)
class Sixel:
    """Pictures by Sixel.

    Attributes:
        cell: (width, height) of a cell in pixels.
        most_pixels: of a picture; two of them are about a byte.
    """

    cell: tuple[int, int]
    most_pixels: int

    def box(self, columns: int, lines: int) -> tuple[int, int]:
        """See `Form`."""
        width, height = min(columns * self.cell[0], _LONGEST), min(self._height(lines), _LONGEST)
        scale = min(1.0, sqrt(self.most_pixels / max(1, width * height)))
        return max(1, int(width * scale)), max(1, int(height * scale))

    def draw(self, image: "Image.Image", columns: int, lines: int) -> Drawn:
        """See `Form`."""
        box = self.box(columns, lines)
        image.thumbnail(box)
        scale = enlarging(image.size, box)
        wide = max(1, round(image.width * scale / self.cell[0]))
        high = max(1, min(round(image.height * scale / self.cell[1]), self._height(lines) // self.cell[1]))
        height = min(high * self.cell[1], self._height(lines))
        image = image.resize((wide * self.cell[0], height))
        over = sixels(image)
        blank = Strip([Segment(" " * wide)], wide)
        return Drawn([blank] * high, over=over, cost=len(over))

    def _height(self, lines: int) -> int:
        """Return how many pixels fit: in bands of six, as one that ends below the screen would scroll it."""
        return max(6, lines * self.cell[1] // 6 * 6)


def sixels(image: "Image.Image") -> str:
    """Return the control string that draws an RGB picture with its upper left corner at the cursor."""
    few = fewer_colours(image, _COLOURS)
    width, height = few.size
    pixels = few.tobytes()
    out = [f'\x1bP0;1q"1;1;{width};{height}']
    palette = few.getpalette() or []
    for number in sorted(set(pixels)):
        red, green, blue = (round(value * 100 / 255) for value in palette[3 * number : 3 * number + 3])
        out.append(f"#{number};2;{red};{green};{blue}")
    for top in range(0, height, 6):
        rows = (pixels[y * width : (y + 1) * width] for y in range(top, min(top + 6, height)))
        out.append("$".join(_band(rows, width)) + "-")
    return "".join(out).removesuffix("-") + "\x1b\\"


def _band(rows: Iterable[bytes], width: int) -> Iterator[str]:
    """Yield the pixels of each colour in a band of up to six rows."""
    planes: dict[int, bytearray] = {}
    for bit, row in enumerate(rows):
        for x, colour in enumerate(row):
            if colour not in planes:
                planes[colour] = bytearray(width)
            planes[colour][x] |= 1 << bit
    for colour, plane in planes.items():
        drawn = plane.rstrip(b"\0").translate(_SIXELS).decode()
        yield f"#{colour}" + _RUN.sub(lambda run: f"!{len(run[0])}{run[1]}", drawn)
