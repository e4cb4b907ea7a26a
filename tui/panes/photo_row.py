"""One line of the photo list: what it says of a photo, in exactly as many cells as there are."""

from rich.cells import cell_len, set_cell_size

from tui.words.facts import date_of, size_of
from tui.words.shown import shown
from tui.work.rows import Row

MARK = 2  # cells at the left: the star, and the mark of a cursor that has no keys
_DATE, _DAY, _SIZE, _PIXELS = 16, 10, 8, 11


def cells(row: Row, width: int, *, away: bool) -> list[tuple[str, str]]:
    """Lay out a line.

    Args:
        row: what is known of the photo.
        width: cells.
        away: the cursor is here, and the keys go elsewhere.

    Returns:
        (text, kind): "star", "waiting", "problem", "detail", or "" for the name.
    """
    star, kind = _star(row)
    mark = (star + ("›" if away else " "), kind)
    label = shown(row.name)
    room = width - MARK
    if row.error:
        left = room - cell_len(label)
        problem = set_cell_size(f"  {shown(row.error)}", left) if left > 10 else ""
        return [mark, (fit(label, room - cell_len(problem)), ""), (problem, "problem")]
    details = _details(row, width)
    return [mark, (fit(label, room - len(details)), ""), (details, "detail")]


def _star(row: Row) -> tuple[str, str]:
    if row.waiting:
        return "☆", "waiting"
    if row.starred:
        return "★", "star"
    return ("!", "problem") if row.error else (" ", "")


def _details(row: Row, width: int) -> str:
    text = ""
    if width >= 44:
        length = _DATE if width >= 50 else _DAY
        text += f" {date_of(row.moment)[:length]:>{length}}"
    if width >= 36:
        text += f" {size_of(row.size):>{_SIZE}}"
    if width >= 62:
        pixels = f"{row.width}×{row.height}" if row.width and row.height else ""
        text += f" {pixels:>{_PIXELS}}"
    return text


def fit(text: str, width: int) -> str:
    """Return a text in exactly so many cells; a long name keeps its end, where names differ."""
    if cell_len(text) > width > 8:
        tail = text[-6:]
        text = set_cell_size(text, width - 1 - cell_len(tail)) + "…" + tail
    return set_cell_size(text, max(0, width))
