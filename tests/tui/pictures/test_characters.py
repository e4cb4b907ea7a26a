"""Characters show a picture's colours, at a price: the same picture in fewer colours, and in none."""

from collections.abc import Iterable

import pytest
from PIL import Image
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.conftest import Host
from tui.pictures.characters import Braille, HalfBlocks, characters_for, half_blocks

Colour = tuple[int, ...]
RED, GREEN, BLUE, WHITE, GREY, BLACK = (
    (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (9, 9, 9), (0, 0, 0),
)  # fmt: skip


def cells(strip: Strip) -> list[tuple[Colour, Colour]]:
    """The colours of the upper and the lower half of each half block of a line."""
    found = []
    for segment in strip:
        assert segment.style is not None
        upper, lower = segment.style.color, segment.style.bgcolor
        found += [
            (tuple(upper.triplet), tuple(lower.triplet))  # type: ignore[union-attr]
            for character in segment.text
            if character == "▀"
        ]
    return found


def picture(*rows: Iterable[tuple[int, int, int]]) -> Image.Image:
    lines = [list(row) for row in rows]
    image = Image.new("RGB", (len(lines[0]), len(lines)))
    image.putdata([colour for row in lines for colour in row])
    return image


def test_each_cell_shows_two_pixels() -> None:
    upper, lower = half_blocks(picture([RED, GREEN], [BLUE, WHITE], [GREY, BLACK], [RED, RED]))
    assert cells(upper) == [(RED, BLUE), (GREEN, WHITE)]
    assert cells(lower) == [(GREY, RED), (BLACK, RED)]
    assert (upper.cell_length, upper.text) == (2, "▀▀")


def test_an_odd_line_at_the_bottom_is_shown_too() -> None:
    lines = half_blocks(picture([RED, GREEN], [BLUE, WHITE], [GREY, RED]))
    assert list(map(cells, lines)) == [[(RED, BLUE), (GREEN, WHITE)], [(GREY, GREY), (RED, RED)]]
    assert cells(half_blocks(picture([RED]))[0]) == [(RED, RED)]


def test_runs_of_one_colour_cost_one_segment() -> None:
    (line,) = half_blocks(picture([RED] * 50 + [GREEN] * 30, [RED] * 60 + [BLUE] * 20))
    assert len(list(line)) == 3
    assert cells(line) == [(RED, RED)] * 50 + [(GREEN, RED)] * 10 + [(GREEN, BLUE)] * 20


def test_fewer_colours_are_those_of_the_terminal_and_dithered() -> None:
    image = Image.linear_gradient("L").resize((32, 32)).convert("RGB")
    levels = {0, 95, 135, 175, 215, 255} | set(range(8, 239, 10))
    shades = {
        shade for line in HalfBlocks(256).draw(image, 99, 99).lines for cell in cells(line) for shade in cell
    }
    assert {channel for shade in shades for channel in shade} <= levels
    sixteen = {
        shade for line in HalfBlocks(16).draw(image, 99, 99).lines for cell in cells(line) for shade in cell
    }
    assert 2 <= len(sixteen) <= 4
    # a gray between two of the sixteen is a mixture of both
    (line,) = HalfBlocks(16).draw(picture([(130, 130, 130)] * 40, [(130, 130, 130)] * 40), 99, 99).lines
    assert len({cell[0] for cell in cells(line)}) > 1


def test_without_colours_dots_are_light_where_the_picture_is() -> None:
    form = Braille()
    assert form.box(10, 5) == (20, 20)
    image = picture(*[[WHITE] * 4 + [BLACK] * 3] * 5)
    first, last = (line.text for line in form.draw(image, 99, 99).lines)
    assert (first, last) == ("⣿⣿⠀⠀", "⠉⠉⠀⠀")


@pytest.mark.parametrize(
    ("term", "colorterm", "no_color", "form"),
    [
        ("xterm-256color", "truecolor", None, HalfBlocks()),
        ("xterm-256color", "", None, HalfBlocks(256)),
        ("linux", "", None, HalfBlocks(16)),
        ("dumb", "", None, Braille()),
        ("xterm-256color", "truecolor", "1", Braille()),
    ],
)
def test_what_the_terminal_says_of_its_colours_decides(
    term: str, colorterm: str, no_color: str | None, form: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", colorterm)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert characters_for(Host(Widget())) == form
