"""The photo list: draws the photos that are seen, a line each, and repaints the lines that change."""

import time
from collections.abc import Iterable

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.panes import photo_row
from tui.panes.photo_keys import PAGE_KEYS, PHOTO_KEYS, rows_of
from tui.panes.position import tell_position
from tui.terminal.compositor import hold_paint
from tui.terminal.painter import can_move_rows, rows_moved
from tui.work.debounce import Debounce
from tui.work.photo_changes import CursorMoved, OrderChanged, RowsChanged
from tui.work.photos import Photos
from tui.work.rows import place_of

_WHEEL_LINES = 3
_UNKNOWN = 0.05  # seconds that lines wait for what is to be said of their photos: else each is written twice
_LONGEST = 0.2  # seconds that they wait while other lines are scrolled to


class PhotoList(Widget, can_focus=True):
    """The photos on the screen, one line each, with a cursor."""

    BINDINGS = [
        Binding("j,down", "move(1)", "Next photo", id="down"),
        Binding("k,up", "move(-1)", "Previous photo", id="up"),
        *PHOTO_KEYS,
        *PAGE_KEYS,
        Binding("h,left", "app.pane('tree')", "To the folders", id="left"),
        Binding("l,right", "app.pane('preview')", "To the preview", id="right"),
    ]
    COMPONENT_CLASSES = {
        "list--cursor", "list--away", "list--star", "list--marked", "list--detail", "list--problem",
        "list--waiting",
    }  # fmt: skip

    def __init__(self, photos: Photos, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Prepare the list.

        Args:
            photos: what it draws.
            id: Textual's.
        """
        super().__init__(id=id)
        self._photos = photos
        self._top = 0
        self._tops: dict[tuple[object, ...], int] = {}
        self._place = place_of(photos.query)
        self._empty = "Reading…"
        self._plain = Style()
        self._drawing = Debounce(self, _UNKNOWN, self._draw_all)
        self._undrawn: float | None = None  # since when lines wait, monotonic seconds
        self.border_title = "Photos"

    def on_mount(self) -> None:
        """Hear what changes."""
        self._photos.listen(self._hear)

    def on_unmount(self) -> None:
        """Hear it no more."""
        self._photos.unlisten(self._hear)

    def say_empty(self, text: str) -> None:
        """Have something said where there are no photos."""
        if text != self._empty:
            self._empty = text
            self.refresh()

    # ---- keys and mouse

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self._photos.when_there(lambda: self._photos.move_by(by))

    def action_page(self, by: float) -> None:
        """Move the cursor by pages."""
        self._photos.when_there(lambda: self._photos.move_by(rows_of(by, self.size.height - 1)))

    def action_first(self) -> None:
        """Go to the first photo."""
        self._photos.when_there(lambda: self._photos.move_to(0))

    def action_last(self) -> None:
        """Go to the last photo."""
        self._photos.when_there(self._photos.move_to_last)

    async def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse was clicked; on the star column, star it."""
        offset = event.get_content_offset(self)
        if offset is None or self._top + offset.y >= len(self._photos):
            return
        self._photos.move_to(self._top + offset.y)
        if offset.x < photo_row.SIGNS:
            await self.run_action("app.star_clicked")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move on with the wheel."""
        event.stop()
        self._photos.move_by(_WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move back with the wheel."""
        event.stop()
        self._photos.move_by(-_WHEEL_LINES)

    # ---- what has changed

    def _hear(self, message: Message) -> None:
        if isinstance(message, CursorMoved):
            self._follow(message.before)
        elif isinstance(message, OrderChanged):
            self._reorder()
        elif isinstance(message, RowsChanged):
            shown = self._photos.keys[self._top : self._top + self.size.height]
            keys = message.keys
            if self._undrawn is not None and self._is_known():
                self._draw_all()
            self._refresh_lines(y for y, key in enumerate(shown) if keys is None or key in keys)
            tell_position(self, self._photos)

    def _follow(self, before: int) -> None:
        top, ends = self._top, sorted((before, self._photos.cursor))
        if self._keep_cursor_visible():
            self._scrolled(top)
        elif self._photos.marks.anchor is not None:
            self._refresh_lines(range(ends[0] - self._top, ends[1] - self._top + 1))
        else:
            self._refresh_lines(end - self._top for end in ends)
        tell_position(self, self._photos)

    def _reorder(self) -> None:
        self._tops[self._place] = self._top
        place = place_of(self._photos.query)
        if place != self._place:
            self._place, self._top = place, self._tops.get(place, 0)
        self._keep_cursor_visible()
        self._photos.look(self._top, self.size.height)
        tell_position(self, self._photos)
        self._draw_soon()

    def on_resize(self) -> None:
        """Keep the cursor on the screen."""
        self._keep_cursor_visible()
        self._photos.look(self._top, self.size.height)
        self.refresh()

    def _scrolled(self, before: int) -> None:
        """The top line was that of the photo at index `before`, and is that of the one at `_top` now."""
        rows_moved(self, self._top - before)
        self._photos.look(self._top, self.size.height)
        self._draw_soon()

    def _draw_soon(self) -> None:
        """Draw all lines, once what they say is known, but do not wait long for it."""
        now = time.monotonic()
        self._undrawn = now if self._undrawn is None else self._undrawn
        if self._is_known() or now - self._undrawn > _LONGEST:
            self._draw_all()
        else:
            hold_paint(self, held=True)
            self._drawing.ask()

    def _is_known(self) -> bool:
        if not self.display:  # nothing waits for what is not seen
            return True
        ends = range(self._top, min(len(self._photos), self._top + self.size.height))
        return all(self._photos.row(index).known for index in ends)

    def _draw_all(self) -> None:
        self._drawing.cancel()
        self._undrawn = None
        self.refresh()
        hold_paint(self, held=False)

    def _keep_cursor_visible(self) -> bool:
        if not self.display:  # the contact sheet is shown instead
            return False
        height = max(1, self.size.height)
        lowest = max(0, len(self._photos) - height)
        cursor = self._photos.cursor
        top = max(cursor - height + 1, min(self._top, cursor, lowest))
        if 0 < abs(top - self._top) < height // 2 and not can_move_rows(self):
            # half a page at once: with panes beside it, each line would have to be written anew for each key
            top = max(0, min(lowest, self._top + (height // 2 if top > self._top else -(height // 2))))
        scrolled, self._top = top != self._top, top
        return scrolled

    def _refresh_lines(self, lines: Iterable[int]) -> None:
        regions = [Region(0, y, self.size.width, 1) for y in lines if 0 <= y < self.size.height]
        if regions:
            self.refresh(*regions)

    def on_focus(self) -> None:
        """Show where the keys go."""
        self._refresh_lines([self._photos.cursor - self._top])

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self._refresh_lines([self._photos.cursor - self._top])

    # ---- painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw some lines, be they new or kept."""
        self._plain = self.rich_style  # made anew from all that the list lies in, each time it is asked for
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the content."""
        width = self.size.width
        index = self._top + y
        if not self._photos.keys:
            words = Text(self._empty).wrap(self.app.console, max(8, width - 2))
            text = f" {words[y].plain}" if y < len(words) else ""
            style = self._plain + self._style("detail")
            return Strip([Segment(set_cell_size(text, width), style)], width)
        if index >= len(self._photos):
            return Strip.blank(width, self._plain)
        here = index == self._photos.cursor
        away = here and not self.has_focus
        line = self._style("away" if away else "cursor") if here else Style()
        row, plain = self._photos.row(index), self._plain
        dull = "problem" if here else ""  # red on the cursor's blue cannot be read
        segments = [
            Segment(text, plain + (self._style(kind) if kind not in ("", dull) else Style()) + line)
            for text, kind in photo_row.cells(row, width, marked=self._photos.is_marked(index), away=away)
            if text
        ]
        return Strip(segments, width)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"list--{name}", partial=True)
