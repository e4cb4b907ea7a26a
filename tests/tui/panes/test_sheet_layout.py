"""Tiles fill a contact sheet, and each cell belongs to one of them at most."""

import pytest

from tui.panes.sheet_layout import SheetLayout


@pytest.mark.parametrize(
    ("space", "tiles"),
    [((54, 20), (3, 2)), ((90, 32), (4, 3)), ((130, 44), (5, 4)), ((20, 8), (1, 1)), ((1, 1), (1, 1))],
)
def test_there_are_as_many_tiles_as_can_show_something(
    space: tuple[int, int], tiles: tuple[int, int]
) -> None:
    layout = SheetLayout.of(*space)
    assert (layout.columns, layout.rows) == tiles
    assert min(layout.picture) >= 1


@pytest.mark.parametrize("space", [(54, 20), (90, 32), (97, 31), (33, 9)])
def test_each_cell_of_a_tile_leads_back_to_it(space: tuple[int, int]) -> None:
    layout = SheetLayout.of(*space)
    seen = set()
    for place in range(layout.tiles):
        region = layout.region(place)
        assert (region.right <= space[0], region.bottom <= space[1]) == (True, True)
        for x in range(region.x, region.right):
            for y in range(region.y, region.bottom):
                assert layout.place_at(x, y) == place
                seen.add((x, y))
    assert len(seen) == layout.tiles * layout.width * layout.height
    assert layout.place_at(space[0], space[1]) is None
