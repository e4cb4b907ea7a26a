"""One tile of the contact sheet: a frame with what is known of a photo, and its picture inside."""

from collections.abc import Callable
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.panes.photo_row import BADGES, PLACES, fit
from tui.words.shown import shown
from tui.work.rows import Row

_FRAMES = {"": "        ", "cursor": "┏━┓┃┛┗━┃", "away": "╭─╮│╯╰─│", "marked": "┌╌┐╎┘└╌╎"}
StyleOf = Callable[[str], Style]


class Tile(NamedTuple):
    """What a tile shows.

    Attributes:
        row: what is known of the photo.
        lines: of its picture; none as long as there is none.
        note: one sentence in the picture's place.
        frame: "cursor", "away" for a cursor that has no keys, "marked", or "" for none.
        is_marked: whether the photo is marked.
    """

    row: Row
    lines: list[Strip]
    note: list[str]
    frame: str
    is_marked: bool


def tile_line(tile: Tile, y: int, width: int, height: int, style_of: StyleOf) -> list[Segment]:
    """Draw one line of a tile.

    Args:
        tile: what it shows.
        y: the line, from 0.
        width: of the tile, cells.
        height: of the tile, cells.
        style_of: gives the style of "frame", "star", "problem", "mark", "badge", "name", "note", or "" for
            the rest.
    """
    left, top, right, side, corner, begin, bottom, _ = _parts(tile.frame)
    frame = style_of("frame") if tile.frame else style_of("")
    if y == 0:
        head = _badges(tile, style_of)
        used = sum(cell_len(text) for text, _ in head[0] + head[1])
        middle = top * max(0, width - 2 - used)
        parts = [(left, frame), *head[0], (middle, frame), *head[1], (right, frame)]
    elif y == height - 1:
        name = fit(shown(tile.row.name), min(width - 4, cell_len(shown(tile.row.name))))
        room = width - 4 - cell_len(name)
        parts = [
            (begin + bottom * (room // 2), frame),
            (f" {name} ", style_of("frame" if tile.frame else "name")),
            (bottom * (room - room // 2) + corner, frame),
        ]
    else:
        inside = _picture_line(tile, y - 1, width - 2, height - 2, style_of)
        return [Segment(side, frame), *inside, Segment(side, frame)]
    return list(Strip([Segment(text, style) for text, style in parts if text]).adjust_cell_length(width))


def _parts(frame: str) -> tuple[str, ...]:
    """Return upper left, top, upper right, side, lower right, lower left, bottom."""
    return tuple(_FRAMES[frame])


def _badges(tile: Tile, style_of: StyleOf) -> tuple[list[tuple[str, Style]], list[tuple[str, Style]]]:
    """Return what stands at the left and at the right of a tile's first line."""
    row = tile.row
    star = ("☆" if row.waiting else "★") if row.waiting or row.starred else ""
    left = [(f" {star} ", style_of("star"))] if star else []
    if row.error and not star:
        left = [(" ! ", style_of("problem"))]
    if tile.is_marked:
        left.append(("+ " if left else " + ", style_of("mark")))
    badge = " ".join(filter(None, (PLACES[row.where], BADGES[row.backup].strip())))
    return left, [(f" {badge} ", style_of("badge"))] if badge else []


def _picture_line(tile: Tile, y: int, width: int, height: int, style_of: StyleOf) -> list[Segment]:
    blank = style_of("")
    lines: list[Strip] = tile.lines or [
        Strip([Segment(words, style_of("note"))], cell_len(words)) for words in tile.note[:height]
    ]
    line = y - (height - len(lines)) // 2
    if not 0 <= line < len(lines):
        return [Segment(" " * width, blank)]
    strip = lines[line].crop(0, width)
    left = (width - strip.cell_length) // 2
    right = width - left - strip.cell_length
    return [Segment(" " * left, blank), *strip, Segment(" " * right, blank)]
