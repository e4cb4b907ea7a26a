"""The widget that shows one photo, as large as fits, once the cursor has rested on it for a moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.text import Text
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.pictures.loader import Loader
from tui.pictures.part import Part
from tui.pictures.wanted import Drawn, Form, Loaded, Source, Want
from tui.terminal.painter import CellPaintedApp
from tui.words.shown import shown
from tui.work.debounce import Debounce

_OFF = "Pictures are off: preview is set so in the preferences (,)."
DELAY = 0.1  # seconds that the cursor must rest, so that a key that is held costs no picture


class Picture(Widget):
    """A photo, or one sentence on why there is none.

    Attributes:
        part: what is shown of each photo; see `look_at`.
    """

    @dataclass
    class Ready(Message):
        """A picture has come from the pool; `Picture` turns it into `Settled`."""

        want: Want
        loaded: Loaded

    @dataclass
    class Settled(Message):
        """The photo that was asked for is on the screen, or cannot be."""

        source: Source
        loaded: Loaded

    def __init__(self, loader: Loader, form: Form | None, *, id: str | None = None) -> None:  # noqa: A002
        """Prepare the widget.

        Args:
            loader: makes the pictures.
            form: how they are drawn, None not at all.
            id: Textual's.
        """
        super().__init__(id=id)
        self._loader = loader
        self._form = form
        self._source: Source | None = None
        self._neighbours: Sequence[Source] = ()
        self.part = Part()
        self._drawn: Drawn | None = None
        self._is_over_due = False
        self._note = ""
        self._asking = Debounce(self, DELAY, self._ask)

    def show(self, source: Source | None, neighbours: Sequence[Source] = (), note: str = "") -> None:
        """Show a photo once the cursor has rested on it; the one before stays until then.

        Args:
            source: which, None for none.
            neighbours: those that may come next, the likeliest first: they will be there at once.
            note: said where there is none; safe to show.
        """
        self._neighbours = neighbours
        if self._form is None:
            source, note = None, _OFF if source is not None else note
        if source is None:
            self._put(None, note)
        if source == self._source or (source is not None and source.is_same(self._source)):
            return
        self._source = source
        self._loader.want(self, (), self._tell)
        if source is not None:
            self._asking.ask()

    def look_at(self, part: Part) -> None:
        """Show this part of each photo from now on, soon; what is there stays until then."""
        self.part = part
        self._asking.ask()

    def draw_by(self, form: Form | None) -> None:
        """Draw in another way from now on."""
        self._form = form
        self._ask()

    def on_resize(self) -> None:
        """Make a picture that fits."""
        self._ask()

    def on_unmount(self) -> None:
        """Ask for nothing any more, and leave nothing in the terminal."""
        self._loader.want(self, (), self._tell)
        self._put(None, "")

    def _ask(self) -> None:
        if self._source is None or self._form is None or min(self.size) < 1:
            return
        wants = [
            Want(source, *self.size, self._form, with_shot=True, part=self.part)
            for source in (self._source, *self._neighbours)
        ]
        self._loader.want(self, wants, self._tell)
        there = self._loader.found(wants[0])
        if there is not None:
            self._settle(wants[0], there)

    def _tell(self, want: Want, loaded: Loaded) -> None:
        """Take a picture from a thread of the pool."""
        if want.source == self._source:
            self.post_message(self.Ready(want, loaded))

    def on_picture_ready(self, event: Ready) -> None:
        """Show what was made, if it is still wanted."""
        event.stop()
        want = event.want
        if (want.source, want.part, (want.columns, want.lines)) == (self._source, self.part, self.size):
            self._settle(event.want, event.loaded)

    def _settle(self, want: Want, loaded: Loaded) -> None:
        self._put(loaded.drawn, shown(loaded.problem))
        self.post_message(self.Settled(want.source, loaded))

    # ---- painting

    def _put(self, drawn: Drawn | None, note: str) -> None:
        before, self._drawn, self._note = self._drawn, drawn, note
        if drawn is not None and drawn is not before:
            self._send(drawn.before)
        if before is not None and before is not drawn:
            if self.is_running:
                self.call_after_refresh(self._send, before.after)
            else:
                self._send(before.after)
        self.refresh()

    def _send(self, sequence: str) -> None:
        driver = self.app._driver  # noqa: SLF001 (there is no other way past the cells)
        if sequence and driver is not None:
            driver.write(sequence)

    def _draw_over(self) -> None:
        """Draw a picture that lies over its cells, if nothing else lies there."""
        self._is_over_due = False
        if self._drawn is None or not self._drawn.over:
            return
        region = self._picture_region(self._drawn)
        fits = self.content_region.contains_region(region)  # it does not while it is hidden, or just resized
        if fits and self.app.screen is self.screen and not self._lies_under_a_toast(region):
            self._send(f"\x1b7\x1b[{region.y + 1};{region.x + 1}H{self._drawn.over}\x1b8")
            if isinstance(self.app, CellPaintedApp):
                self.app.forget_cells(region)

    def _lies_under_a_toast(self, region: Region) -> bool:
        return any(toast.region.overlaps(region) for toast in self.screen.query("Toast"))

    def _picture_region(self, drawn: Drawn) -> Region:
        """Return where on the screen the picture is."""
        space = self.content_region
        width, height = drawn.lines[0].cell_length, len(drawn.lines)
        x, y = (space.width - width) // 2, (space.height - height) // 2
        return Region(space.x + x, space.y + y, width, height)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw some lines, be they new or kept; what lies over them is wiped by that, and drawn again."""
        if self._drawn is not None and self._drawn.over and not self._is_over_due:
            self._is_over_due = True
            self.call_after_refresh(self._draw_over)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width, height = self.size
        if self._drawn is not None:
            lines = self._drawn.lines
            line = y - (height - len(lines)) // 2
            if 0 <= line < len(lines):
                return self._centred(lines[line], width)
        elif self._note:
            words = Text(self._note).wrap(self.app.console, max(4, width - 2))
            line = y - max(0, (height - len(words)) // 2)
            if 0 <= line < len(words):
                text = words[line].plain
                return self._centred(Strip([Segment(text, self.rich_style)], cell_len(text)), width)
        return Strip.blank(width, self.rich_style)

    def _centred(self, line: Strip, width: int) -> Strip:
        left = max(0, (width - line.cell_length) // 2)
        right = max(0, width - left - line.cell_length)
        blank = self.rich_style
        return Strip([Segment(" " * left, blank), *line, Segment(" " * right, blank)]).crop(0, width)
