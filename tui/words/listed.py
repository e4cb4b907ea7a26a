"""Photos as a table for a terminal. Each line is made by itself: a list of a million begins at once."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.protocol import BackupStatus
from tui.words.facts import date_of, size_of
from tui.words.shown import shown

if TYPE_CHECKING:
    from catalog.entry import Entry

_COLUMNS = "{:1} {:16} {:>8} {:>11} {:9} {}"
HEADING = _COLUMNS.format("", "taken", "size", "pixels", "backup", "where")


def listed(entry: "Entry") -> Iterator[str]:
    """Yield the lines of one photo: its facts and a place, its other places, and what is wrong with it."""
    pixels = f"{entry.width}x{entry.height}" if entry.width and entry.height else ""
    backup = "" if entry.backup_status is BackupStatus.NONE else entry.backup_status
    first, *others = entry.paths or [entry.filename]
    where = shown(first) if entry.paths else f"{shown(first)} (no file of it is here)"
    star = "★" if entry.starred else ""
    yield _COLUMNS.format(star, date_of(entry.photodate), size_of(entry.size), pixels, backup, where)
    for other in others:
        yield _COLUMNS.format("", "", "", "", "", f"= {shown(other)}")
    if entry.error:
        yield _COLUMNS.format("", "", "", "", "", f"! {shown(entry.error)}")
