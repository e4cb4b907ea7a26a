"""The full view: one photo on the whole screen, with the next and the previous a key away."""

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.panes.photo_keys import PHOTO_KEYS
from tui.panes.photo_row import fit
from tui.pictures.loader import Loader
from tui.pictures.part import Part
from tui.pictures.picture import Picture
from tui.pictures.sources import ELSEWHERE, is_elsewhere, neighbours, source_of
from tui.pictures.wanted import Form
from tui.screens.foot import key_of
from tui.words.photo import ONLY_REMOTE, details_of, told_shot
from tui.words.shown import shown
from tui.work.photo_changes import RowsChanged
from tui.work.photos import Photos
from tui.work.rows import Row, Where


class FullView(ModalScreen[None]):
    """The photo under the cursor; its keys move that cursor."""

    BINDINGS = [
        Binding("j,l,down,right", "app.move(1)", "Next photo", id="down"),
        Binding("k,h,up,left", "app.move(-1)", "Previous photo", id="up"),
        Binding("g,home", f"app.move(-{1 << 40})", "First photo", id="first"),
        Binding("G,end", f"app.move({1 << 40})", "Last photo", id="last"),
        *PHOTO_KEYS,
        Binding("u", "app.undo", "Undo the last star", id="undo"),
        Binding("U", "app.redo", "Do again what was undone", id="redo"),
        Binding("F", "app.fetch_original", "Fetch the original from the remote", id="fetch_original"),
        Binding("z", "zoom(1)", "Zoom in; the next photo is zoomed in on there, too", id="zoom_in"),
        Binding("Z", "zoom(-1)", "Zoom out", id="zoom_out"),
        Binding("H", "pan(-1, 0)", "Pan left", id="pan_left"),
        Binding("J", "pan(0, 1)", "Pan down", id="pan_down"),
        Binding("K", "pan(0, -1)", "Pan up", id="pan_up"),
        Binding("L", "pan(1, 0)", "Pan right", id="pan_right"),
        Binding("i", "facts", "Hide or show the facts", id="facts"),
        Binding("escape,q,enter", "leave", "Back", id="back"),
    ]

    def __init__(self, photos: Photos, loader: Loader, form: Form | None, *, has_remote: bool) -> None:
        """Prepare the screen.

        Args:
            photos: those that can be walked through.
            loader: makes the pictures.
            form: how they are drawn, None not at all.
            has_remote: whether there is somewhere to back an original up to.
        """
        super().__init__()
        self._has_remote = has_remote
        self._photos, self._loader, self._form = photos, loader, form
        self._shot: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay out the picture and the facts."""
        yield Picture(self._loader, self._form)
        yield Static()

    def on_mount(self) -> None:
        """Show the photo under the cursor, and each that it moves to."""
        self._photos.listen(self._hear)
        self._show()

    def on_resize(self) -> None:
        """Give the name the room that there is."""
        self._tell()

    def on_unmount(self) -> None:
        """Hear nothing any more."""
        self._photos.unlisten(self._hear)

    def _hear(self, message: Message) -> None:
        row = self._photos.current
        if not isinstance(message, RowsChanged):
            self._shot = []
            self._show()
        elif row is not None and (message.keys is None or row.key in message.keys):
            self._show()

    def _show(self) -> None:
        row = self._photos.current
        if row is None:  # the folder has gone, or no filter lets a photo through any more
            self.query_one(Picture).show(None)
        else:
            note = ELSEWHERE if is_elsewhere(row) else ""
            self.query_one(Picture).show(source_of(row), neighbours(self._photos), note)
        self._tell()

    def on_picture_settled(self, event: Picture.Settled) -> None:
        """Tell how the photo was taken."""
        row = self._photos.current
        if row is not None and event.source.is_same(source_of(row)) and event.loaded.shot is not None:
            self._shot = told_shot(event.loaded.shot)
            self._tell()

    def _tell(self) -> None:
        row = self._photos.current
        if row is None:
            told = f"No photo is left here. {key_of(self, 'back')} goes back."
            self.query_one(Static).update(Text(told), layout=False)
            return
        sign = "☆ " if row.waiting else "★ " if row.starred else ""
        mark = "  + marked" if self._photos.is_marked(self._photos.cursor) else ""
        place = f"{self._photos.cursor + 1}/{len(self._photos)}"
        times = self.query_one(Picture).part.zoom
        zoom = [f"×{times}"] if times > 1 else []
        facts = "   " + " · ".join([place, *zoom, *details_of(row)])
        name, room = shown(row.name), self.size.width - 2 - cell_len(sign + mark + facts)
        name = fit(name, room) if cell_len(name) > room else name
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(sign + name + mark, "bold").append(f"{facts}\n")
        text.append(" · ".join([*_remarks(row, has_remote=self._has_remote), *self._shot]))
        self.query_one(Static).update(text, layout=False)

    def action_zoom(self, by: int) -> None:
        """Show less of the photo, larger; or more of it."""
        nearest = f"It is as near as it gets: {key_of(self, 'zoom_out')} zooms out."
        self._look_at(self.query_one(Picture).part.zoomed(by), otherwise=nearest)

    def action_pan(self, right: int, down: int) -> None:
        """Show another part of the photo."""
        self._look_at(self.query_one(Picture).part.panned(right, down), otherwise="The photo ends here.")

    def _look_at(self, part: Part, *, otherwise: str) -> None:
        picture = self.query_one(Picture)
        if part != picture.part:
            picture.look_at(part)
            self._tell()
        else:
            whole = f"This is the whole photo: {key_of(self, 'zoom_in')} zooms in."
            self.notify(whole if part.zoom == 1 else otherwise, markup=False)

    def action_facts(self) -> None:
        """Hide the facts, or show them."""
        facts = self.query_one(Static)
        facts.display = not facts.display

    def action_leave(self) -> None:
        """Go back to the list, at this photo."""
        self.dismiss()


def _remarks(row: Row, *, has_remote: bool) -> list[str]:
    """Return where a photo is, and what is wrong with it."""
    place = {Where.REMOTE: ONLY_REMOTE, Where.ELSEWHERE: str(Where.ELSEWHERE)}.get(row.where, "")
    queued = "backup queued" if has_remote else "backup waits for a remote"
    backup = {"none": "", "queued": queued, "uploaded": "safe on the remote"}.get(
        row.backup, f"backup {row.backup}"
    )
    return [remark for remark in (place or backup, shown(row.error or "")) if remark]
