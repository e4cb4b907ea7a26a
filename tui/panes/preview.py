"""The preview: the photo under the cursor in half-blocks, two pixels a cell."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from catalog.reader import FolderPhoto
from tui.words.facts import date_of, size_of
from tui.words.shown import shown
from tui.work.background import Background

if TYPE_CHECKING:
    from PIL import Image


_DELAY = 0.05  # seconds that the cursor must rest, so that holding a key stays fluent
_FACT_LINES = 4


class Preview(Widget, can_focus=True):
    """A photo, or one sentence on why there is none; below it what is known of it."""

    BINDINGS = [
        Binding("h,left", "app.pane('list')", "To the photos"),
        Binding("j,down", "app.in_list('move', 1)", "Next photo"),
        Binding("k,up", "app.in_list('move', -1)", "Previous photo"),
        Binding("space", "app.in_list('star', True)", "Star or unstar, and move on"),
        Binding("s", "app.in_list('star', False)", "Star or unstar"),
    ]

    @dataclass
    class Ready(Message):
        """A picture as lines for the screen, or one sentence on why there is none."""

        lines: list[Strip]
        problem: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._path: bytes | None = None
        self._lines: list[Strip] = []
        self._note = ""
        self._facts: list[str] = []
        self._timer: Timer | None = None
        self._background = Background()
        self._decoding = threading.Lock()
        self.border_title = "Preview"

    def show(self, folder: bytes, name: bytes | None, photo: FolderPhoto | None) -> None:
        """Show a photo once the cursor has rested on it for a moment.

        Args:
            folder: raw path.
            name: its file name, None for no photo.
            photo: what the catalog knows of it.
        """
        path = folder.rstrip(b"/") + b"/" + name if name is not None else None
        self._facts = [] if name is None else _facts(name, photo)
        if path != self._path:
            self._path = path
            self._background.cancel("preview")
            if self._timer is not None:
                self._timer.stop()
            self._timer = self.set_timer(_DELAY, self._read)
        if path is None:
            self._lines, self._note = [], ""
            self.refresh()
        else:  # the picture stays until the next one is ready: half blocks are many bytes
            self.refresh(Region(0, self.size.height - _FACT_LINES, self.size.width, _FACT_LINES))

    def on_resize(self) -> None:
        """Make a picture that fits."""
        self._read()

    def _read(self) -> None:
        path, box = self._path, (self.size.width, max(0, self.size.height - _FACT_LINES) * 2)
        if path is not None and min(box) >= 2:
            self._background.run("preview", lambda stale: self._decode(path, box, stale))

    def _decode(self, path: bytes, box: tuple[int, int], stale: Callable[[], bool]) -> None:
        """Decode on a thread, one photo at a time, so that photos passed by cost nothing."""
        from catalog.photo_files.pixels import PixelsUnavailable, thumbnail

        with self._decoding:
            if stale():
                return
            try:
                message = self.Ready(half_blocks(thumbnail(path, *box)), "")
            except (PixelsUnavailable, OSError) as error:
                message = self.Ready([], getattr(error, "strerror", None) or str(error))
        if not stale():
            self.post_message(message)

    def on_preview_ready(self, event: Ready) -> None:
        """Show what was decoded."""
        event.stop()
        self._lines, self._note = event.lines, shown(event.problem)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the content."""
        width, height = self.size
        picture_height = max(0, height - _FACT_LINES)
        if self._lines and y < picture_height:
            top = (picture_height - len(self._lines)) // 2
            if top <= y < top + len(self._lines):
                return self._centred(self._lines[y - top], width)
        elif not self._lines and self._note and y < picture_height:
            return self._words(self._note, width, y - max(0, picture_height // 2 - 1))
        elif y >= picture_height + 1:
            return self._words("\n".join(self._facts), width, y - picture_height - 1)
        return Strip.blank(width, self.rich_style)

    def _centred(self, line: Strip, width: int) -> Strip:
        left = max(0, (width - line.cell_length) // 2)
        right = max(0, width - left - line.cell_length)
        blank = self.rich_style
        return Strip([Segment(" " * left, blank), *line, Segment(" " * right, blank)], width).crop(0, width)

    def _words(self, words: str, width: int, line: int) -> Strip:
        wrapped = list(Text(words).wrap(self.app.console, max(4, width - 2))) if words else []
        if not 0 <= line < len(wrapped):
            return Strip.blank(width, self.rich_style)
        text = wrapped[line].plain
        left = max(0, (width - cell_len(text)) // 2)
        return Strip([Segment(" " * left + text, self.rich_style)]).adjust_cell_length(width, self.rich_style)


def _facts(name: bytes, photo: FolderPhoto | None) -> list[str]:
    if photo is None:
        return [shown(name), "not scanned yet"]
    pixels = f"{photo.width}×{photo.height}" if photo.width and photo.height else ""
    moment = photo.photodate if photo.photodate is not None else photo.modified
    facts = [date_of(moment), pixels, size_of(photo.size), "★" if photo.starred else ""]
    error = [shown(photo.error)] if photo.error else []
    return [shown(name), " · ".join(filter(None, facts)), *error]


def half_blocks(image: "Image.Image") -> list[Strip]:
    """Turn a picture into lines of upper half blocks: foreground is the upper pixel, background the lower.

    Args:
        image: RGB, one pixel a column and two a row.
    """
    width, height = image.size
    pixels = image.tobytes()
    stride = width * 3
    if height % 2:
        pixels += pixels[-stride:]  # the last cell of an odd picture is whole
    lines = []
    for y in range(0, height, 2):
        upper = pixels[y * stride : (y + 1) * stride]
        lower = pixels[(y + 1) * stride : (y + 2) * stride]
        segments: list[Segment] = []
        begin = 0
        for x in range(3, stride + 3, 3):  # runs of one pair of colours become one segment
            pair = (upper[begin : begin + 3], lower[begin : begin + 3])
            if x == stride or (upper[x : x + 3], lower[x : x + 3]) != pair:
                style = Style(color=Color.from_rgb(*pair[0]), bgcolor=Color.from_rgb(*pair[1]))
                segments.append(Segment("▀" * ((x - begin) // 3), style))
                begin = x
        lines.append(Strip(segments, width))
    return lines
