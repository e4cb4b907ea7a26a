"""What a terminal makes of our sixels: read as DEC's manual says, they are the picture again."""

import re

import pytest
from PIL import Image

from tests.tui.pictures.test_kitty import difference, photo
from tui.pictures.sixel import Sixel, sixels


def read_sixels(data: str) -> Image.Image:
    """Draw sixels, on a screen of the size that they claim."""
    found = re.fullmatch(r'\x1bP0;1q"1;1;(\d+);(\d+)([^\x1b]*)\x1b\\', data)
    assert found is not None
    width, height = int(found[1]), int(found[2])
    screen = Image.new("RGBA", (width, (height + 5) // 6 * 6))
    colours: dict[int, tuple[int, int, int, int]] = {}
    x = y = colour = 0
    for token in re.finditer(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)(.)|([$-])|([?-~])", found[3]):
        if token[1] is not None:
            colour = int(token[1])
            if token[2] is not None:
                red, green, blue = (round(int(token[n]) * 2.55) for n in (2, 3, 4))
                colours[colour] = (red, green, blue, 255)
        elif token[7] is not None:
            x, y = 0, y + (6 if token[7] == "-" else 0)
        else:
            for _ in range(int(token[5] or 1)):
                bits = ord(token[6] or token[8]) - 63
                for row in range(6):
                    if bits >> row & 1:
                        screen.putpixel((x, y + row), colours[colour])
                x += 1  # noqa: SIM113 (a repeat moves it, too)
    assert screen.getbbox() == (0, 0, width, height)
    assert screen.getchannel("A").crop((0, 0, width, height)).getextrema() == (255, 255)  # no hole
    return screen.convert("RGB").crop((0, 0, width, height))


@pytest.mark.parametrize("size", [(60, 36), (37, 23), (1, 1), (100, 6)])
def test_sixels_are_the_picture_again(size: tuple[int, int]) -> None:
    image = photo(*size)
    assert difference(read_sixels(sixels(image)), image) < 10


def test_a_line_of_one_colour_is_short() -> None:
    data = sixels(Image.new("RGB", (500, 6), (255, 0, 0)))
    assert data.endswith("#0!500~\x1b\\")


def test_a_picture_never_reaches_below_its_cells() -> None:
    form = Sixel((9, 17), 300_000)
    for lines in range(1, 30):
        drawn = form.draw(photo(300, 3000), 80, lines)
        height = int(re.findall(r'"1;1;\d+;(\d+)', drawn.over)[0])
        assert (height + 5) // 6 * 6 <= max(lines * 17, 6)
        assert len(drawn.lines) <= lines
    assert all(line.text.isspace() for line in drawn.lines)


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (32, 32), (3000, 90), (1, 700)])
def test_a_picture_covers_whole_cells(size: tuple[int, int]) -> None:
    drawn = Sixel((8, 17), 300_000).draw(photo(*size), 47, 36)
    (found,) = re.findall(r'"1;1;(\d+);(\d+)', drawn.over)
    assert (drawn.lines[0].cell_length * 8, len(drawn.lines) * 17) == tuple(map(int, found))


def test_a_picture_is_not_larger_than_xterm_takes() -> None:
    drawn = Sixel((9, 18), 1_000_000).draw(photo(3000, 1000), 200, 60)
    assert [900 < int(width) <= 1000 for width in re.findall(r'"1;1;(\d+);', drawn.over)] == [True]
