"""The photo list: draws the rows that are seen, repaints the lines that change."""

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from catalog.reader import FolderPhoto
from tui.facts import date_of, size_of
from tui.shown import shown

_DATE, _DAY, _SIZE, _PIXELS = 16, 10, 8, 11
_WHEEL_LINES = 3


class PhotoList(Widget, can_focus=True):
    """The photos of one folder, one line each, with a cursor."""

    BINDINGS = [
        Binding("j,down", "move(1)", "Next photo"),
        Binding("k,up", "move(-1)", "Previous photo"),
        Binding("pagedown", "page(1)", "A page down"),
        Binding("pageup", "page(-1)", "A page up"),
        Binding("g,home", "first", "First photo"),
        Binding("G,end", "last", "Last photo"),
        Binding("h,left", "app.pane('tree')", "To the folders"),
        Binding("l,right", "app.pane('preview')", "To the preview"),
        Binding("space", "star(True)", "Star or unstar, and move on"),
        Binding("s", "star(False)", "Star or unstar"),
    ]
    COMPONENT_CLASSES = {"list--cursor", "list--star", "list--detail", "list--problem", "list--waiting"}

    @dataclass
    class Moved(Message):
        """The cursor is on another photo; `name` is None in an empty list."""

        folder: bytes
        name: bytes | None
        photo: FolderPhoto | None

    @dataclass
    class StarWanted(Message):
        """The user wants a star given or taken."""

        folder: bytes
        name: bytes
        is_starred: bool

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.folder = b""
        self._names: list[bytes] = []
        self._known: dict[bytes, FolderPhoto] = {}
        self._wanted: dict[tuple[bytes, bytes], bool] = {}
        self._cursor = 0
        self._top = 0
        self._places: dict[bytes, tuple[int, int]] = {}
        self._empty = "Reading…"
        self.border_title = "Photos"

    # ---- what is listed

    def show(self, folder: bytes, names: list[bytes], known: dict[bytes, FolderPhoto], empty: str) -> None:
        """List a folder. The cursor stays on its photo, or returns to where it was in this folder.

        Args:
            folder: raw path.
            names: file names, sorted.
            known: what the catalog knows, by name.
            empty: what to say if there are no names.
        """
        current = self._names[self._cursor] if self._names and folder == self.folder else None
        if folder != self.folder:
            self._places[self.folder] = (self._cursor, self._top)
            self._cursor, self._top = self._places.get(folder, (0, 0))
        self.folder, self._names, self._known, self._empty = folder, names, known, empty
        if current is not None and (self._cursor >= len(names) or names[self._cursor] != current):
            self._cursor = names.index(current) if current in names else self._cursor
        self._cursor = max(0, min(self._cursor, len(names) - 1))
        self._keep_cursor_visible()
        self.refresh()
        self._tell()

    def update_known(self, known: dict[bytes, FolderPhoto]) -> None:
        """Take in what the catalog has learned about photos of this folder."""
        self._known.update(known)
        visible = self._names[self._top : self._top + self.size.height]
        for line, name in enumerate(visible):
            if name in known:
                self._refresh_line(line)
        if self.current is not None and self.current in known:
            self._tell()

    def settle_star(self, folder: bytes, name: bytes, known: dict[bytes, FolderPhoto]) -> None:
        """A star that was wanted is written, or could not be (`known` is empty): show what is."""
        self._wanted.pop((folder, name), None)
        if folder == self.folder:
            self.update_known(known)
            self._refresh_name(name)

    @property
    def current(self) -> bytes | None:
        """The name of the photo under the cursor."""
        return self._names[self._cursor] if self._names else None

    def go_to(self, name: bytes) -> None:
        """Put the cursor on a photo, if it is listed."""
        if name in self._names:
            self._move_to(self._names.index(name))

    # ---- keys and mouse

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self._move_to(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self._move_to(self._cursor + by * max(1, self.size.height - 1))

    def action_first(self) -> None:
        """Go to the first photo."""
        self._move_to(0)

    def action_last(self) -> None:
        """Go to the last photo."""
        self._move_to(len(self._names) - 1)

    def action_star(self, move_on: bool) -> None:
        """Star the photo under the cursor, or take its star away."""
        name = self.current
        if name is None:
            return
        is_starred = not self._is_starred(name)
        self._wanted[self.folder, name] = is_starred
        self._refresh_name(name)
        self.post_message(self.StarWanted(self.folder, name, is_starred))
        if move_on:
            self._move_to(self._cursor + 1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse was clicked; on the star column, star it."""
        offset = event.get_content_offset(self)
        if offset is None or self._top + offset.y >= len(self._names):
            return
        self._move_to(self._top + offset.y)
        if offset.x < 2:
            self.action_star(move_on=False)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move on with the wheel."""
        event.stop()
        self._move_to(self._cursor + _WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move back with the wheel."""
        event.stop()
        self._move_to(self._cursor - _WHEEL_LINES)

    def on_resize(self) -> None:
        """Keep the cursor on the screen."""
        if self._keep_cursor_visible():
            self.refresh()

    # ---- painting

    def render_line(self, y: int) -> Strip:
        """Draw one line of the content."""
        width = self.size.width
        index = self._top + y
        if not self._names:
            words = Text(self._empty).wrap(self.app.console, max(8, width - 2))
            text = f" {words[y].plain}" if y < len(words) else ""
            return Strip(
                [Segment(set_cell_size(text, width), self.rich_style + self._style("detail"))], width
            )
        if index >= len(self._names):
            return Strip.blank(width, self.rich_style)
        name = self._names[index]
        cursor = self._style("cursor") if index == self._cursor and self.has_focus else Style()
        if index == self._cursor and not self.has_focus:
            cursor = Style(underline=True)
        segments = [
            Segment(text, self.rich_style + style + cursor)
            for text, style in self._cells(name, width)
            if text
        ]
        return Strip(segments, width)

    def _cells(self, name: bytes, width: int) -> list[tuple[str, Style]]:
        photo = self._known.get(name)
        star, star_style = self._star_cell(name)
        details = self._details(photo, width)
        label = shown(name)
        if photo is not None and photo.error:
            room = width - 2 - cell_len(label) - 2
            problem = f"  {shown(photo.error)}" if room > 8 else ""
            text = set_cell_size(problem, max(0, width - 2 - cell_len(label))) if problem else ""
            label_width = width - 2 - cell_len(text)
            return [
                (star, star_style),
                (_fit(label, label_width), Style()),
                (text, self._style("problem")),
            ]
        return [
            (star, star_style),
            (_fit(label, width - 2 - len(details)), Style()),
            (details, self._style("detail")),
        ]

    def _star_cell(self, name: bytes) -> tuple[str, Style]:
        photo = self._known.get(name)
        if (self.folder, name) in self._wanted:
            return ("☆ ", self._style("waiting"))  # asked for, not yet in the catalog
        if photo is not None and photo.starred:
            return ("★ ", self._style("star"))
        if photo is not None and photo.error:
            return ("! ", self._style("problem"))
        return ("  ", Style())

    def _details(self, photo: FolderPhoto | None, width: int) -> str:
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

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"list--{name}", partial=True)

    # ---- moving

    def _is_starred(self, name: bytes) -> bool:
        photo = self._known.get(name)
        return self._wanted.get((self.folder, name), photo is not None and photo.starred)

    def _move_to(self, index: int) -> None:
        index = max(0, min(index, len(self._names) - 1))
        if index == self._cursor or not self._names:
            return
        before, self._cursor = self._cursor, index
        if self._keep_cursor_visible():
            self.refresh()
        else:
            self._refresh_line(before - self._top)
            self._refresh_line(index - self._top)
        self._tell()

    def _keep_cursor_visible(self) -> bool:
        height = max(1, self.size.height)
        lowest = max(0, len(self._names) - height)
        top = max(self._cursor - height + 1, min(self._top, self._cursor, lowest))
        scrolled, self._top = top != self._top, top
        return scrolled

    def _refresh_line(self, y: int) -> None:
        self.refresh(Region(0, y, self.size.width, 1))

    def _refresh_name(self, name: bytes) -> None:
        visible = self._names[self._top : self._top + self.size.height]
        if name in visible:
            self._refresh_line(visible.index(name))

    def _tell(self) -> None:
        self._tell_position()
        name = self.current
        self.post_message(self.Moved(self.folder, name, self._known.get(name) if name else None))

    def _tell_position(self) -> None:
        self.border_subtitle = f"{self._cursor + 1}/{len(self._names)}" if self._names else ""

    def on_focus(self) -> None:
        """Show where the keys go."""
        self._refresh_line(self._cursor - self._top)

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self._refresh_line(self._cursor - self._top)


def _fit(text: str, width: int) -> str:
    """Return a text in exactly so many cells; a long name keeps its end, where names differ."""
    if cell_len(text) > width > 8:
        tail = text[-6:]
        text = set_cell_size(text, width - 1 - cell_len(tail)) + "…" + tail
    return set_cell_size(text, max(0, width))
