"""How a contact sheet divides its space into tiles of one size, and which photo is where."""

from typing import NamedTuple

from textual.geometry import Region

_WIDTH, _NARROWEST, _FEWEST = 22, 16, 3  # cells of a tile; narrower ones where else there were too few
_RIM = 2  # cells of a tile, across and down, that are not picture: its frame


class SheetLayout(NamedTuple):
    """The tiles of a space.

    Attributes:
        columns: tiles side by side.
        rows: tiles one below the other.
        width: of a tile, cells.
        height: of a tile, cells.
    """

    columns: int
    rows: int
    width: int
    height: int

    @classmethod
    def of(cls, width: int, height: int) -> "SheetLayout":
        """Divide a space.

        Args:
            width: in cells.
            height: in cells.
        """
        columns = max(1, width // _WIDTH, min(_FEWEST, width // _NARROWEST))
        tile = max(_RIM + 1, width // columns)
        # a picture of 4:3 in half blocks, and then as much more as there is
        rows = max(1, height // (_RIM + max(2, (tile - _RIM) * 3 // 8)))
        return cls(columns, rows, tile, max(_RIM + 1, height // rows))

    @property
    def picture(self) -> tuple[int, int]:
        """The cells across and down that a tile has for its picture."""
        return self.width - _RIM, self.height - _RIM

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return self.columns * self.rows

    def region(self, place: int) -> Region:
        """Return where a tile is; places are counted from the first one seen, line by line."""
        row, column = divmod(place, self.columns)
        return Region(column * self.width, row * self.height, self.width, self.height)

    def place_at(self, x: int, y: int) -> int | None:
        """Return which tile is at a cell, None if none is."""
        column, row = x // self.width, y // self.height
        return row * self.columns + column if column < self.columns and row < self.rows else None
