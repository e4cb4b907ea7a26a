"""The conflicts, by key."""

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding

from tui import messages
from tui.config.settings import Settings
from tui.parts.pictures import PicturesApp
from tui.pictures.picture import Picture
from tui.screens.conflicts import ConflictsScreen
from tui.words.facts import plural

if TYPE_CHECKING:
    from catalog.conflicts import Decision


class ConflictsApp(PicturesApp):
    """An app that shows its conflicts."""

    BINDINGS = [Binding("c", "conflicts", "Conflicts", id="conflicts")]

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is opened yet.

        Args:
            settings: catalog and remote.
        """
        super().__init__(settings)
        self._decisions: list[list[Decision]] = []
        self._open_conflicts = 0

    def _hints(self, actions: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Count the open conflicts; where there are none, their key is no hint."""
        told = plural(self._open_conflicts, "conflict") if self._open_conflicts else ""
        counted = [(key, told if what == "conflicts" else what) for key, what in super()._hints(actions)]
        return [(key, what) for key, what in counted if what]

    @on(messages.SummaryRead)
    def _count_conflicts(self, event: messages.SummaryRead) -> None:
        if event.summary.open_conflicts != self._open_conflicts:
            self._open_conflicts = event.summary.open_conflicts
            self.show_hints()

    def action_conflicts(self) -> None:
        """Open the conflicts."""
        self.clear_notifications()  # one lies on the keys that decide
        picture = Picture(self._pictures, self._form())
        self.push_screen(ConflictsScreen(self._catalog, self._decisions, picture))

    @on(ConflictsScreen.Decided)
    def _conflicts_decided(self, event: ConflictsScreen.Decided) -> None:
        if event.made:
            self._decisions.append(event.made)
        self._catalog_changed(photos=True)
        self._sync_soon()
