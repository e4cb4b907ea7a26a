"""The contact sheet: the photos on the screen as tiles, and only those repainted that change."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.panes.photo_keys import PAGE_KEYS, PHOTO_KEYS, rows_of
from tui.panes.position import tell_position
from tui.panes.sheet_layout import SheetLayout
from tui.panes.sheet_pictures import SheetPictures
from tui.panes.tile import Tile, tile_line
from tui.pictures.loader import Loader
from tui.pictures.sources import ELSEWHERE, is_elsewhere
from tui.pictures.wanted import Form, Loaded, Want
from tui.terminal.painter import rows_moved
from tui.words.shown import shown
from tui.work.debounce import Debounce
from tui.work.photo_changes import CursorMoved, OrderChanged, RowsChanged
from tui.work.photos import Photos
from tui.work.rows import Row

_DELAY = 0.05  # seconds that the sheet must rest before pictures are asked for


class ContactSheet(Widget, can_focus=True):
    """The photos on the screen as tiles, with a cursor."""

    BINDINGS = [
        Binding("h,left", "move(-1)", "Previous photo", id="left"),
        Binding("l,right", "move(1)", "Next photo", id="right"),
        Binding("j,down", "row(1)", "The photo below", id="down"),
        Binding("k,up", "row(-1)", "The photo above", id="up"),
        *PHOTO_KEYS,
        *PAGE_KEYS,
    ]
    COMPONENT_CLASSES = {
        "sheet--frame", "sheet--star", "sheet--problem", "sheet--mark", "sheet--badge", "sheet--name",
        "sheet--note",
    }  # fmt: skip

    @dataclass
    class Ready(Message):
        """A picture has come from the pool."""

        key: bytes
        want: Want
        loaded: Loaded

    def __init__(
        self,
        photos: Photos,
        loader: Loader,
        form: Form | None,
        *,
        id: str | None = None,  # noqa: A002 (Textual's name)
    ) -> None:
        """Prepare the sheet.

        Args:
            photos: what it draws.
            loader: makes the pictures.
            form: how they are drawn: as characters; None not at all.
            id: Textual's.
        """
        super().__init__(id=id)
        self._photos = photos
        self._pictures = SheetPictures(loader, form)
        self._grid = SheetLayout.of(1, 1)
        self._first = 0  # index of the photo of the first tile
        self._empty = "Reading…"
        self._asking = Debounce(self, _DELAY, self._ask)
        self.border_title = "Contact sheet"

    def on_mount(self) -> None:
        """Hear what changes."""
        self._photos.listen(self._hear)

    def on_unmount(self) -> None:
        """Hear it no more, and ask for nothing any more."""
        self._photos.unlisten(self._hear)
        self._pictures.ask_nothing()

    def say_empty(self, text: str) -> None:
        """Have something said where there are no photos."""
        if text != self._empty:
            self._empty = text
            self.refresh()

    # ---- keys and mouse

    def action_move(self, by: int) -> None:
        """Move the cursor by photos."""
        self._photos.when_there(lambda: self._photos.move_by(by))

    def action_row(self, by: int) -> None:
        """Move the cursor by rows; it stays in its column."""
        self._photos.when_there(lambda: self._move_by_rows(by))

    def action_page(self, by: float) -> None:
        """Move the cursor by pages."""
        self._photos.when_there(lambda: self._move_by_rows(rows_of(by, self._grid.rows)))

    def action_first(self) -> None:
        """Go to the first photo."""
        self._photos.when_there(lambda: self._photos.move_to(0))

    def action_last(self) -> None:
        """Go to the last photo."""
        self._photos.when_there(self._photos.move_to_last)

    def _move_by_rows(self, by: int) -> None:
        columns = self._grid.columns
        row, column = divmod(self._photos.cursor, columns)
        last = max(0, len(self._photos) - 1) // columns
        self._photos.move_to(max(0, min(row + by, last)) * columns + column)

    async def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse was clicked; in a tile's upper left corner, star it."""
        offset = event.get_content_offset(self)
        place = self._grid.place_at(offset.x, offset.y) if offset is not None else None
        if offset is None or place is None or self._first + place >= len(self._photos):
            return
        self._photos.move_to(self._first + place)
        corner = self._grid.region(place)
        if offset.y == corner.y and offset.x <= corner.x + 2:
            await self.run_action("app.star_clicked")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move on with the wheel."""
        event.stop()
        self._move_by_rows(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move back with the wheel."""
        event.stop()
        self._move_by_rows(-1)

    # ---- what has changed

    def _hear(self, message: Message) -> None:
        if not self.display:
            return
        if isinstance(message, CursorMoved):
            self._follow(message.before)
        elif isinstance(message, OrderChanged):
            self._pictures.keep(())
            self._settle()
        elif isinstance(message, RowsChanged):
            self._refresh_keys([key for _, key in self._seen()] if message.keys is None else message.keys)
            tell_position(self, self._photos)
            self._asking.ask()  # once it has rested: what is scrolled past costs nothing

    def _follow(self, before: int) -> None:
        first = self._first
        if self._keep_cursor_visible():
            moved = (self._first - first) // self._grid.columns
            if abs(moved) < self._grid.rows:
                rows_moved(self, moved * self._grid.height)
            self._pictures.keep({key for _, key in self._seen()})
            self._photos.look(self._first, self._grid.tiles)
            self.refresh()
            self._asking.ask()
        elif self._photos.marks.anchor is not None:
            ends = sorted((before - first, self._photos.cursor - first))
            self._refresh_tiles(range(ends[0], ends[1] + 1))
        else:
            self._refresh_tiles((before - first, self._photos.cursor - first))
        tell_position(self, self._photos)

    def on_resize(self) -> None:
        """Divide the space anew."""
        layout = SheetLayout.of(*self.size)
        if layout != self._grid:
            self._grid = layout
            self._pictures.keep(())
        self._settle()

    def on_show(self) -> None:
        """Catch up with what has changed meanwhile."""
        self._settle()

    def on_hide(self) -> None:
        """Ask for nothing any more."""
        self._pictures.ask_nothing()

    def _settle(self) -> None:
        self._keep_cursor_visible()
        self._pictures.keep({key for _, key in self._seen()})
        self._photos.look(self._first, self._grid.tiles)
        tell_position(self, self._photos)
        self.refresh()
        self._asking.ask()

    def _keep_cursor_visible(self) -> bool:
        columns, rows = self._grid.columns, self._grid.rows
        cursor = self._photos.cursor // columns
        last = max(0, len(self._photos) - 1) // columns
        top = max(cursor - rows + 1, min(self._first // columns, cursor, max(0, last - rows + 1)))
        before, self._first = self._first, top * columns
        return before != self._first

    def _seen(self) -> Iterable[tuple[int, bytes]]:
        return enumerate(self._photos.keys[self._first : self._first + self._grid.tiles])

    def _refresh_tiles(self, places: Iterable[int]) -> None:
        regions = [self._grid.region(place) for place in places if 0 <= place < self._grid.tiles]
        if regions:
            self.refresh(*regions)

    def on_focus(self) -> None:
        """Show where the keys go."""
        self._refresh_tiles([self._photos.cursor - self._first])

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self._refresh_tiles([self._photos.cursor - self._first])

    # ---- the pictures

    def _ask(self) -> None:
        """Ask for the pictures of what is seen, the cursor's first, and then of a page after and before."""
        first, count = self._first, self._grid.tiles
        near = [*range(first + count, first + 2 * count), *range(first - 1, first - count - 1, -1)]
        there = self._pictures.ask(
            [self._photos.row(index) for index in self._in_list([self._photos.cursor, *self._places()])],
            [self._photos.row(index) for index in self._in_list(near)],
            self._grid.picture,
            lambda key, want, loaded: self.post_message(self.Ready(key, want, loaded)),
        )
        self._refresh_keys(there)

    def _places(self) -> range:
        return range(self._first, self._first + self._grid.tiles)

    def _in_list(self, indexes: Iterable[int]) -> list[int]:
        return [index for index in indexes if 0 <= index < len(self._photos)]

    def on_contact_sheet_ready(self, event: Ready) -> None:
        """Show a picture, if its photo is still seen."""
        event.stop()
        seen = {key for _, key in self._seen()}
        if (event.want.columns, event.want.lines) == self._grid.picture and event.key in seen:
            self._pictures.put(event.key, event.want, event.loaded)
            self._refresh_keys({event.key})

    def _refresh_keys(self, keys: Collection[bytes]) -> None:
        self._refresh_tiles(place for place, key in self._seen() if key in keys)

    # ---- painting

    def render_line(self, y: int) -> Strip:
        """Draw one line of the content."""
        width, layout = self.size.width, self._grid
        if not self._photos.keys:
            words = Text(self._empty).wrap(self.app.console, max(8, width - 2))
            text = f" {words[y].plain}" if y < len(words) else ""
            return Strip([Segment(text, self._style("note"))]).adjust_cell_length(width, self.rich_style)
        row, line = divmod(y, layout.height)
        begin = self._first + row * layout.columns
        end = min(begin + layout.columns, len(self._photos)) if row < layout.rows else begin
        segments: list[Segment] = []
        for index in range(begin, end):
            segments += tile_line(self._tile(index), line, layout.width, layout.height, self._style)
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _tile(self, index: int) -> Tile:
        row, is_marked = self._photos.row(index), self._photos.is_marked(index)
        loaded = self._pictures.get(row.key)
        frame = "marked" if is_marked else ""
        if index == self._photos.cursor:
            frame = "cursor" if self.has_focus else "away"
        lines = loaded.drawn.lines if loaded is not None and loaded.drawn is not None else []
        return Tile(row, lines, self._note(row, loaded), frame, is_marked)

    def _note(self, row: Row, loaded: Loaded | None) -> list[str]:
        text = shown(loaded.problem) if loaded is not None else ELSEWHERE if is_elsewhere(row) else ""
        width = max(4, self._grid.picture[0] - 2)
        return [line.plain for line in Text(text).wrap(self.app.console, width)] if text else []

    def _style(self, name: str) -> Style:
        if not name:
            return self.rich_style
        return self.rich_style + self.get_component_rich_style(f"sheet--{name}", partial=True)
