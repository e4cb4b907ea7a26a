"""Pictures of a screen have photos without seams, and SVGs that any browser reads."""

import importlib.util
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pyte
import pytest
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def picture() -> ModuleType:
    """The module, which is no part of any package."""
    path = Path(__file__).parents[2] / "screenshots" / "picture.py"
    spec = importlib.util.spec_from_file_location("picture", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def screen_with(text: str, columns: int = 8, lines: int = 3) -> pyte.Screen:
    """A screen on which `text` was written, and no cursor."""
    screen = pyte.Screen(columns, lines)
    pyte.Stream(screen).feed(f"\x1b[?25l{text}")
    return screen


def crop(
    picture: ModuleType, path: Path, screen: pyte.Screen, x: int, y: int, columns: int = 1
) -> Image.Image:
    """Save a picture, and cut some cells out of it."""
    picture.save_png(screen, path)
    with Image.open(path) as image:
        w = image.width // (screen.columns + 2)
        left, top = (x + 1) * w, 3 * w + y * 2 * w
        return image.convert("RGB").crop((left, top, left + columns * w, top + 2 * w))


def test_half_blocks_are_exact_and_have_no_seam(picture: ModuleType, tmp_path: Path) -> None:
    red, blue = (255, 0, 0), (0, 0, 255)
    screen = screen_with("\x1b[2;3H\x1b[38;2;255;0;0;48;2;0;0;255m▀▀\x1b[3;3H▄▄")
    cells = crop(picture, tmp_path / "a.png", screen, 2, 1, columns=2)
    upper, lower = (0, 0, cells.width, cells.height // 2), (0, cells.height // 2, *cells.size)
    assert cells.crop(upper).getcolors() == [(cells.width * cells.height // 2, red)]
    assert cells.crop(lower).getcolors() == [(cells.width * cells.height // 2, blue)]
    below = crop(picture, tmp_path / "a.png", screen, 2, 2, columns=2)
    assert below.crop(upper).getcolors() == [(cells.width * cells.height // 2, blue)]


@pytest.mark.parametrize("char", [*"─━═│┃║┼╋╬├┣╠╭╮╰╯█▌▐▁▔▎▊╸", "▚"])
def test_lines_and_blocks_reach_the_edges_of_their_cells(picture: ModuleType, char: str) -> None:
    mask = picture.shape(char, 11, 22)
    left, top, right, bottom = mask.getbbox()
    assert left == 0 or top == 0 or right == 11 or bottom == 22
    if char in "─━═┼╋╬█":
        assert (left, right) == (0, 11)
    if char in "│┃║┼╋╬├┣╠█▌▐▊▎":
        assert (top, bottom) == (0, 22)
    assert picture.shape("a", 11, 22) is None


def test_double_lines_stay_open_where_they_meet(picture: ModuleType) -> None:
    mask = picture.shape("╬", 9, 18)
    assert [mask.getpixel((x, 8)) for x in range(9)] == [0] * 9
    assert [mask.getpixel((x, 0)) for x in range(9)] == [0, 0, 0, 255, 0, 255, 0, 0, 0]
    assert [mask.getpixel((x, 7)) for x in range(9)] == [255] * 4 + [0] + [255] * 4


def test_colours_styles_and_the_cursor(picture: ModuleType) -> None:
    screen = screen_with("\x1b[31ma\x1b[7mb\x1b[0;1;48;5;196mc\x1b[0;105md日")
    red, reverse, bold, pink, wide, *_ = picture.read_cells(screen)
    assert (red.fg, red.bg) == (picture.PALETTE["red"], picture.BACKGROUND)
    assert (reverse.fg, reverse.bg) == (red.bg, red.fg)
    assert (bold.fg, bold.bg, bold.char.bold) == (picture.FOREGROUND, "#ff0000", True)
    assert pink.bg == picture.PALETTE["brightmagenta"]
    assert (wide.text, wide.width) == ("日", 2)
    screen.cursor.hidden = False
    screen.cursor_position(1, 1)
    assert next(picture.read_cells(screen)).bg == picture.PALETTE["red"]


def test_svg_is_xml_and_escapes_text(picture: ModuleType, tmp_path: Path) -> None:
    picture.save_svg(screen_with('a<&" ░▀▀日╭'), tmp_path / "a.svg", title='<b> & "c"')
    svg = ET.parse(tmp_path / "a.svg").getroot()
    assert svg.find(f"{SVG}title").text == '<b> & "c"'
    words = {word.text: word.get("textLength") for word in svg.iter(f"{SVG}text")}
    assert words == {'a<&"': "40", "日": "20", '<b> & "c"': None}
    # the half blocks are one box
    assert any(path.get("d") == "M70 30h20v10H70z" for path in svg.iter(f"{SVG}path"))


def test_without_a_font_it_says_which_package_to_install(
    picture: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(picture, "font_files", dict)
    monkeypatch.setenv("PATH", str(tmp_path))
    picture.font_for.cache_clear()
    with pytest.raises(FileNotFoundError, match="apt-get install fonts-dejavu"):
        picture.save_png(screen_with("a"), tmp_path / "a.png")
    monkeypatch.undo()
    picture.save_png(screen_with("a"), tmp_path / "a.png", font_size=12)
