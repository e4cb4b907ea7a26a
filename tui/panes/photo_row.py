"""One line of the photo list: what it says of a photo, in exactly as many cells as there are."""

from rich.cells import cell_len, set_cell_size

from catalog.protocol import BackupStatus
from tui.words.facts import date_of, size_of
from tui.words.shown import shown
from tui.work.rows import Row, Where

SIGNS = 2  # cells at the left: the star; and the mark, or the sign of a cursor that has no keys
_DATE, _DAY, _SIZE, _PIXELS = 16, 10, 7, 11

BADGES = {
    BackupStatus.NONE: " ",
    BackupStatus.QUEUED: "·",
    BackupStatus.UPLOADING: "↑",
    BackupStatus.UPLOADED: "✓",
    BackupStatus.FAILED: "✗",
}
"""One cell for how far a backup has come."""

PLACES = {Where.HERE: "", Where.REMOTE: "S3", Where.ELSEWHERE: "--"}
"""Where a photo is that is not here: only on the remote, or on another device. It stands behind the name."""


def cells(row: Row, width: int, *, marked: bool, away: bool) -> list[tuple[str, str]]:
    """Lay out a line.

    Args:
        row: what is known of the photo.
        width: cells.
        marked: whether it is marked.
        away: the cursor is here, and the keys go elsewhere.

    Returns:
        (text, kind): "star", "waiting", "marked", "problem", "detail", or "" for the name.
    """
    star, kind = _star(row)
    sign = {(True, True): "»", (False, True): "›", (True, False): "+"}.get((marked, away), " ")
    signs = [(star, kind), (sign, "marked" if marked else kind)]
    label = shown(row.name) if row.name or row.known else "…"
    room = width - SIGNS
    if row.error:
        left = room - cell_len(label)
        problem = set_cell_size(f"  {shown(row.error)}", left) if left > 10 else ""
        return [*signs, (fit(label, room - cell_len(problem)), ""), (problem, "problem")]
    details = _details(row, width)
    badge = f" {BADGES[row.backup]}" if width >= 24 else ""
    failed = row.backup is BackupStatus.FAILED
    return [
        *signs,
        (fit(label, room - len(details) - len(badge)), ""),
        (details, "detail"),
        (badge, "problem" if failed else "detail"),
    ]


def _star(row: Row) -> tuple[str, str]:
    if row.waiting:
        return "☆", "waiting"
    if row.starred:
        return "★", "star"
    return ("!", "problem") if row.error else (" ", "")


def _details(row: Row, width: int) -> str:
    """Return the columns that there is room for; one after the other they drop out."""
    text = f" {PLACES[row.where]}" if row.where is not Where.HERE and width >= 30 else ""
    if width >= 44:
        length = _DATE if width >= 50 else _DAY
        text += f" {date_of(row.moment)[:length]:>{length}}"
    if width >= 36:
        text += f" {size_of(row.size):>{_SIZE}}"
    if width >= 66:
        pixels = f"{row.width}×{row.height}" if row.width and row.height else ""
        text += f" {pixels:>{_PIXELS}}"
    return text


def fit(text: str, width: int) -> str:
    """Return a text in exactly so many cells; a long name keeps its end, where names differ."""
    if cell_len(text) > width > 8:
        tail = text[-6:]
        text = set_cell_size(text, width - 1 - cell_len(tail)) + "…" + tail
    return set_cell_size(text, max(0, width))
