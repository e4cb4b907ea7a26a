"""The photo list: draws the rows that are seen, repaints the lines that change."""

from collections.abc import Callable
from dataclasses import dataclass

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

from catalog.reader import FolderPhoto
from tui.panes import photo_row
from tui.terminal.painter import rows_moved

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
    COMPONENT_CLASSES = {
        "list--cursor", "list--mark", "list--star", "list--detail", "list--problem", "list--waiting",
    }  # fmt: skip

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
        self._wanted: dict[tuple[bytes, bytes], list[bool]] = {}  # stars on their way, oldest first
        self._awaited: bytes | None = b""  # whichever comes first
        self._typed: list[Callable[[], None]] = []
        self._cursor = 0
        self._top = 0
        self._places: dict[bytes, tuple[int, int]] = {}
        self._empty = "Reading…"
        self.border_title = "Photos"

    # ---- what is listed

    def await_folder(self, folder: bytes) -> None:
        """Another folder comes: what is typed from now on is meant for its photos, not for those here."""
        if self._awaited not in (folder, b""):
            self._typed.clear()
        self._awaited = folder if folder != self.folder else None

    def show(self, folder: bytes, names: list[bytes], known: dict[bytes, FolderPhoto], empty: str) -> None:
        """List a folder. The cursor stays on its photo, or returns to where it was in this folder.

        Args:
            folder: raw path.
            names: file names, sorted.
            known: what the catalog knows, by name.
            empty: what to say if there are no names.
        """
        if (folder, names, known, empty) != (self.folder, self._names, self._known, self._empty):
            self._show(folder, names, known, empty)
        if self._awaited in (folder, b""):
            typed, self._typed, self._awaited = self._typed, [], None
            for do in typed:
                do()

    def _show(self, folder: bytes, names: list[bytes], known: dict[bytes, FolderPhoto], empty: str) -> None:
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
        news = {name: photo for name, photo in known.items() if self._known.get(name) != photo}
        self._known.update(news)
        visible = self._names[self._top : self._top + self.size.height]
        for line, name in enumerate(visible):
            if name in news:
                self._refresh_line(line)
        if self.current is not None and self.current in news:
            self._tell()

    def want_star(self, folder: bytes, name: bytes, is_starred: bool) -> None:
        """A star is on its way into the catalog: show so, until all that were asked for have settled."""
        self._wanted.setdefault((folder, name), []).append(is_starred)
        if folder == self.folder:
            self._refresh_name(name)

    def settle_star(self, folder: bytes, name: bytes, known: dict[bytes, FolderPhoto]) -> None:
        """The oldest star that was wanted is written, or could not be (`known` is empty): show what is."""
        waiting = self._wanted.get((folder, name), [])
        del waiting[:1]
        if not waiting:
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
        self._when_listed(lambda: self._move_to(self._cursor + by))

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self._when_listed(lambda: self._move_to(self._cursor + by * max(1, self.size.height - 1)))

    def action_first(self) -> None:
        """Go to the first photo."""
        self._when_listed(lambda: self._move_to(0))

    def action_last(self) -> None:
        """Go to the last photo."""
        self._when_listed(lambda: self._move_to(len(self._names) - 1))

    def action_star(self, move_on: bool) -> None:
        """Star the photo under the cursor, or take its star away."""
        self._when_listed(lambda: self._star(move_on=move_on))

    def _when_listed(self, do: Callable[[], None]) -> None:
        """Do what a key asks for, to the photos that it was meant for: those of the folder that comes."""
        if self._awaited is None:
            do()
        else:
            self._typed.append(do)

    def _star(self, *, move_on: bool) -> None:
        name = self.current
        if name is None:
            return
        is_starred = not self._is_starred(name)
        self.want_star(self.folder, name, is_starred)
        self.post_message(self.StarWanted(self.folder, name, is_starred))
        if move_on:
            self._move_to(self._cursor + 1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse was clicked; on the star column, star it."""
        offset = event.get_content_offset(self)
        if offset is None or self._top + offset.y >= len(self._names):
            return
        self._move_to(self._top + offset.y)
        if offset.x < photo_row.MARK:
            self._star(move_on=False)

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
        marked = index == self._cursor and not self.has_focus
        row = Style()
        if index == self._cursor:
            row = self._style("mark" if marked else "cursor")
        waiting = (self.folder, name) in self._wanted
        segments = [
            Segment(text, self.rich_style + (self._style(kind) if kind else Style()) + row)
            for text, kind in photo_row.cells(
                name, self._known.get(name), width, waiting=waiting, marked=marked
            )
            if text
        ]
        return Strip(segments, width)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"list--{name}", partial=True)

    # ---- moving

    def _is_starred(self, name: bytes) -> bool:
        photo = self._known.get(name)
        wanted = self._wanted.get((self.folder, name))
        return wanted[-1] if wanted else photo is not None and photo.starred

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
        moved_by, self._top = top - self._top, top
        if moved_by:
            rows_moved(self, moved_by)
        return moved_by != 0

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
