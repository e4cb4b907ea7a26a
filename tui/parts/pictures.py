"""Pictures: the preview, the contact sheet and the full view of the photos on the screen."""

import threading
from dataclasses import replace

from textual import events, on
from textual.binding import Binding
from textual.message import Message

from tui import messages
from tui.config.settings import Settings
from tui.panes.contact_sheet import ContactSheet
from tui.panes.preview import Preview
from tui.panes.status_bar import StatusBar, Work
from tui.parts.backing_up import BackingUpApp
from tui.parts.folders import FoldersApp
from tui.pictures.characters import characters_for
from tui.pictures.forms import form_for
from tui.pictures.loader import Loader
from tui.pictures.loading import picture_load
from tui.pictures.picture import Picture
from tui.pictures.sources import neighbours
from tui.pictures.thumbnail_cache import ThumbnailCache
from tui.pictures.wanted import Form
from tui.screens.full_view import FullView
from tui.terminal.probe import system_cell
from tui.words.facts import size_of
from tui.work.fetching import Fetching
from tui.work.listing import empty_text
from tui.work.photo_changes import RowsChanged
from tui.work.rows import Where

_NO_PHOTO = "There is no photo here."


class PicturesApp(BackingUpApp, FoldersApp):
    """An app that shows its photos."""

    BINDINGS = [
        Binding("v", "contact_sheet", "Photos as a list or as a contact sheet", id="contact_sheet"),
        Binding("enter", "full_view", "The photo on the whole screen", id="full_view"),
        Binding("F", "fetch_original", "Fetch the original from the remote", id="fetch_original"),
    ]

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is decoded yet.

        Args:
            settings: the remote, and how pictures are drawn.
        """
        super().__init__(settings)
        self._fetching = Fetching(settings)
        fetch = self._fetching.thumbnail if settings.remote is not None else None
        self._pictures = Loader(picture_load(ThumbnailCache(), fetch))
        self._fetch_cancel: threading.Event | None = None

    def _preview(self) -> Preview:
        return Preview(self._pictures, self._form(), id="preview")

    def _contact_sheet(self) -> ContactSheet:
        form = characters_for(self) if self._form() is not None else None
        return ContactSheet(self.photos, self._pictures, form, id="sheet")

    def _form(self) -> Form | None:
        """Return how large pictures are drawn."""
        cell = (self.graphics.cell_width, self.graphics.cell_height)
        return form_for(self, self._settings.preview, self.graphics.protocol, cell)

    def on_resize(self, event: events.Resize) -> None:
        """Draw pictures anew if the terminal's font has become larger or smaller."""
        cell = system_cell(*event.size)
        if cell is not None and cell != self.graphics.system_cell:
            self.graphics = replace(self.graphics, cell_width=cell[0], cell_height=cell[1], system_cell=cell)
            for screen in self.screen_stack:
                for picture in screen.query(Picture):
                    picture.draw_by(self._form())

    def on_mount(self) -> None:
        """Begin to show the photo under the cursor."""
        self.photos.listen(self._show_preview)

    def _show_preview(self, message: Message | None = None) -> None:
        row = self.photos.current
        keys = message.keys if isinstance(message, RowsChanged) else None
        others = keys is not None and (row is None or row.key not in keys)
        if not others and not isinstance(self.screen, FullView):  # which covers the preview
            self.query_one(Preview).show(row, neighbours(self.photos))

    @on(messages.Listed)
    def _say_empty(self, event: messages.Listed) -> None:
        if event.query == self._query:
            self.query_one(ContactSheet).say_empty(empty_text(event, self._root, self._key_of))

    # ---- contact sheet and full view

    def action_contact_sheet(self) -> None:
        """Show the photos as a contact sheet, or as a list again."""
        self.screen.toggle_class("-sheet")
        self.action_pane("list")

    def why_not(self, action: str) -> str | None:
        """Return why there is nothing to fetch; see `KeyedApp.why_not`."""
        row = self.photos.current
        if action == "fetch_original":
            if row is None:
                return _NO_PHOTO
            if row.path is not None:
                return "The original of this photo is on this device."
            if row.where is not Where.REMOTE:
                return "The original of this photo is on another device, and not on the remote yet."
        return super().why_not(action)

    def action_full_view(self) -> None:
        """Show the photo under the cursor on the whole screen."""
        self.photos.when_there(self._show_full)

    def _show_full(self) -> None:
        if self.photos.current is None:
            self._tell(_NO_PHOTO)
        else:
            has_remote = self._settings.remote is not None
            view = FullView(self.photos, self._pictures, self._form(), has_remote=has_remote)
            self.push_screen(view, lambda _: self._show_preview())

    # ---- originals that are only on the remote

    def action_fetch_original(self) -> None:
        """Fetch the original of the photo under the cursor."""
        row, why = self.photos.current, self.why_not("fetch_original")
        if why is not None:
            self._tell(why)
        elif self._fetch_cancel is not None:
            self._tell(f"An original is being fetched; {self._key_of('cancel')} cancels it.")
        elif row is not None and row.md5 is not None:
            md5, cancel = row.md5, threading.Event()
            self._fetch_cancel = cancel
            self.query_one(StatusBar).show_work(Work.FETCH, "fetching the original")
            self._background.run(
                "fetch", lambda _: self._fetching.original(md5, self._root, self.post_message, cancel)
            )

    @on(messages.FetchStep)
    def _show_fetch(self, event: messages.FetchStep) -> None:
        if self._fetch_cancel is not None:
            told = f"fetching the original: {size_of(event.done)} of {size_of(event.total)}"
            self.query_one(StatusBar).show_work(Work.FETCH, told)

    @on(messages.Fetched)
    def _fetch_ended(self, event: messages.Fetched) -> None:
        self._fetch_cancel = None
        self.query_one(StatusBar).show_work(Work.FETCH, "")
        self._tell(event.told, "error" if event.failed else "information")
        self._catalog_changed(photos=True)

    def action_cancel(self) -> None:
        """Cancel the fetch, and what else is under way."""
        if self._fetch_cancel is not None:
            self._fetch_cancel.set()
        super().action_cancel()

    def on_unmount(self) -> None:
        """Decode and fetch nothing any more."""
        self._fetching.cancel.set()
        if self._fetch_cancel is not None:
            self._fetch_cancel.set()
        self._pictures.end()
