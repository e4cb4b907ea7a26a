"""The preview: the photo under the cursor, and below it what is known of it."""

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Static

from catalog.reader import FolderPhoto
from tui.pictures.loader import Loader
from tui.pictures.picture import Picture
from tui.pictures.wanted import Form, Source
from tui.words.facts import date_of, size_of, told_shot
from tui.words.shown import shown


class Preview(Widget, can_focus=True):
    """A photo, or one sentence on why there is none; below it what is known of it."""

    BINDINGS = [
        Binding("h,left", "app.pane('list')", "To the photos"),
        Binding("j,down", "app.in_list('move', 1)", "Next photo"),
        Binding("k,up", "app.in_list('move', -1)", "Previous photo"),
        Binding("space", "app.in_list('star', True)", "Star or unstar, and move on"),
        Binding("s", "app.in_list('star', False)", "Star or unstar"),
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
        self._facts: list[str] = []
        self._shot: list[str] = []
        self.border_title = "Preview"

    def compose(self) -> ComposeResult:
        """Lay out the picture and the facts."""
        yield Picture(self._loader, self._form)
        yield Static()

    def show(
        self,
        folder: bytes,
        name: bytes | None,
        photo: FolderPhoto | None,
        neighbours: Sequence[Source] = (),
    ) -> None:
        """Show a photo once the cursor has rested on it for a moment.

        Args:
            folder: raw path.
            name: its file name, None for no photo.
            photo: what the catalog knows of it.
            neighbours: photos that may be shown next, the likeliest first.
        """
        source = None
        if name is not None:
            source = Source(folder.rstrip(b"/") + b"/" + name, photo.md5 if photo else None)
        if source is None or not source.is_same(self._source):
            self._shot = []
        self._source = source
        self._facts = [] if name is None else _facts(name, photo)
        self.query_one(Picture).show(source, neighbours)
        self._tell()

    def on_picture_settled(self, event: Picture.Settled) -> None:
        """Tell how the photo was taken."""
        event.stop()
        if event.source.is_same(self._source) and event.loaded.shot is not None:
            self._shot = told_shot(event.loaded.shot)
            self._tell()

    def _tell(self) -> None:
        self.query_one(Static).update(
            Text("\n".join([*self._facts, *self._shot]), justify="center"), layout=False
        )


def _facts(name: bytes, photo: FolderPhoto | None) -> list[str]:
    if photo is None:
        return [shown(name), "not scanned yet"]
    pixels = f"{photo.width}×{photo.height}" if photo.width and photo.height else ""
    moment = photo.photodate if photo.photodate is not None else photo.modified
    facts = [date_of(moment), pixels, size_of(photo.size), "★" if photo.starred else ""]
    error = [shown(photo.error)] if photo.error else []
    return [shown(name), " · ".join(filter(None, facts)), *error]
