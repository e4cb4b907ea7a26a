"""One line of the photo list: what it says of a photo, in exactly as many cells as there are."""

from rich.cells import cell_len, set_cell_size

from catalog.reader import FolderPhoto
from tui.words.facts import date_of, size_of
from tui.words.shown import shown

MARK = 2  # cells at the left: the star, and the mark of a cursor that has no keys
_DATE, _DAY, _SIZE, _PIXELS = 16, 10, 8, 11


def cells(
    name: bytes, photo: FolderPhoto | None, width: int, *, waiting: bool, marked: bool
) -> list[tuple[str, str]]:
    """Lay out a line.

    Args:
        name: the file's.
        photo: what the catalog knows of it.
        width: cells.
        waiting: a star is asked for, and not yet in the catalog.
        marked: the cursor is here, and the keys go elsewhere.

    Returns:
        (text, kind): "star", "waiting", "problem", "detail", or "" for the name.
    """
    star, kind = _star(photo, waiting=waiting)
    mark = (star + ("›" if marked else " "), kind)
    label = shown(name)
    room = width - MARK
    if photo is not None and photo.error:
        left = room - cell_len(label)
        problem = set_cell_size(f"  {shown(photo.error)}", left) if left > 10 else ""
        return [mark, (fit(label, room - cell_len(problem)), ""), (problem, "problem")]
    details = _details(photo, width)
    return [mark, (fit(label, room - len(details)), ""), (details, "detail")]


def _star(photo: FolderPhoto | None, *, waiting: bool) -> tuple[str, str]:
    if waiting:
        return "☆", "waiting"
    if photo is not None and photo.starred:
        return "★", "star"
    if photo is not None and photo.error:
        return "!", "problem"
    return " ", ""


def _details(photo: FolderPhoto | None, width: int) -> str:
    if photo is None:
        return ""
    text = ""
    if width >= 44:
        moment = photo.photodate if photo.photodate is not None else photo.modified
        length = _DATE if width >= 50 else _DAY
        text += f" {date_of(moment)[:length]:>{length}}"
    if width >= 36:
        text += f" {size_of(photo.size):>{_SIZE}}"
    if width >= 62:
        pixels = f"{photo.width}×{photo.height}" if photo.width and photo.height else ""
        text += f" {pixels:>{_PIXELS}}"
    return text


def fit(text: str, width: int) -> str:
    """Return a text in exactly so many cells; a long name keeps its end, where names differ."""
    if cell_len(text) > width > 8:
        tail = text[-6:]
        text = set_cell_size(text, width - 1 - cell_len(tail)) + "…" + tail
    return set_cell_size(text, max(0, width))
