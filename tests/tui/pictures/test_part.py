"""A part of a photo: where it ends, and which pixels it shows."""

import pytest
from PIL import Image

from tui.pictures.part import Part, cut_out

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


@pytest.fixture
def quarters() -> Image.Image:
    """Red and green over blue and white."""
    image = Image.new("RGB", (400, 200))
    for number, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        image.paste(
            colour,
            (200 * (number % 2), 100 * (number // 2), 200 * (number % 2) + 200, 100 * (number // 2) + 100),
        )
    return image


def test_all_of_a_photo_is_the_photo(quarters: Image.Image) -> None:
    assert cut_out(quarters, Part(), (400, 300)).tobytes() == quarters.tobytes()


@pytest.mark.parametrize(
    ("right", "down", "seen"), [(-1, -1, RED), (1, -1, GREEN), (-1, 1, BLUE), (1, 1, WHITE)]
)
def test_a_part_at_a_corner_shows_that_corner(
    quarters: Image.Image, right: int, down: int, seen: tuple[int, int, int]
) -> None:
    part = Part().zoomed(1).panned(right, down)
    cut = cut_out(quarters, part, (400, 200))
    assert cut.size == (400, 200)
    assert cut.getcolors() == [(400 * 200, seen)]


def test_a_part_is_as_large_as_the_box_even_where_the_whole_photo_leaves_room(quarters: Image.Image) -> None:
    cut = cut_out(quarters, Part(zoom=4), (100, 100))
    assert cut.size == (100, 100)  # of 400 x 200: the whole photo would be 100 x 50
    assert [cut.getpixel(at) for at in ((5, 5), (95, 5), (5, 95), (95, 95))] == [RED, GREEN, BLUE, WHITE]


def test_a_small_photo_shows_its_pixels(quarters: Image.Image) -> None:
    tiny = quarters.resize((4, 2), Image.Resampling.NEAREST)
    cut = cut_out(tiny, Part(zoom=32, x=0.0, y=0.0), (300, 300))
    assert max(cut.size) == 300
    assert cut.getpixel((0, 0)) == RED


def test_panning_ends_at_the_edges_and_comes_back_from_there_at_once() -> None:
    part = Part(zoom=4)
    for _ in range(9):
        part = part.panned(1, 0)
    assert part.x == 1 - 0.5 / 4
    assert part.panned(-1, 0).x < part.x
    assert part.zoomed(-1).x == 1 - 0.5 / 2
    assert part.zoomed(-9) == Part()


def test_zooming_has_ends() -> None:
    assert Part().zoomed(-1) == Part()
    assert Part().panned(1, 1) == Part()
    assert Part().zoomed(40) == Part(zoom=32)
