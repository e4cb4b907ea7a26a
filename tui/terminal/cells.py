"""What a terminal shows, cell by cell, and the fewest bytes that make it show something else.

Knows neither Textual nor a file: lines in, control sequences out. Of those it uses only what every terminal
since the VT102 has: cursor movement, SGR, erase in line, margins, insert and delete line.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import ne, or_
from typing import NamedTuple

from rich.cells import cell_len, split_graphemes

from tui.terminal.sgr import change

_BRIDGE = 4  # cells that are right already are sooner written again than passed over, if so few
_ERASE = 4  # blanks at the end of a line that are worth an erase


class Fragment(NamedTuple):
    """A part of one line: where it begins, and (text, style) pairs from there on."""

    y: int
    x: int
    runs: Sequence[tuple[str, str]]


class Move(NamedTuple):
    """The lines from `top` to before `bottom` move up by so many, or down if that is negative."""

    top: int
    bottom: int
    by: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line, a text and a style for each cell.

    A text is a character and what combines with it; that of a wide character's right half is empty, and None
    stands for a cell of which nobody knows what it shows.
    """

    texts: list[str | None]
    styles: list[str]

    def with_runs(self, x: int, runs: Iterable[tuple[str, str]]) -> "Row":
        """Return the line with other cells from `x` on."""
        texts: list[str | None] = []
        styles: list[str] = []
        for text, style in runs:
            texts += _cells(text, texts)
            styles += [style] * (len(texts) - len(styles))
        width = len(self.texts)
        del texts[width - x :], styles[width - x :]
        end = x + len(texts)
        row = Row(self.texts[:x] + texts + self.texts[end:], self.styles[:x] + styles + self.styles[end:])
        if x and self.texts[x : x + 1] == [""] and texts[:1] != [""]:
            row.texts[x - 1] = None  # the left half of what was a wide character
        if end < width and row.texts[end] == "" and _width(row.texts[end - 1]) < 2:
            row.texts[end] = None
        return row


def _cells(text: str, before: list[str | None]) -> list[str]:
    """Split a text into cells; what combines with the cell before it is added there."""
    if text.isascii():
        return list(text)
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells += [text[start:end], *[""] * (width - 1)]
        elif before:
            last = -1 if before[-1] else -2
            before[last] = (before[last] or "") + text[start:end]
    return cells


def _width(text: str | None) -> int:
    return cell_len(text) if text else 0


class Cells:
    """The screen of a terminal, as far as it is known."""

    def __init__(self, width: int, height: int) -> None:
        """Know nothing yet.

        Args:
            width: in cells.
            height: in lines.
        """
        self.size = (width, height)
        self.rows = [Row([None] * width, [""] * width)] * height

    def forget(self, x: int, y: int, width: int, height: int) -> None:
        """Take some cells for unknown: something else was drawn over them."""
        for line in range(max(0, y), min(y + height, len(self.rows))):
            row = self.rows[line]
            texts = list(row.texts)
            texts[x : x + width] = [None] * len(texts[x : x + width])
            self.rows[line] = Row(texts, row.styles)

    def paint(self, fragments: Iterable[Fragment], move: Move | None = None) -> str:
        """Take in what the screen shall show.

        Args:
            fragments: what is different now; all else stays.
            move: lines of which most can be found further up or down; a hint only.

        Returns:
            The control sequences that make it so. They begin and end in the default style, with the cursor
            anywhere.
        """
        wanted = list(self.rows)
        for y, x, runs in fragments:
            if 0 <= y < len(wanted):
                wanted[y] = wanted[y].with_runs(x, runs)
        ways = [_difference(self.rows, wanted)]
        if move is not None and self._can_move(move):
            ways.append(_scroll(move) + _difference(self._moved(move), wanted))
        self.rows = wanted
        return min(ways, key=len)

    def _can_move(self, move: Move) -> bool:
        top, bottom, by = move
        return 0 < abs(by) < bottom - top and not any(None in row.texts for row in self.rows[top:bottom])

    def _moved(self, move: Move) -> list[Row]:
        top, bottom, by = move
        width = self.size[0]
        blank = [Row([" "] * width, [""] * width)] * abs(by)
        lines = self.rows[top:bottom]
        lines = lines[by:] + blank if by > 0 else blank + lines[:by]
        return self.rows[:top] + lines + self.rows[bottom:]


