"""An app whose output is compared with what the terminal shows, so that only cells that differ are written.

It stands in for one private method of Textual, `App._display`, and passes on to it whatever it does not know:
then Textual paints by itself, and all cells count as unknown. Textual is pinned; this module and
compositor.py are the only ones that depend on how it paints.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Any

from rich.color import ColorSystem
from rich.console import RenderableType
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Offset, Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.terminal.cells import Cells, Fragment, Move
from tui.terminal.compositor import HeldScreen

_TORN = (
    1000  # characters: what is longer may be seen half painted, unless the terminal is told when it is whole
)


def rows_moved(widget: Widget, by: int) -> None:
    """Say that most lines of a widget can be found further up now: the terminal may move them by itself.

    Args:
        widget: the one that scrolls.
        by: so many lines up, or down if it is negative.
    """
    if isinstance(widget.app, CellPaintedApp) and can_move_rows(widget):
        widget.app.note_move(Move(widget.content_region.y, widget.content_region.bottom, by))


def can_move_rows(widget: Widget) -> bool:
    """Return whether a widget's lines go across the screen, so that the terminal can move them by itself."""
    return widget.region.width == widget.screen.size.width


class CellPaintedApp(App[None]):
    """An app that paints cell by cell."""

    def __init__(self) -> None:
        # for NO_COLOR Textual makes all colours grey, unless they are the terminal's own: those it leaves out
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self._cells: Cells | None = None
        self._move: Move | None = None
        self._left_at = Offset()

    def get_default_screen(self) -> Screen[Any]:
        """Have a screen that can wait until more has changed."""
        return HeldScreen(id="_default")

    def note_move(self, move: Move) -> None:
        """Take a hint for what is painted next; two that do not fit together are none."""
        last, self._move = self._move, move
        if last is not None:
            self._move = move._replace(by=last.by + move.by) if last[:2] == move[:2] else None

    def forget_cells(self, region: Region | None = None) -> None:
        """Something else was drawn on the terminal: what is painted there next is written whole.

        Args:
            region: in cells; None is the whole screen.
        """
        if region is None:
            self._cells = None
        elif self._cells is not None:
            self._cells.forget(*region)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver, move = self._driver, self._move
        if (
            driver is None
            or driver.is_headless
            or driver.is_inline
            or not isinstance(renderable, ChopsUpdate | LayoutUpdate)
        ):
            if renderable is not None:
                self._cells = None
            super()._display(screen, renderable)
            return
        if self._running and not self._closed and not self._batch_count:
            self._move = None
            out = self._difference(renderable, move)
            if out:
                whole = self._sync_available and len(out) > _TORN
                driver.write(f"{SYNC_START}{out}{SYNC_END}" if whole else out)
        self.post_display_hook()

    def _difference(self, update: ChopsUpdate | LayoutUpdate, move: Move | None) -> str:
        if self._cells is None or self._cells.size != self.size:
            self._cells = Cells(*self.size)
        system = self.console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001
        out = self._cells.paint((Fragment(y, x, [*_runs(s, system)]) for y, x, s in _lines(update)), move)
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if cursor != self._left_at or (out and cursor):  # it is hidden, but input methods go by it
            self._left_at = cursor
            out += f"\x1b[{cursor.y + 1};{cursor.x + 1}H"
        return out


def _lines(update: ChopsUpdate | LayoutUpdate) -> Iterator[tuple[int, int, Iterable[Strip]]]:
    """Yield (y, x, strips side by side) of what is to be painted."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            yield y, update.region.x, strips
        return
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
            if strip is not None and x < last and end > first:
                yield y, x, [strip]  # whole, as a cut could go through a wide character


def _runs(strips: Iterable[Strip], system: ColorSystem) -> Iterator[tuple[str, str]]:
    for strip in strips:
        for text, style, _ in strip:
            yield text, "" if style is None else Strip.render_ansi(style, system)
