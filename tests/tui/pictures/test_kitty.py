"""What Kitty's protocol makes of our bytes: read by a terminal of a few lines, it is the picture again."""

import io
import re
from base64 import b64decode
from dataclasses import dataclass, field

import pytest
from PIL import Image, ImageChops, ImageStat
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

from tui.pictures.kitty import _MARKS, Kitty
from tui.pictures.wanted import Drawn

CELL, PIXELS = (8, 16), 300_000


@dataclass
class KittyTerminal:
    """The part of a terminal that understands pictures."""

    pictures: dict[int, Image.Image] = field(default_factory=dict)
    placed: dict[int, tuple[int, int]] = field(default_factory=dict)
    answers: int = 0
    _keys: dict[str, str] = field(default_factory=dict)
    _payload: str = ""

    def write(self, data: str) -> None:
        rest = re.sub(r"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\", self._command, data)
        assert rest == ""

    def _command(self, found: re.Match[str]) -> str:
        keys = dict(key.split("=") for key in found[1].split(","))
        assert len(found[2] or "") <= 4096
        if keys.get("a") == "d":
            assert keys["d"] == "I"  # the data, too
            del self.pictures[int(keys["i"])], self.placed[int(keys["i"])]
            return ""
        assert bool(self._keys) == ("a" not in keys)  # only the first chunk says what it is
        self._keys = self._keys or keys
        self._payload += found[2]
        if keys["m"] == "1":
            assert len(found[2]) % 4 == 0
            return ""
        keys, self._keys = self._keys, {}
        assert (keys["a"], keys["U"], keys["f"], keys["q"]) == ("T", "1", "100", "2")
        number = int(keys["i"])
        assert 0 < number < 1 << 32
        image = Image.open(io.BytesIO(b64decode(self._payload, validate=True)))
        self._payload = ""
        self.pictures[number] = image.convert("RGB")
        self.placed[number] = (int(keys["c"]), int(keys["r"]))
        return ""

    def show(self, lines: list[Strip]) -> Image.Image:
        """Draw some cells as the terminal would, each with its part of a picture."""
        width = lines[0].cell_length
        screen = Image.new("RGB", (width * CELL[0], len(lines) * CELL[1]))
        for y, line in enumerate(lines):
            (segment,) = line
            assert segment.style is not None
            triplet = segment.style.color.triplet  # type: ignore[union-attr]
            number = triplet.red << 16 | triplet.green << 8 | triplet.blue  # type: ignore[union-attr]
            columns, rows = self.placed[number]
            whole = self.pictures[number].resize((columns * CELL[0], rows * CELL[1]))
            for x, cell in enumerate(re.findall("\U0010eeee..", segment.text)):
                row, column = _MARKS.index(cell[1]), _MARKS.index(cell[2])
                left, top = column * CELL[0], row * CELL[1]
                part = whole.crop((left, top, left + CELL[0], top + CELL[1]))
                screen.paste(part, (x * CELL[0], y * CELL[1]))
        return screen


def photo(width: int, height: int) -> Image.Image:
    red, green = Image.linear_gradient("L"), Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90)
    return Image.merge("RGB", (red, green, Image.new("L", red.size, 90))).resize((width, height))


def difference(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


@pytest.mark.parametrize(
    ("size", "cells"), [((320, 160), (40, 10)), ((160, 320), (10, 10)), ((40, 32), (20, 8))]
)
def test_a_terminal_shows_the_picture_where_the_placeholders_are(
    size: tuple[int, int], cells: tuple[int, int]
) -> None:
    terminal, image = KittyTerminal(), photo(*size)
    drawn = Kitty(CELL, PIXELS).draw(image.copy(), 40, 10)
    assert (drawn.lines[0].cell_length, len(drawn.lines)) == cells
    terminal.write(drawn.before)
    seen = terminal.show(drawn.lines)
    assert difference(seen, image.resize(seen.size)) < 6
    terminal.write(drawn.after)
    assert not terminal.pictures


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (33, 33), (900, 90)])
def test_a_picture_fills_its_cells(size: tuple[int, int]) -> None:
    terminal = KittyTerminal()
    drawn = Kitty((8, 17), PIXELS).draw(photo(*size), 47, 36)
    terminal.write(drawn.before)
    (sent,) = terminal.pictures.values()
    shown = drawn.lines[0].cell_length * 8 / (len(drawn.lines) * 17)
    assert abs(sent.width / sent.height / shown - 1) < 0.04  # a pixel more or less


def test_a_large_picture_is_sent_smaller_and_shown_large() -> None:
    terminal, form = KittyTerminal(), Kitty((20, 40), PIXELS)
    drawn = form.draw(photo(6000, 4000), 150, 50)
    terminal.write(drawn.before)
    assert (drawn.lines[0].cell_length, len(drawn.lines)) == (150, 50)
    (sent,) = terminal.pictures.values()
    assert 250_000 < sent.width * sent.height <= 300_000
    assert len(drawn.before) < 400_000


def test_numbers_are_told_apart_by_colour_in_few_colours_too() -> None:
    for form in (Kitty(CELL, PIXELS), Kitty(CELL, PIXELS, 256)):
        styles = {_style(form.draw(photo(8, 16), 9, 9)) for _ in range(50)}
        assert len(styles) == 50
    drawn = Kitty(CELL, PIXELS, 256).draw(photo(8, 16), 9, 9)
    found = re.fullmatch(r"38;5;(\d+)", Strip.render_ansi(_style(drawn), ColorSystem.EIGHT_BIT))  # type: ignore[arg-type]
    assert found is not None
    assert f",i={found[1]}," in drawn.before


def _style(drawn: Drawn) -> Style | None:
    return next(iter(drawn.lines[0])).style
