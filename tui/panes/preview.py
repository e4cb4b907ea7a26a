"""The preview: the photo under the cursor, and below it what is known of it."""

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Static

from tui.panes.photo_keys import PHOTO_KEYS
from tui.pictures.loader import Loader
from tui.pictures.picture import DELAY, Picture
from tui.pictures.sources import ELSEWHERE, is_elsewhere, source_of
from tui.pictures.wanted import Form, Source
from tui.words.photo import facts_of, told_shot
from tui.work.debounce import Debounce
from tui.work.rows import Row


class Preview(Widget, can_focus=True):
    """A photo, or one sentence on why there is none; below it what is known of it."""

    BINDINGS = [
        Binding("h,left", "app.pane('list')", "To the photos", id="left"),
        Binding("j,down", "app.move(1)", "Next photo", id="down"),
        Binding("k,up", "app.move(-1)", "Previous photo", id="up"),
        *PHOTO_KEYS,
    ]

    def __init__(self, loader: Loader, form: Form | None, *, id: str | None = None) -> None:  # noqa: A002
        """Prepare the pane.

        Args:
            loader: makes the pictures.
            form: how they are drawn, None not at all.
            id: Textual's.
        """
        super().__init__(id=id)
        self._loader, self._form = loader, form
        self._source: Source | None = None
        self._row: Row | None = None
        self._shot: list[str] = []
        self._telling = Debounce(self, DELAY, self._tell)
        self.border_title = "Preview"

    def compose(self) -> ComposeResult:
        """Lay out the picture and the facts."""
        yield Picture(self._loader, self._form)
        yield Static()

    def show(self, row: Row | None, neighbours: Sequence[Source] = ()) -> None:
        """Show a photo once the cursor has rested on it for a moment.

        Args:
            row: what is known of it, None for no photo.
            neighbours: photos that may be shown next, the likeliest first.
        """
        source = source_of(row) if row is not None else None
        if source is None or not source.is_same(self._source):
            self._shot = []
        self._source, self._row = source, row
        note = ELSEWHERE if row is not None and is_elsewhere(row) else ""
        self.query_one(Picture).show(source, neighbours, note)
        self._telling.ask()

    def on_picture_settled(self, event: Picture.Settled) -> None:
        """Tell how the photo was taken."""
        event.stop()
        if event.source.is_same(self._source) and event.loaded.shot is not None:
            self._shot = told_shot(event.loaded.shot)
            self._tell()

    def _tell(self) -> None:
        facts = facts_of(self._row) if self._row is not None else []
        self.query_one(Static).update(Text("\n".join([*facts, *self._shot]), justify="center"), layout=False)