def _scroll(move: Move) -> str:
    """Return what moves lines between margins: not all terminals have SU and SD."""
    top, bottom, by = move
    count = "" if abs(by) == 1 else abs(by)
    return f"\x1b[{top + 1};{bottom}r\x1b[{top + 1}H\x1b[{count}{'M' if by > 0 else 'L'}\x1b[r"


def _difference(shown: Sequence[Row], wanted: Sequence[Row]) -> str:
    pen = _Pen()
    for y, (before, after) in enumerate(zip(shown, wanted, strict=True)):
        if before is not after and before != after:
            pen.change_line(y, before, after)
    return pen.finish()


class _Pen:
    """Writes cells, and remembers where the cursor is and which style is in force."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._at: tuple[int, int] | None = None
        self._style = ""

    def finish(self) -> str:
        self._set_style("")
        return "".join(self._out)

    def change_line(self, y: int, before: Row, after: Row) -> None:
        width, tail = len(after.texts), _tail(after)
        for start, end in _changes(before, after):
            if end > tail and width - max(start, tail) >= _ERASE:
                self._write(y, start, tail, after)
                self._move_to(y, max(start, tail))
                self._set_style("")
                self._out.append("\x1b[K")
                return
            self._write(y, start, end, after)

    def _write(self, y: int, start: int, end: int, row: Row) -> None:
        texts, styles = row.texts, row.styles
        while start < end:
            stop = start + 1
            while stop < end and styles[stop] == styles[start] and len(texts[stop - 1] or "") < 2:
                stop += 1
            while stop < end and texts[stop] == "":
                stop += 1
            self._move_to(y, start)
            self._set_style(styles[start])
            self._out.append("".join(filter(None, texts[start:stop])))
            # how wide a joined character is, terminals do not agree on; and none goes on past the last column
            sure = stop < len(texts) and len(texts[stop - 1] or texts[stop - 2] or "") < 2
            self._at = (y, stop) if sure else None
            start = stop

    def _set_style(self, style: str) -> None:
        self._out.append(change(self._style, style))
        self._style = style

    def _move_to(self, y: int, x: int) -> None:
        if self._at != (y, x):
            self._out.append(_way(self._at, y, x))


def _way(at: tuple[int, int] | None, y: int, x: int) -> str:
    """Return the shortest way to a cell."""
    direct = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
    if at is None or y < at[0]:
        return direct
    down, right = y - at[0], x - at[1]
    lines = "" if not down else "\x1b[B" if down == 1 else f"\x1b[{down}B"
    columns = (
        "\r" if x == 0 else "\b" * -right if right <= 0 else "\x1b[C" if right == 1 else f"\x1b[{right}C"
    )
    return min(direct, lines + columns, key=len)


def _tail(row: Row) -> int:
    """Return where the blanks in the default style begin that end a line."""
    tail = len(row.texts)
    while tail and row.texts[tail - 1] == " " and not row.styles[tail - 1]:
        tail -= 1
    return tail


def _changes(before: Row, after: Row) -> Iterator[tuple[int, int]]:
    """Yield (first, behind the last) of the cells to be written, whole characters."""
    texts, styles = after.texts, after.styles
    other = map(or_, map(ne, texts, before.texts), map(ne, styles, before.styles))
    start = end = -1
    for x in compress(range(len(texts)), other):  # most cells stay: they are passed over without a look
        if x < end or texts[x] is None:
            continue
        first = x
        while texts[first] == "":
            first -= 1
        if end < 0 or not _is_bridge(after, end, first):
            if end >= 0:
                yield start, end
            start = first
        end = x + 1
        while end < len(texts) and texts[end] == "":
            end += 1
    if end >= 0:
        yield start, end


def _is_bridge(row: Row, start: int, end: int) -> bool:
    """Tell whether the cells between two that are written are sooner written, too, than passed over."""
    if end - start > _BRIDGE:
        return False
    return all(row.styles[x] == row.styles[start - 1] and row.texts[x] for x in range(start, end))
