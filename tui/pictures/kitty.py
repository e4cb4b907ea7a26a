"""Kitty's graphics protocol, with Unicode placeholders: a picture is sent once, and cells say where it is.

A placeholder is the character U+10EEEE. Its foreground colour is the picture's number, and two combining
marks say which row and column of the picture it shows: so pictures move, are covered and vanish as text does.
https://sw.kovidgoyal.net/kitty/graphics-protocol/, "Unicode placeholders"; the marks are those of its
rowcolumn-diacritics.txt.
"""

import io
import itertools
import secrets
from base64 import b64encode
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.pictures.pixels import enlarging, fewer_colours
from tui.pictures.wanted import Drawn

if TYPE_CHECKING:
    from PIL import Image

_COLOURS = 256
_CHUNK = 4096  # characters of a payload
_PLACEHOLDER = "\U0010eeee"
_CODES = """
305 30d-30e 310 312 33d-33f 346 34a-34c 350-352 357 35b 363-36f 483-487 592-595 597-599 59c-5a1 5a8-5a9
5ab-5ac 5af 5c4 610-617 657-65b 65d-65e 6d6-6dc 6df-6e2 6e4 6e7-6e8 6eb-6ec 730 732-733 735-736 73a 73d
73f-741 743 745 747 749-74a 7eb-7f1 7f3 816-819 81b-823 825-827 829-82d 951 953-954 f82-f83 f86-f87
135d-135f 17dd 193a 1a17 1a75-1a7c 1b6b 1b6d-1b73 1cd0-1cd2 1cda-1cdb 1ce0 1dc0-1dc1 1dc3-1dc9 1dcb-1dcc
1dd1-1de6 1dfe 20d0-20d1 20d4-20d7 20db-20dc 20e1 20e7 20e9 20f0 2cef-2cf1 2de0-2dff a66f a67c-a67d
a6f0-a6f1 a8e0-a8f1 aab0 aab2-aab3 aab7-aab8 aabe-aabf aac1 fe20-fe26 10a0f 10a38 1d185-1d189
1d1aa-1d1ad 1d242-1d244
"""  # of the marks that stand for 0, 1, 2 ...
_MARKS = [
    chr(code)
    for first, _, last in (part.partition("-") for part in _CODES.split())
    for code in range(int(first, 16), int(last or first, 16) + 1)
]

_numbers = itertools.count(secrets.randbelow(1 << 23))  # another program's pictures shall not be ours


@dataclass(frozen=True)
class Kitty:
    """Pictures by Kitty's protocol.

    Attributes:
        cell: (width, height) of a cell in pixels.
        most_pixels: sent for one picture; one is about a byte.
        colours: 256 where styles reach the terminal in so many only, else 0.
    """

    cell: tuple[int, int]
    most_pixels: int
    colours: int = 0

    def box(self, columns: int, lines: int) -> tuple[int, int]:
        """See `Form`."""
        width, height = min(columns, len(_MARKS)) * self.cell[0], min(lines, len(_MARKS)) * self.cell[1]
        scale = min(1.0, sqrt(self.most_pixels / max(1, width * height)))
        return max(1, int(width * scale)), max(1, int(height * scale))

    def draw(self, image: "Image.Image", columns: int, lines: int) -> Drawn:
        """See `Form`."""
        box = self.box(columns, lines)
        image.thumbnail(box)
        most = min(columns, len(_MARKS)), min(lines, len(_MARKS))
        # what was shrunk to be sent, and what is small by itself, is enlarged by the terminal
        scale = most[0] * self.cell[0] / box[0] * enlarging(image.size, box)
        wide = max(1, min(most[0], round(image.width * scale / self.cell[0])))
        high = max(1, min(most[1], round(image.height * scale / self.cell[1])))
        # whole cells: what is left of them would be black
        aspect = high * self.cell[1] / (wide * self.cell[0])
        image = image.resize((image.width, max(1, round(image.width * aspect))))
        number = self._number()
        style = Style(color=_colour(number, self.colours))
        rows = ["".join(f"{_PLACEHOLDER}{_MARKS[y]}{_MARKS[x]}" for x in range(wide)) for y in range(high)]
        sent = _sent(image, number, wide, high)
        return Drawn(
            [Strip([Segment(row, style)], wide) for row in rows],
            before=sent,
            after=f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\",
            cost=len(sent) + 50 * wide * high,
        )

    def _number(self) -> int:
        if self.colours:
            return _FEW[next(_numbers) % len(_FEW)]
        return next(_numbers) % 0xFFFFFF + 1


def _sent(image: "Image.Image", number: int, columns: int, lines: int) -> str:
    """Return what sends a picture and places it, unseen, on so many cells; the terminal answers nothing."""
    made = io.BytesIO()
    fewer_colours(image, _COLOURS).save(made, "PNG")  # a third of the bytes of all colours
    payload = b64encode(made.getvalue()).decode()
    chunks = [payload[start : start + _CHUNK] for start in range(0, len(payload), _CHUNK)]
    control = f"a=T,U=1,f=100,i={number},c={columns},r={lines},q=2,"
    parts = []
    for index, chunk in enumerate(chunks):
        more = int(index + 1 < len(chunks))
        parts.append(f"\x1b_G{'' if index else control}m={more};{chunk}\x1b\\")
    return "".join(parts)


def _colour(number: int, colours: int) -> Color:
    """Return the colour that says a picture's number."""
    if colours:
        return Color.from_rgb(*Color.from_ansi(number).get_truecolor())
    return Color.from_rgb(number >> 16, number >> 8 & 0xFF, number & 0xFF)


_FEW = [n for n in range(16, 256) if _colour(n, 256).downgrade(ColorSystem.EIGHT_BIT).number == n]
