"""The photos that lie in several places, by key; and the way to one of them."""

from textual.binding import Binding

from tui.parts.folders import FoldersApp
from tui.screens.duplicates import DuplicatesScreen, Place


class DuplicatesApp(FoldersApp):
    """An app that lists what it has twice."""

    BINDINGS = [Binding("D", "duplicates", "Photos in several places", id="duplicates")]

    def action_duplicates(self) -> None:
        """List the photos that lie in several places."""
        self.push_screen(DuplicatesScreen(self._root, self._reader, self._background), self._go_to)

    def _go_to(self, place: Place | None) -> None:
        if place is not None:
            self.open_folder(place.folder, place.name)
