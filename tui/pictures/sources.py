"""Where a picture of a photo on the screen comes from, or why there is none."""

from tui.pictures.wanted import Source
from tui.work.photos import Photos
from tui.work.rows import Row, Where

_AHEAD = (1, 2, -1)  # of the cursor
ELSEWHERE = "On another device, and not on the remote yet."


def source_of(row: Row) -> Source | None:
    """Return where a photo's picture can be had; None if it is not known yet, or nowhere in reach."""
    if row.path is None and (row.where is not Where.REMOTE or not row.known):
        return None
    return Source(row.path, row.md5)


def is_elsewhere(row: Row) -> bool:
    """Tell whether no picture of a photo is in reach."""
    return row.known and row.path is None and row.where is Where.ELSEWHERE


def neighbours(photos: Photos) -> list[Source]:
    """Return where the pictures come from that may be shown next, the likeliest first."""
    indexes = (photos.cursor + by for by in _AHEAD)
    rows = [photos.row(index) for index in indexes if 0 <= index < len(photos)]
    return [source for row in rows if (source := source_of(row)) is not None]
